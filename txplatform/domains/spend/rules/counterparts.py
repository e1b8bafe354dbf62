"""Rules about a purchase's counterparts: its twin, the same again, what a refund gives back."""

from datetime import timedelta
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import (
    alike,
    found_in_groups,
    found_in_purchases,
    grouped_purchases,
    money,
)
from txplatform.domains.spend.rules.purchases import Purchases

SAME = ("buyer", "merchant_key", "amount")
DAY = (*SAME, "transaction_date")


def duplicate(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """DUPLICATE: one buyer, merchant, amount and day; all but one purchase are at risk."""
    is_candidate = (F.col("amount") >= money(rule.parameters["lowest_amount"])) & F.col(
        "merchant_key"
    ).isNotNull()
    fewest = rule.parameters["fewest_purchases"]
    candidates = purchases.wanted.where(is_candidate)
    some = alike(candidates, DAY, f"count(*) >= {fewest}")
    twins = grouped_purchases(some, *SAME).where(F.col("transaction_count") >= fewest)
    return found_in_groups(twins, rule, "total - amount", {"amount": "amount"})


def repeat(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """REPEAT: the same again 1 to 7 days after the last day with it, unless it comes weekly.

    One finding per pair of neighbouring days, made of the later day's purchases.
    """
    longest = rule.parameters["longest_step_days"]
    near = f"merchant_key IS NOT NULL AND days_before <= {2 * longest}"
    known = purchases.positive.where(near)
    # Twins of one day are one day of it: what recurs on others is ordered, and little else.
    days = alike(known.select("days_before", *DAY).distinct(), SAME, "count(*) >= 2")
    with_earlier = days.withColumns(
        {"earlier_date": _day_before(), "is_regular": _is_there(2 * longest)}
    )
    step = F.date_diff("transaction_date", "earlier_date")
    is_exempt = (step == longest) & F.col("is_regular")
    again = with_earlier.where(purchases.is_wanted & step.between(1, longest) & ~is_exempt)
    later = known.join(F.broadcast(again.select(*DAY, "earlier_date")), [*DAY])
    later_days = grouped_purchases(later, *SAME, "earlier_date")
    step_days = "date_diff(transaction_date, earlier_date)"
    evidence = {"days": step_days, "amount": "amount", "earlier_date": "earlier_date"}
    return found_in_groups(later_days, rule, "total", evidence)


def _day_before() -> Column:
    """The last day before a day with the same."""
    day_number = F.unix_date("transaction_date")
    earlier = Window.partitionBy(*SAME).orderBy(day_number)
    return F.max("transaction_date").over(earlier.rangeBetween(Window.unboundedPreceding, -1))


def _is_there(days: int) -> Column:
    """Whether there is the same exactly so many days earlier."""
    day_number = F.unix_date("transaction_date")
    then = Window.partitionBy(*SAME).orderBy(day_number).rangeBetween(-days, -days)
    return F.count("transaction_date").over(then) > 0


DIVISION_THERE = ("division_key", "merchant_key")


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
    near = purchases.positive.where(F.col("days_before") <= days)
    candidates = near.join(
        F.broadcast(refunds.select(*DIVISION_THERE)), [*DIVISION_THERE], "left_semi"
    )
    bought = candidates.select(
        *(
            F.col(name).alias(f"bought_{name}")
            for name in (*DIVISION_THERE, "transaction_date", "amount")
        )
    )
    unmatched = refunds.join(bought, on=_is_match(days), how="left_anti")
    return found_in_purchases(unmatched, rule, {"days": str(days)})


def _is_match(days: int) -> Column:
    is_same = [F.col(name) == F.col(f"bought_{name}") for name in DIVISION_THERE]
    bought_on, refunded_on = F.col("bought_transaction_date"), F.col("transaction_date")
    is_in_time = bought_on.between(F.date_sub(refunded_on, days), refunded_on)
    is_enough = F.col("bought_amount") >= -F.col("amount")
    return reduce(Column.__and__, [*is_same, is_in_time, is_enough])
