"""The rule about refunds that belong to no purchase."""

from datetime import timedelta
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import found_in_purchases
from txplatform.domains.spend.rules.purchases import Purchases

SAME = ("department", "division", "merchant_key")


def refund_unmatched(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """REFUND_UNMATCHED: no purchase of that amount by the division there in the 180 days before.

    The first 180 days of data are not scored: their purchases are not known.
    """
    days = rule.parameters["look_back_days"]
    known_from = purchases.scope.data_begins + timedelta(days=days)
    refunds = purchases.transactions.where(
        purchases.is_wanted
        & (F.col("amount") < 0)
        & (F.col("transaction_date") >= F.lit(known_from))
        & F.col("merchant_key").isNotNull()
    )
    since = purchases.scope.first_week - timedelta(days=days)
    near = purchases.positive.where(F.col("transaction_date") >= F.lit(since))
    candidates = near.join(F.broadcast(refunds.select(*SAME)), [*SAME], "left_semi")
    bought = candidates.select(
        *(F.col(name).alias(f"bought_{name}") for name in (*SAME, "transaction_date", "amount"))
    )
    unmatched = refunds.join(bought, on=_is_match(days), how="left_anti")
    return found_in_purchases(unmatched, rule, {"days": str(days)})


def _is_match(days: int) -> Column:
    is_same = [F.col(name) == F.col(f"bought_{name}") for name in SAME]
    bought_on, refunded_on = F.col("bought_transaction_date"), F.col("transaction_date")
    is_in_time = bought_on.between(F.date_sub(refunded_on, days), refunded_on)
    is_enough = F.col("bought_amount") >= -F.col("amount")
    return reduce(Column.__and__, [*is_same, is_in_time, is_enough])
