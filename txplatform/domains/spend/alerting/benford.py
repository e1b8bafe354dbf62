"""One computation of the Benford tests: the digits of 52 weeks, per department."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import SparkSession

from txplatform.columns import arrow_schema
from txplatform.connectors import spark
from txplatform.domains.spend import tables
from txplatform.domains.spend.alerting import documents
from txplatform.domains.spend.publishing.benford import BenfordWeek
from txplatform.domains.spend.queries.rulebook import rulebook
from txplatform.domains.spend.rules.benford import benford_digits, benford_tests
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.purchases import kept
from txplatform.periods import WEEK, monday_of, mondays
from txplatform.platform import Platform

WEEKS_AT_ONCE = 156
"""Of a city with 10 departments 350,000 rows of digits, whatever the number of its purchases."""
COUNTS = pa.schema(
    [
        ("week", pa.date32()),
        ("department", pa.string()),
        ("two_digits", pa.int32()),
        ("count", pa.int64()),
    ]
)
DIGITS = arrow_schema(tables.benford_digits.columns)
TESTS = arrow_schema(
    column
    for column in tables.benford_tests.columns
    if column.name not in ("computed_at", "run_id")
)


def find_benford(
    platform: Platform, session: SparkSession, wanted: Sequence[date]
) -> Iterator[dict[date, BenfordWeek]]:
    """The Benford tests of some weeks by Monday, part by part as alerts are found.

    Args:
        platform: where the purchases are.
        session: Spark, in this process or over Spark Connect.
        wanted: Mondays, ascending, without a gap.
    """
    rules = rulebook(platform)
    oldest = wanted[0] - WEEK * (rules.population_weeks - 1)
    begins = monday_of(max(oldest, documents.first_day(platform.reading) or wanted[0]))
    counts = COUNTS.empty_table()
    before = mondays(begins, wanted[0] - WEEK)
    parallel = platform.settings.mongo_parallel_reads
    for part in chain(_parts(before), _parts(wanted)):
        read = documents.digit_counts(platform.reading, part[0], part[-1], parallel)
        counts = pa.concat_tables([counts, read.cast(COUNTS)])
        if part[0] >= wanted[0]:
            tested = _tested(session, counts, part, rules)
            yield {week: _of_week(tested, week) for week in part}


def _parts(weeks: Sequence[date]) -> Iterator[Sequence[date]]:
    starts = range(0, len(weeks), WEEKS_AT_ONCE)
    return (weeks[start : start + WEEKS_AT_ONCE] for start in starts)


def _tested(
    session: SparkSession, counts: pa.Table, part: Sequence[date], rules: Rulebook
) -> BenfordWeek:
    with spark.sized(session, counts.num_rows):
        digits = kept(benford_digits(spark.frame(session, counts), part[0], part[-1], rules))
        tests = benford_tests(digits).select(TESTS.names).toArrow().cast(TESTS)
        return BenfordWeek(tests, digits.select(DIGITS.names).toArrow().cast(DIGITS))


def _of_week(tested: BenfordWeek, week: date) -> BenfordWeek:
    return BenfordWeek(
        *(table.filter(pc.equal(table["week_start"], pa.scalar(week))) for table in tested)
    )
