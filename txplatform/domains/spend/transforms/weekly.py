"""`weekly_transactions` in Spark's DataFrame API, decimal throughout: spend contract, section 2."""

from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from txplatform.domains.spend.tables import WEEKLY_KEY, WEEKLY_VALUES

MONEY = DecimalType(18, 2)
SHARE_SCALE = 6
PERCENT_SCALE = 4
DAYS_PER_WEEK = 7


def division_sums(transactions: DataFrame) -> DataFrame:
    """Sum transactions per week, department and division.

    Args:
        transactions: `department`, `division`, `transaction_date` (date), `amount` (decimal),
            `fingerprint` (long), one row per purchase.

    Returns:
        One row per key with `total_amount`, `refund_amount` (<= 0), `transaction_count` and
        the sum of `fingerprint`.
    """
    refund = F.when(F.col("amount") < 0, F.col("amount")).otherwise(F.lit(0).cast(MONEY))
    return transactions.groupBy(
        F.date_trunc("week", "transaction_date").cast("date").alias("week_start"),
        "department",
        "division",
    ).agg(
        F.sum("amount").cast(MONEY).alias("total_amount"),
        F.sum(refund).cast(MONEY).alias("refund_amount"),
        F.count("*").alias("transaction_count"),
        F.sum("fingerprint").alias("fingerprint"),
    )


def weekly_transactions(sums: DataFrame, first: date, last: date) -> DataFrame:
    """Compute the rows of `weekly_transactions` for the weeks `first` to `last`.

    Args:
        sums: partial sums per week, department and division (a key may come in several rows,
            as from sliced reads), from the week before `first` on.
        first: Monday of the first week wanted.
        last: Monday of the last week wanted, inclusive.

    Returns:
        The contract's key and value columns, one row per week, department and division.
    """
    divisions = sums.groupBy(*WEEKLY_KEY).agg(
        F.sum("total_amount").cast(MONEY).alias("total_amount"),
        F.sum("refund_amount").cast(MONEY).alias("refund_amount"),
        F.sum("transaction_count").cast("int").alias("transaction_count"),
    )
    with_totals = divisions.withColumns(
        {
            "department_amount": _total_over("week_start", "department"),
            "week_amount": _total_over("week_start"),
        }
    )
    with_previous = with_totals.withColumn(
        "department_previous_amount", _of_previous_calendar_week("department_amount")
    )
    # As text: a date is written into the code that Spark compiles, which every week would be anew.
    is_wanted = F.col("week_start").cast("string").between(str(first), str(last))
    return with_previous.where(is_wanted).withColumns(_ratios()).select(*WEEKLY_KEY, *WEEKLY_VALUES)


def _total_over(*keys: str) -> Column:
    return F.sum("total_amount").over(Window.partitionBy(*keys)).cast(MONEY)


def _of_previous_calendar_week(amount: str) -> Column:
    """The department's `amount` exactly seven days earlier, NULL if it had no row then.

    A range frame over day numbers: `lag` would take the previous *present* week.
    """
    day_number = F.unix_date("week_start")
    week_before = (
        Window.partitionBy("department")
        .orderBy(day_number)
        .rangeBetween(-DAYS_PER_WEEK, -DAYS_PER_WEEK)
    )
    return F.max(amount).over(week_before)


def _ratios() -> dict[str, Column]:
    total, department, week, previous = (
        F.col(name)
        for name in (
            "total_amount",
            "department_amount",
            "week_amount",
            "department_previous_amount",
        )
    )
    return {
        "department_share": _quotient(department, week, SHARE_SCALE),
        "division_share_of_department": _quotient(total, department, SHARE_SCALE),
        "division_share_of_week": _quotient(total, week, SHARE_SCALE),
        "department_change_pct": _quotient(department - previous, previous, PERCENT_SCALE, 100),
    }


def _quotient(numerator: Column, denominator: Column, scale: int, factor: int = 1) -> Column:
    """numerator / denominator * factor, rounded half up (away from zero), once; else NULL.

    In whole cents: floor((2 |n| f 10^s + d) / (2 d)) / 10^s. Spark's own decimal division keeps
    20 digits and `round` would then round a second time. `x - x % y` makes the division exact.
    """
    cents = DecimalType(38, 0)
    numerator_cents = (F.abs(numerator) * 100).cast(cents)
    doubled = (denominator * 200).cast(cents)
    scaled = (numerator_cents * F.lit(2 * factor * 10**scale).cast(DecimalType(10, 0))).cast(cents)
    dividend = (scaled + (denominator * 100).cast(cents)).cast(cents)
    floored = ((dividend - dividend % doubled).cast(cents) / doubled).cast(cents)
    sign = F.when(numerator < 0, F.lit(-1)).otherwise(F.lit(1))
    shifted = floored.cast(DecimalType(28, 0)) * F.lit(Decimal(1).scaleb(-scale))
    return F.when(denominator > 0, (shifted * sign).cast(DecimalType(28, scale)))
