"""The days of a whole network of stations on Spark: each station's hours are one group.

The workers call the same function as `compute`; what they send back is published station by
station as it comes, so that the driver holds a few stations at a time.
"""

import pickle
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from txplatform.domains.air_quality.computation.one import Computed, hours_around, published
from txplatform.domains.air_quality.models.outcome import Outcome, outcome_of
from txplatform.domains.air_quality.publishing import Stamp
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.rules import Level, Rules
from txplatform.domains.air_quality.sources.fetching import exclusive
from txplatform.domains.air_quality.transforms.hours import StationHours, as_table, from_table
from txplatform.platform import Platform

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STATIONS_PER_TASK = 4
PUBLISHERS = 2
"""PostgreSQL takes three times as long over a station's rows as computing them does."""

RESULT = "station_id string, outcome binary"
Work = Callable[[StationHours], Outcome]
SCHEMA = pa.schema([("station_id", pa.string()), ("outcome", pa.binary())])


def compute_network(
    platform: Platform, basis: Basis, days: Collection[date], run_id: str, session: "SparkSession"
) -> list[Computed]:
    """Compute the same local days of every station; fetches wait meanwhile."""
    wanted, stations = sorted(days), list(basis.stations.values())
    work, versions = worker(basis.rules, basis.levels, wanted), basis.versions
    with exclusive(platform, *stations), ThreadPoolExecutor(PUBLISHERS) as publishers:
        hours = [hours_around(platform, station, wanted) for station in stations]
        going: deque[Future[Computed]] = deque()
        done = []
        for station_id, outcome in outcomes_on(session, hours, work):
            stamp = Stamp(run_id, versions[station_id])
            going.append(publishers.submit(published, platform, station_id, wanted, outcome, stamp))
            if len(going) > PUBLISHERS:  # what waits is held in memory
                done.append(going.popleft().result())
        return [*done, *(each.result() for each in going)]


def worker(rules: Rules, levels: Sequence[Level], days: Sequence[date]) -> Work:
    """What is done with one station's hours, wherever they are."""
    return lambda hours: outcome_of(hours, rules, levels, days)


def outcomes_on(
    session: "SparkSession",
    stations: Sequence[StationHours],
    work: Work,
) -> Iterator[tuple[str, Outcome]]:
    """The outcome of each station, as Spark gets done with it; one without hours is no group."""
    from txplatform.connectors import spark

    def compute(table: pa.Table) -> pa.Table:
        outcome = work(from_table(table))
        return pa.table([table["station_id"][:1], [pickle.dumps(outcome)]], schema=SCHEMA)

    yield from ((each.station_id, work(each)) for each in stations if not len(each))
    filled = [as_table(hours) for hours in stations if len(hours)]
    if not filled:
        return
    tasks = -(-len(filled) // STATIONS_PER_TASK)
    table = pa.concat_tables(filled)
    with spark.told_in_a_sentence():
        grouped = spark.frame(session, table).repartition(tasks, "station_id").groupBy("station_id")
        for row in grouped.applyInArrow(compute, RESULT).toLocalIterator(prefetchPartitions=True):
            # Written a moment ago by our own worker.
            yield row.station_id, pickle.loads(row.outcome)  # noqa: S301
