"""The rule about merchants where nobody of the organisation bought before."""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import as_money, found_in_purchases
from txplatform.domains.spend.rules.populations import with_population
from txplatform.domains.spend.rules.purchases import Purchases


def new_merchant(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """NEW_MERCHANT: a large purchase, for its category, on the first day ever at its merchant.

    Not within 90 days of the first busy week: every merchant is new while the data begin.
    """
    candidates = purchases.wanted
    if purchases.scope.busy_from is None:
        return _found(candidates.limit(0), purchases, rule)
    settled = purchases.scope.busy_from + timedelta(days=rule.parameters["quiet_days"])
    late = candidates.where(F.col("transaction_date") > F.lit(settled))
    return _found(late, purchases, rule)


def _found(candidates: DataFrame, purchases: Purchases, rule: Rule) -> DataFrame:
    on_first_day = candidates.join(purchases.first_days, "merchant_key").where(
        "transaction_date = first_day"
    )
    large = with_population(on_first_day, purchases.populations).where("amount >= usual_amount")
    percentile = f"{rule.parameters['percentile'].normalize():f}"
    evidence = {
        "category": "category",
        "usual": as_money("usual_amount"),
        "percentile": f"'{percentile}'",
    }
    return found_in_purchases(large, rule, evidence)
