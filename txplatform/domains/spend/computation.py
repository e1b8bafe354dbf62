"""One computation of some weeks: read the sums, let Spark compute, reconcile, split by week."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import NamedTuple

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import SparkSession

from txplatform.connectors import spark
from txplatform.connectors.lake import with_metadata
from txplatform.domains.spend import measuring
from txplatform.domains.spend.alerting import documents
from txplatform.domains.spend.measuring import WeekMeasure, unfit
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources import ingestions
from txplatform.domains.spend.transforms import CODE_VERSION, without_spark
from txplatform.domains.spend.transforms.invariants import require_reconciled
from txplatform.domains.spend.transforms.weekly import weekly_transactions
from txplatform.errors import ReconciliationError
from txplatform.periods import WEEK
from txplatform.platform import Platform

ATTEMPTS = 3


class Reading(NamedTuple):
    """What MongoDB said of some weeks, and what was being ingested when it was asked."""

    sums: pa.Table
    measures: dict[date, WeekMeasure]
    activity: ingestions.Activity
    unfit: unfit.Unfit


def measure(platform: Platform, wanted: Sequence[date]) -> dict[date, WeekMeasure]:
    """Measure weeks in the collection."""
    found = measuring.measure(
        platform.database, wanted[0], wanted[-1], platform.settings.mongo_parallel_reads
    )
    return {week: found[week] for week in wanted}


def compute(
    platform: Platform, open_session: Callable[[], SparkSession], wanted: Sequence[date]
) -> dict[date, pa.Table]:
    """Compute the rows of `weekly_transactions` of some weeks, as `compute_fit` does.

    Raises:
        ReconciliationError: rows and documents do not agree; nothing was written.
        UnfitWeeksError: sums of a week do not fit into the table; nothing was written.
    """
    computed, refusal = compute_fit(platform, open_session, wanted)
    if refusal:
        raise refusal
    return computed


def compute_fit(
    platform: Platform, open_session: Callable[[], SparkSession], wanted: Sequence[date]
) -> tuple[dict[date, pa.Table], unfit.UnfitWeeksError | None]:
    """Compute the rows of some weeks, but for those that cannot be, with the settings' engine.

    Args:
        platform: where the purchases are.
        open_session: gives the Spark session; not called by the engine that needs none.
        wanted: Mondays, ascending, without a gap.

    Returns:
        By Monday, the week's rows (docs/spend.md) with what they were computed from
        as schema metadata, an empty table for a week without documents; and what to say of the
        weeks that are left out, if any.

    Raises:
        ReconciliationError: rows and documents do not agree; nothing was written.
    """
    first, last = wanted[0], wanted[-1]
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Spark takes seconds to start; MongoDB adds up meanwhile.
        needs_spark = platform.settings.of(SpendSettings).engine == "spark"
        opening = pool.submit(open_session) if needs_spark else None
        for _ in range(ATTEMPTS):
            reading = _read(platform, first - WEEK, last)
            doubtful = reading.unfit.keys() & wanted
            refusal = unfit.error(platform.reading, doubtful) if doubtful else None
            if not (fit := [week for week in wanted if week not in doubtful]):
                return {}, refusal
            session = opening.result() if opening else None
            # MongoDB counts while Spark computes.
            checking = pool.submit(_is_at_rest, platform, reading, first - WEEK, last)
            computed = _rows(session, reading.sums, first, last)
            if checking.result():
                return _reconciled(computed, reading.measures, fit), refusal
    raise ReconciliationError(
        f"The transactions of the weeks {first - WEEK} to {last} kept changing while they were "
        f"read ({ATTEMPTS} times): run these weeks again when the ingestion is over."
    )


def doubtful_weeks(platform: Platform, first: date, last: date) -> list[date]:
    """The weeks from `first` to `last` that cannot be computed: they must not hold up others."""
    parallel = platform.settings.mongo_parallel_reads
    sums = measuring.division_sums(platform.reading, first, last, parallel)
    read = documents.purchases(platform.reading, first, last, parallel)
    return sorted({*unfit.find(sums), *documents.find_unfit(read)})


def _read(platform: Platform, first: date, last: date) -> Reading:
    activity = ingestions.activity(platform.reading)
    parallel = platform.settings.mongo_parallel_reads
    sums = measuring.division_sums(platform.reading, first, last, parallel)
    measures, doubtful = measuring.measures_of(sums, first, last), unfit.find(sums)
    return Reading(unfit.left_out(sums, doubtful), measures, activity, doubtful)


def _is_at_rest(platform: Platform, reading: Reading, first: date, last: date) -> bool:
    """Whether the sums are of one moment: an ingestion may run at the same time.

    Where none does, MongoDB counts the documents once more; else it measures the weeks anew,
    which takes as long as the sums.
    """
    counted = measuring.count(platform.reading, first, last)
    if ingestions.activity(platform.reading) == reading.activity and not reading.activity.running:
        return counted == sum(one.document_count for one in reading.measures.values())
    parallel = platform.settings.mongo_parallel_reads
    return reading.measures == measuring.measure(platform.reading, first, last, parallel)


def _rows(session: SparkSession | None, sums: pa.Table, first: date, last: date) -> pa.Table:
    if session is None:
        return without_spark.weekly_transactions(sums, first, last)
    with spark.sized(session, sums.num_rows):
        return weekly_transactions(spark.frame(session, sums), first, last).toArrow()


def _reconciled(
    computed: pa.Table, measures: dict[date, WeekMeasure], wanted: Sequence[date]
) -> dict[date, pa.Table]:
    known = (measures[week] for week in wanted)
    documents = {one.week_start: (one.document_count, one.total_amount) for one in known}
    computed = computed.filter(pc.is_in(computed["week_start"], pa.array(wanted, pa.date32())))
    require_reconciled(computed, documents, wanted[0], wanted[-1])
    cut = _by_week(computed)
    return {
        week: with_metadata(cut.get(week, computed[:0]), _inputs(week, measures)) for week in wanted
    }


def _by_week(rows: pa.Table) -> dict[date, pa.Table]:
    ordered = rows.sort_by("week_start").combine_chunks()
    cut, start = {}, 0
    for count in pc.value_counts(ordered["week_start"]).to_pylist():  # in order of appearance
        cut[count["values"]] = ordered.slice(start, count["counts"])
        start += count["counts"]
    return cut


def _inputs(week: date, measures: dict[date, WeekMeasure]) -> dict[str, str]:
    return {
        "fingerprint": measures[week].fingerprint,
        "previous_fingerprint": measures[week - WEEK].fingerprint,
        "code_version": CODE_VERSION,
    }
