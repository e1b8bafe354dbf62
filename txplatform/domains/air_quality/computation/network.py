"""The days of a whole network of stations on Spark: each station's hours are one group.

The workers call the same function as `compute`. Stations are read some at a time, and what comes
back is published station by station, so that nobody ever holds the whole network.
"""

import pickle
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from txplatform.domains.air_quality.computation.one import Computed, hours_around, published
from txplatform.domains.air_quality.models.outcome import Outcome, outcome_of
from txplatform.domains.air_quality.publishing import Stamp, publish_stations
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.rules import Level, Rules
from txplatform.domains.air_quality.sources.fetching import exclusive
from txplatform.domains.air_quality.transforms.hours import StationHours, as_table, from_table
from txplatform.platform import Platform

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STATIONS_TOGETHER, STATIONS_PER_TASK = 24, 4
PUBLISHERS = 2
"""PostgreSQL takes three times as long over a station's rows as computing them does."""

PACKING = "zstd"
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
        publish_stations(platform.engine, stations)
        going: deque[Future[Computed]] = deque()
        done = []
        parts = (
            stations[at : at + STATIONS_TOGETHER]
            for at in range(0, len(stations), STATIONS_TOGETHER)
        )
        read = ([hours_around(platform, each, wanted) for each in part] for part in parts)
        outcomes = (outcomes_on(session, hours, work) for hours in read)
        for station_id, outcome in chain.from_iterable(outcomes):
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
        return pa.table([table["station_id"][:1], [packed(outcome)]], schema=SCHEMA)

    yield from ((each.station_id, work(each)) for each in stations if not len(each))
    filled = [as_table(hours) for hours in stations if len(hours)]
    if not filled:
        return
    tasks = -(-len(filled) // STATIONS_PER_TASK)
    table = pa.concat_tables(filled)
    with spark.told_in_a_sentence():
        grouped = spark.frame(session, table).repartition(tasks, "station_id").groupBy("station_id")
        for row in grouped.applyInArrow(compute, RESULT).toLocalIterator(prefetchPartitions=True):
            yield row.station_id, unpacked(row.outcome)


def packed(outcome: Outcome) -> bytes:
    """An outcome on its way, a tenth of its size: its rows say much twice."""
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, PACKING) as stream:
        stream.write(pickle.dumps(outcome))
    return bytes(target.getvalue())


def unpacked(written: bytes) -> Outcome:
    """An outcome that our own worker packed a moment ago."""
    with pa.CompressedInputStream(pa.BufferReader(written), PACKING) as stream:
        outcome: Outcome = pickle.loads(stream.read())  # noqa: S301
    return outcome
