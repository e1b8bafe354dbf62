"""Benford tests: do the leading digits of a department's amounts come as they naturally would?

A statement about a population, never about one purchase. Source: Nigrini, Forensic Analytics (2nd
edition, 2020): digits, mean absolute deviation and its classes of conformity.
"""

from datetime import date
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from txplatform.domains.spend.rules.catalogue import DAYS_PER_WEEK, Rulebook

SHARE = DecimalType(28, 6)
LOWEST_AMOUNT = 10
ORGANISATION = ""
KEY = ("week_start", "department", "test")


class DigitTest(NamedTuple):
    """One test: its digits, the fewest purchases, and the highest deviation of each class."""

    name: str
    first_digits: int
    last_digits: int
    divisor: int
    """Of the first two digits, to get the digits of this test."""
    fewest_purchases: int
    close: float
    acceptable: float
    marginal: float


TESTS = (
    DigitTest("first_digit", 1, 9, 10, 300, 0.006, 0.012, 0.015),
    DigitTest("first_two_digits", 10, 99, 1, 1_000, 0.0012, 0.0018, 0.0022),
)


def benford_digits(
    transactions: DataFrame, first_week: date, last_week: date, rules: Rulebook
) -> DataFrame:
    """How often each leading digit begins an amount, in the 52 weeks that end with each week.

    Args:
        transactions: `department`, `transaction_date`, `amount` of the weeks wanted and of the 51
            before; refunds and amounts below 10 do not count.
        first_week: Monday of the first week wanted.
        last_week: Monday of the last week wanted, inclusive.
        rules: says how many weeks.

    Returns:
        The columns of the table `benford_digits`: one row per week, department (empty: the
        organisation), test and digits, the digits that never came included.
    """
    counts = _counts_of_windows(transactions, first_week, last_week, rules.population_weeks)
    rows = [_digits_of_test(counts, test) for test in TESTS]
    return rows[0].unionByName(rows[1])


def benford_tests(digits: DataFrame) -> DataFrame:
    """The columns of the table `benford_tests`, from the rows of `benford_digits`.

    The mean absolute deviation is over the digits of the test, from the counts; rounded half up.
    It and its class are empty where there are too few purchases.
    """
    total = F.sum("purchase_count").over(Window.partitionBy(*KEY))
    deviation = F.abs(F.col("purchase_count") / total - _expected())
    tested = (
        digits.withColumn("deviation", deviation)
        .groupBy(*KEY)
        .agg(
            F.sum("purchase_count").cast("int").alias("purchase_count"),
            F.avg("deviation").cast(SHARE).alias("mean"),
        )
    )
    return tested.select(
        *KEY,
        "purchase_count",
        F.when(_is_enough(), F.col("mean")).alias("mean_absolute_deviation"),
        F.when(_is_enough(), _conformity()).alias("conformity"),
    )


def _counts_of_windows(
    transactions: DataFrame, first_week: date, last_week: date, weeks: int
) -> DataFrame:
    """Purchases per window (named by its last week), department and first two digits."""
    week = F.date_trunc("week", "transaction_date").cast("date")
    two_digits = F.substring(F.col("amount").cast("string"), 1, 2).cast("int")
    weekly = (
        transactions.where(F.col("amount") >= LOWEST_AMOUNT)
        .groupBy(week.alias("week"), "department", two_digits.alias("two_digits"))
        .agg(F.count("*").alias("count"))
    )
    first = F.greatest("week", F.lit(first_week))
    last = F.least(F.date_add("week", DAYS_PER_WEEK * (weeks - 1)), F.lit(last_week))
    windows = F.sequence(first, last, F.expr("INTERVAL 7 DAYS"))
    departments = F.explode(F.array(F.lit(ORGANISATION), F.col("department")))
    return (
        weekly.where(first <= last)
        .withColumn("week_start", F.explode(windows))
        .withColumn("department", departments)
        .groupBy("week_start", "department", "two_digits")
        .agg(F.sum("count").alias("count"))
    )


def _digits_of_test(counts: DataFrame, test: DigitTest) -> DataFrame:
    digits = F.floor(F.col("two_digits") / test.divisor).cast("int")
    by_digits = counts.groupBy("week_start", "department", digits.alias("digits")).agg(
        F.sum("count").alias("count")
    )
    groups = by_digits.groupBy("week_start", "department").agg(
        F.sum("count").alias("total"),
        F.map_from_entries(F.collect_list(F.struct("digits", "count"))).alias("counts"),
    )
    all_digits = F.sequence(F.lit(test.first_digits), F.lit(test.last_digits))
    count = F.coalesce(F.try_element_at("counts", F.col("digits")), F.lit(0)).cast("int")
    return groups.withColumn("digits", F.explode(all_digits)).select(
        "week_start",
        "department",
        F.lit(test.name).alias("test"),
        "digits",
        count.alias("purchase_count"),
        (count / F.col("total")).cast(SHARE).alias("observed_share"),
        _expected().cast(SHARE).alias("expected_share"),
    )


def _expected() -> Column:
    """Benford's law: log10(1 + 1 / digits)."""
    return F.log10(1 + 1 / F.col("digits"))


def _is_enough() -> Column:
    return F.col("purchase_count") >= _of_test("fewest_purchases")


def _conformity() -> Column:
    mean = F.col("mean")
    return (
        F.when(mean <= _of_test("close"), "close")
        .when(mean <= _of_test("acceptable"), "acceptable")
        .when(mean <= _of_test("marginal"), "marginal")
        .otherwise("none")
    )


def _of_test(attribute: str) -> Column:
    """A figure of the row's test."""
    first, second = (F.lit(getattr(test, attribute)) for test in TESTS)
    return F.when(F.col("test") == TESTS[0].name, first).otherwise(second)
