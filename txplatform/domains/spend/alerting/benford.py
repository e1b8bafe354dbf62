"""One computation of the Benford tests: the digits of 52 weeks, per department."""

from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import SparkSession

from txplatform.connectors import postgres, spark
from txplatform.domains.spend import planning, tables
from txplatform.domains.spend.alerting import documents
from txplatform.domains.spend.alerting.batches import batches
from txplatform.domains.spend.publishing.benford import BenfordWeek
from txplatform.domains.spend.rules.benford import benford_digits, benford_tests
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.purchases import kept
from txplatform.periods import WEEK
from txplatform.platform import Platform

DIGITS = postgres.arrow_schema(tables.benford_digits.columns)
TESTS = postgres.arrow_schema(
    column
    for column in tables.benford_tests.columns
    if column.name not in ("computed_at", "run_id")
)


def find_benford(
    platform: Platform, session: SparkSession, wanted: Sequence[date]
) -> Iterator[dict[str, BenfordWeek]]:
    """The Benford tests of some weeks by partition key, part by part as alerts are found.

    Args:
        platform: where the purchases are.
        session: Spark, in this process or over Spark Connect.
        wanted: Mondays, ascending, without a gap.
    """
    rules = planning.rulebook(platform)
    look_back = rules.population_weeks - 1
    for part in batches(platform, wanted, look_back):
        first, parallel = part[0] - WEEK * look_back, platform.settings.mongo_parallel_reads
        read = documents.amounts(platform.reading, first, part[-1], parallel)
        tested = _tested(session, read, part, rules)
        yield {week.isoformat(): _of_week(tested, week) for week in part}


def _tested(
    session: SparkSession, read: pa.Table, part: Sequence[date], rules: Rulebook
) -> BenfordWeek:
    is_wanted = pc.greater_equal(read["transaction_date"], pa.scalar(part[0]))
    with spark.sized(session, pc.sum(is_wanted).as_py() or 0):  # the past is only counted
        digits = kept(benford_digits(spark.frame(session, read), part[0], part[-1], rules))
        tests = benford_tests(digits).select(TESTS.names).toArrow().cast(TESTS)
        return BenfordWeek(tests, digits.select(DIGITS.names).toArrow().cast(DIGITS))


def _of_week(tested: BenfordWeek, week: date) -> BenfordWeek:
    return BenfordWeek(
        *(table.filter(pc.equal(table["week_start"], pa.scalar(week))) for table in tested)
    )
