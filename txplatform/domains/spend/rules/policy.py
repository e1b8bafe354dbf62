"""Rules about what policy forbids: some categories, and days when nobody should be at work."""

import re
from collections.abc import Sequence
from datetime import date

import holidays
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import found_in_purchases
from txplatform.domains.spend.rules.merchant_keys import normalised
from txplatform.domains.spend.rules.purchases import Purchases
from txplatform.errors import UsageError


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


SATURDAY, SUNDAY = 5, 6  # as Spark's weekday counts


def weekend(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """WEEKEND: a Saturday, a Sunday or a holiday; some categories work on such days."""
    days_off = holidays_between(
        rule.parameters["calendar"], purchases.scope.first_week, purchases.scope.last_week
    )
    off = purchases.wanted.withColumn("occasion", _occasion(days_off)).where(
        F.col("occasion").isNotNull()
        & ~has_phrase(purchases, rule.parameters["excepted_categories"])
    )
    return found_in_purchases(off, rule, {"occasion": "occasion"})


def holidays_between(calendar: str, first_week: date, last_week: date) -> dict[date, str]:
    """Holidays with their names in the years of some weeks, from the package `holidays`.

    Args:
        calendar: country, or country and subdivision (`US`, `GB-ENG`); empty: none.
        first_week: Monday of the first week.
        last_week: Monday of the last week; the year of its Sunday is included.

    Raises:
        UsageError: there is no such calendar.
    """
    if not calendar:
        return {}
    country, _, subdivision = calendar.partition("-")
    years = range(first_week.year, last_week.year + 2)
    try:
        return dict(holidays.country_holidays(country, subdivision or None, years=years))
    except NotImplementedError:
        raise UsageError(
            f"Rules file: WEEKEND.parameters.calendar {calendar!r} is not known; use a country's "
            "ISO 3166 code such as 'US', with a subdivision such as 'GB-ENG'."
        ) from None


def _occasion(days_off: dict[date, str]) -> Column:
    """Why nobody should be at work on a day: a holiday's name, Saturday or Sunday; else NULL."""
    weekday = F.weekday("transaction_date")
    occasion = F.when(weekday == SATURDAY, "Saturday").when(weekday == SUNDAY, "Sunday")
    if not days_off:
        return occasion
    pairs = [part for day, name in days_off.items() for part in (F.lit(day), F.lit(name))]
    return F.coalesce(F.try_element_at(F.create_map(*pairs), "transaction_date"), occasion)
