"""`weekly_transactions` in Spark's DataFrame API, decimal throughout (docs/spend.md)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from txplatform import money
from txplatform.domains.spend.tables import WEEKLY_KEY, WEEKLY_VALUES

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
    refund = F.when(F.col("amount") < 0, F.col("amount")).otherwise(F.lit(0).cast(money.SPARK))
    return transactions.groupBy(
        F.date_trunc("week", "transaction_date").cast("date").alias("week_start"),
        "department",
        "division",
    ).agg(
        F.sum("amount").cast(money.SPARK).alias("total_amount"),
        F.sum(refund).cast(money.SPARK).alias("refund_amount"),
        F.count("*").alias("transaction_count"),
        F.sum("fingerprint").alias("fingerprint"),
    )


def weekly_transactions(sums: DataFrame, first: date, last: date) -> DataFrame:
    """Compute the rows of `weekly_transactions` for the weeks `first` to `last`.

    Args:
        sums: partial sums per week, department and division (a key may come in several rows,
            as refunds do), from the week before `first` on.
        first: Monday of the first week wanted.
        last: Monday of the last week wanted, inclusive.

    Returns:
        The key and value columns of weekly_transactions, one row per week, department and division.
    """
    # By week from the start: Spark would deal rows out by key, and then by week for the windows.
    divisions = (
        sums.repartition("week_start")
        .groupBy(*WEEKLY_KEY)
        .agg(
            F.sum("total_amount").cast(money.SPARK).alias("total_amount"),
            F.sum("refund_amount").cast(money.SPARK).alias("refund_amount"),
            F.sum("transaction_count").cast("int").alias("transaction_count"),
        )
    )
    with_totals = divisions.selectExpr("*", *_totals())
    with_previous = with_totals.selectExpr("*", _of_previous_calendar_week())
    # As text: a date is written into the code that Spark compiles, which every week would be anew.
    is_wanted = F.col("week_start").cast("string").between(str(first), str(last))
    dividends = with_previous.where(is_wanted).selectExpr("*", *_dividends())
    return dividends.selectExpr(*WEEKLY_KEY, *(_ratios().get(name, name) for name in WEEKLY_VALUES))


# From here on as SQL text: built of columns, these expressions are 1,700 calls from Python to Java,
# which take longer than Spark takes for the rows of a week.


def _totals() -> Iterator[str]:
    keys = {"department_amount": "week_start, department", "week_amount": "week_start"}
    for name, partition in keys.items():
        total = f"sum(total_amount) OVER (PARTITION BY {partition})"
        yield f"CAST({total} AS {money.SPARK}) AS {name}"


def _of_previous_calendar_week() -> str:
    """The department's amount exactly seven days earlier, NULL if it had no row then.

    A range frame over day numbers: `lag` would take the previous *present* week.
    """
    return f"""
        max(department_amount) OVER (
            PARTITION BY department ORDER BY unix_date(week_start)
            RANGE BETWEEN {DAYS_PER_WEEK} PRECEDING AND {DAYS_PER_WEEK} PRECEDING
        ) AS department_previous_amount"""


class _Quotient(NamedTuple):
    """numerator / denominator * factor, rounded half up (away from zero), once; else NULL.

    In whole numbers: trunc((2 n f 10^s + d) / (2 d)) / 10^s, with - d where n is negative. Spark's
    own decimal division keeps 20 digits and `round` would then round a second time. `x - x % y`
    makes the division exact; money has at most 19 digits, so that no step reaches Spark's 38.
    """

    name: str
    numerator: str
    denominator: str
    scale: int
    factor: int = 1

    @property
    def dividend(self) -> str:
        """A column of its own, since the quotient needs it twice."""
        numerator = f"{self.numerator} * {2 * self.factor * 10**self.scale}"
        half = f"IF({self.numerator} < 0, -{self.denominator}, {self.denominator})"
        return f"{numerator} + {half} AS {self.name}_dividend"

    @property
    def column(self) -> str:
        """The quotient, of the dividend's column."""
        dividend, divisor = f"{self.name}_dividend", f"({self.denominator} * 2)"
        whole = f"CAST(({dividend} - {dividend} % {divisor}) / {divisor} AS DECIMAL(28, 0))"
        unit = f"{Decimal(1).scaleb(-self.scale):f}BD"
        quotient = f"CAST({whole} * {unit} AS DECIMAL(28, {self.scale}))"
        return f"IF({self.denominator} > 0, {quotient}, NULL) AS {self.name}"


_CHANGE = "(department_amount - department_previous_amount)"
_QUOTIENTS = (
    _Quotient("department_share", "department_amount", "week_amount", SHARE_SCALE),
    _Quotient("division_share_of_department", "total_amount", "department_amount", SHARE_SCALE),
    _Quotient("division_share_of_week", "total_amount", "week_amount", SHARE_SCALE),
    _Quotient("department_change_pct", _CHANGE, "department_previous_amount", PERCENT_SCALE, 100),
)


def _dividends() -> Iterator[str]:
    return (one.dividend for one in _QUOTIENTS)


def _ratios() -> dict[str, str]:
    return {one.name: one.column for one in _QUOTIENTS}
