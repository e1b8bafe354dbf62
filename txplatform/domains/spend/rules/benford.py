"""Benford tests: do the leading digits of a department's amounts come as they naturally would?

A statement about a population, never about one purchase. Source: Nigrini, Forensic Analytics (2nd
edition, 2020): digits, mean absolute deviation and its classes of conformity.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from txplatform.domains.spend.rules.catalogue import DAYS_PER_WEEK, Rulebook

SHARE = DecimalType(28, 6)
LOWEST_AMOUNT = Decimal("10.00")
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
    counts: DataFrame, first_week: date, last_week: date, rules: Rulebook
) -> DataFrame:
    """How often each leading digit begins an amount, in the 52 weeks that end with each week.

    Args:
        counts: how many amounts of a `week` and `department` begin with each `two_digits`
            (`count`), of the weeks wanted and of the 51 before.
        first_week: Monday of the first week wanted.
        last_week: Monday of the last week wanted, inclusive.
        rules: says how many weeks.

    Returns:
        The columns of the table `benford_digits`: one row per week, department (empty: the
        organisation), test and digits, the digits that never came included.
    """
    weekly = _by_test(counts)
    changes = _changes(weekly, first_week, last_week, rules.population_weeks)
    key = ("department", "test", "digits")
    in_order = Window.partitionBy(*key).orderBy("since")
    until = F.coalesce(F.date_sub(F.lead("since").over(in_order), DAYS_PER_WEEK), F.lit(last_week))
    held = changes.withColumns({"count": F.sum("change").over(in_order), "until": until})
    weeks = F.sequence("since", "until", F.expr("INTERVAL 7 DAYS"))
    found = held.select(F.explode(weeks).alias("week_start"), *key, "count")
    total = F.sum("count").over(Window.partitionBy(*KEY))
    return (
        found.withColumn("total", total)
        .where("total > 0")
        .select(
            *KEY,
            F.col("digits").cast("int"),
            F.col("count").cast("int").alias("purchase_count"),
            (F.col("count") / F.col("total")).cast(SHARE).alias("observed_share"),
            _expected().cast(SHARE).alias("expected_share"),
        )
    )


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


def _changes(weekly: DataFrame, first_week: date, last_week: date, weeks: int) -> DataFrame:
    """By how much the count of digits changes with the window that ends with the week `since`.

    A week's purchases come into the windows that end with it and leave them 52 weeks later: two
    changes instead of 52 rows. All digits begin with 0, so that those that never came are there.

    Returns:
        One row per `department` (the organisation among them), `test`, `digits` and `since`.
    """
    comes = F.greatest("week", F.lit(first_week)).alias("since")
    leaves = F.date_add("week", DAYS_PER_WEEK * weeks).alias("since")
    change = F.col("count").alias("change")
    both = F.array(F.struct(comes, change), F.struct(leaves, (-change).alias("change")))
    key = ("department", "test", "digits")
    changes = (
        weekly.where(leaves > F.lit(first_week))
        .select(*key, F.inline(both))
        .where(F.col("since") <= F.lit(last_week))
    )
    known = changes.select("department").distinct()
    zeros = known.select("department", F.inline(_all_digits()), F.lit(first_week), F.lit(0))
    return changes.union(zeros).groupBy(*key, "since").agg(F.sum("change").alias("change"))


def _by_test(counts: DataFrame) -> DataFrame:
    """Purchases per `week`, `department` (the organisation among them), `test` and `digits`."""
    departments = F.explode(F.array(F.lit(ORGANISATION), F.col("department")))
    digits = (
        F.struct(F.lit(t.name).alias("test"), F.expr(f"two_digits DIV {t.divisor}").alias("digits"))
        for t in TESTS
    )
    return counts.withColumn("department", departments).select("*", F.inline(F.array(*digits)))


def _all_digits() -> Column:
    """Every digit of every test, as an array of structs."""
    of_tests = (
        f"transform(sequence({test.first_digits}L, {test.last_digits}L),"
        f" digits -> named_struct('test', '{test.name}', 'digits', digits))"
        for test in TESTS
    )
    return F.expr(f"concat({', '.join(of_tests)})")


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
