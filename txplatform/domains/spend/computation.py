"""One computation of some weeks: read the sums, let Spark compute, reconcile, split by week."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import SparkSession

from txplatform.connectors import spark
from txplatform.connectors.lake import with_metadata
from txplatform.domains.spend import weeks
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.domains.spend.transforms.invariants import require_reconciled
from txplatform.domains.spend.transforms.weekly import weekly_transactions
from txplatform.domains.spend.weeks import WEEK, WeekMeasure
from txplatform.errors import ReconciliationError
from txplatform.platform import Platform

ATTEMPTS = 3


def measure(platform: Platform, wanted: Sequence[date]) -> dict[str, WeekMeasure]:
    """Measure weeks in the collection, by partition key."""
    found = weeks.measure(
        platform.database, wanted[0], wanted[-1], platform.settings.mongo_parallel_reads
    )
    return {week.isoformat(): found[week] for week in wanted}


def compute(
    platform: Platform, session: SparkSession, wanted: Sequence[date]
) -> dict[str, pa.Table]:
    """Compute the rows of `weekly_transactions` of some weeks.

    Returns:
        By partition key, the week's rows (contract columns) with what they were computed from
        as schema metadata; an empty table for a week without documents.

    Raises:
        ReconciliationError: rows and documents do not agree; nothing was written.
    """
    first, last = wanted[0], wanted[-1]
    sums, measures = _read_at_rest(platform, first - WEEK, last)
    computed = weekly_transactions(spark.frame(session, sums), first, last).toArrow()
    documents = {
        week: (measures[week][1], measures[week][2]) for week in weeks.mondays(first, last)
    }
    require_reconciled(computed, documents, first, last)
    return {week.isoformat(): _week_of(computed, week, measures) for week in wanted}


def _read_at_rest(
    platform: Platform, first: date, last: date
) -> tuple[pa.Table, dict[date, WeekMeasure]]:
    """The sums of some weeks with measures that agree: an ingestion may run at the same time."""
    parallel = platform.settings.mongo_parallel_reads
    for _ in range(ATTEMPTS):
        sums = weeks.division_sums(platform.database, first, last, parallel)
        measures = weeks.measure(platform.database, first, last, parallel)
        if weeks.measures_of(sums, first, last) == measures:
            return sums, measures
    raise ReconciliationError(
        f"The transactions of the weeks {first} to {last} kept changing while they were read "
        f"({ATTEMPTS} times): run these weeks again when the ingestion is over."
    )


def _week_of(rows: pa.Table, week: date, measures: dict[date, WeekMeasure]) -> pa.Table:
    of_week = rows.filter(pc.equal(rows["week_start"], pa.scalar(week)))
    return with_metadata(
        of_week,
        {
            "fingerprint": measures[week].fingerprint,
            "previous_fingerprint": measures[week - WEEK].fingerprint,
            "code_version": CODE_VERSION,
        },
    )
