"""The rule about what may not be bought, and how a category is recognised."""

import re
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import found_in_purchases
from txplatform.domains.spend.rules.merchant_keys import normalised
from txplatform.domains.spend.rules.purchases import Purchases


def category(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """CATEGORY: a prohibited category (high) or a restricted one (medium)."""
    lists = ("prohibited", "restricted")
    found_on = F.coalesce(
        *(F.when(has_phrase(purchases, rule.parameters[name]), F.lit(name)) for name in lists)
    )
    listed = purchases.wanted.withColumn("list", found_on).where("list IS NOT NULL")
    severity = f"if(list = 'prohibited', '{rule.severity}', 'medium')"
    evidence = {"category": "category", "list": "list"}
    return found_in_purchases(listed, rule, evidence, severity)


def has_phrase(purchases: Purchases, phrases: Sequence[str]) -> Column:
    """Whether a row's category holds one of the phrases as whole words, in any case or plural.

    So `toll` is found in "Bridge and Road Fees Tolls", and `bar` not in "Barber". A category is
    taken apart once, and not for each of its purchases.
    """
    words = [normalised(phrase) for phrase in phrases]
    if not any(words):
        return F.lit(False)
    pattern = re.compile(f"(^| )({'|'.join(filter(None, words))})(S|ES)?( |$)")
    return F.col("category").isin(
        [name for name in purchases.categories if pattern.search(normalised(name))]
    )
