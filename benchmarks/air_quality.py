"""Air quality: an hour to its figures, a year against plain pandas, a network of stations on Spark.

    python benchmarks/air_quality.py [--rounds 3] [--hours 15] [--stations 10,100]

An hour: from the network's answer to the figures being readable. A year: two
stations, from MongoDB to every row in memory, held against the same in plain pandas, station by
station, in turns; a way whose figures differ has no time. A network: `compute_network` in a process
of its own, Spark's start included, to the rows being in PostgreSQL. Appends to
benchmarks/results/air_quality.jsonl.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from bson.raw_bson import RawBSONDocument
from measuring import apart, keep, rotated, summary, tell
from rivals import air_pandas

from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.computation.network import compute_network
from txplatform.domains.air_quality.computation.stored import stored_hours
from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries.basis import Basis, basis_of
from txplatform.domains.air_quality.queries.now import now
from txplatform.domains.air_quality.sources import sample
from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.fetching import Intake
from txplatform.domains.air_quality.sources.records import Answer
from txplatform.domains.air_quality.sources.stations import Station, load_stations
from txplatform.domains.air_quality.transforms.figures import figures_of
from txplatform.domains.air_quality.transforms.rows import StationRows, rows_of
from txplatform.platform import Platform, opened

CHILD = "--network"
SAMPLE = Path(sample.__file__).with_name("sample_stations.toml")
END = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
CLOSE = 2e-4
"""Floats of four decimals may be rounded to either side."""


@contextmanager
def installation() -> Iterator[Platform]:
    """Servers of the benchmark's own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(state_dir=Path(folder), mongo_uri=None, postgres_url=None) as platform,
    ):
        yield platform


class Told(NamedTuple):
    """A network that has answered already: what its stations said."""

    texts: Mapping[str, str]

    def hourly(self, station: Station, _: datetime | None) -> Answer:
        """The records of the answer."""
        return read_answer(self.texts[station.station_id], station, END)

    def close(self) -> None:
        """There is no connection."""


def answers(basis: Basis, newest: datetime, since: datetime | None = None) -> Told:
    """What the stations say at an hour, from an instant on."""
    texts = {}
    for station_id in basis.stations:
        said = json.loads(sample.answer(station_id, END, since))
        until = f"{newest:%Y-%m-%d %H:%M:%S}"
        said["data"] = [each for each in said["data"] if each["timestamp"] <= until]
        texts[station_id] = json.dumps(said)
    return Told(texts)


def filled(platform: Platform, last: datetime) -> Basis:
    """The two made-up stations with their year up to an hour."""
    basis = basis_of(platform)._replace(stations=load_stations(SAMPLE))
    told = answers(basis, last)
    for station in basis.stations.values():
        Intake(platform, station, StaleMarker(platform, basis.rules)).fetch(told, timedelta())
    return basis


def an_hour(platform: Platform, basis: Basis, count: int) -> list[float]:
    """Seconds from the answer to readable figures, of so many hours one after the other."""
    compute_stale(platform, basis, "year")
    seconds = []
    for back in range(count - 1, -1, -1):
        newest = END - timedelta(hours=back)
        told = answers(basis, newest, newest - timedelta(hours=48))
        began = time.perf_counter()
        for station in basis.stations.values():
            marker = StaleMarker(platform, basis.rules)
            report = Intake(platform, station, marker).fetch(told, timedelta())
        compute_stale(platform, basis, f"hour {back}")
        found = now(platform.engine, basis.stations.values())
        seconds.append(time.perf_counter() - began)
        if report.new != 1 or found[0].last_hour != newest:
            raise SystemExit(f"The hour {newest} is not there: {report}, {found[0].last_hour}.")
    return seconds


def ours(platform: Platform, basis: Basis) -> list[StationRows]:
    """Every row of both stations, from MongoDB."""
    found = []
    for station in basis.stations.values():
        figures = figures_of(stored_hours(platform.database, station), basis.rules)
        found.append(rows_of(figures, basis.levels))
    return found


def plain(platform: Platform, basis: Basis) -> list[air_pandas.Figures]:
    """The same in plain pandas."""
    return [
        air_pandas.figures(air_pandas.read(platform.database, station))
        for station in basis.stations
    ]


def require_alike(rows: list[StationRows], found: list[air_pandas.Figures]) -> None:
    """Refuse to give a figure of ways that say different things."""
    for mine, theirs in zip(rows, found, strict=True):
        days, hours = mine.daily.to_pandas(), mine.hourly.to_pandas()
        others = theirs.daily
        pairs = [
            (days["mean"], others["mean"]),
            (days["n_hours"], others["count"]),
            (days["is_suspect"], others["is_suspect"]),
            (days["aqi"], others["aqi"]),
            (hours["mean_8h"], theirs.hourly["mean_8h"]),
            (hours["nowcast_aqi"], theirs.hourly["nowcast_aqi"]),
            (hours["flags"].str.contains("SPIKE"), theirs.hourly["SPIKE"]),
        ]
        for one, other in pairs:
            x, y = (column.astype(float).to_numpy() for column in (one, other))
            wrong = ~((np.abs(x - y) <= CLOSE) | (np.isnan(x) & np.isnan(y)))
            if wrong.sum() > len(x) * 1e-3:
                raise SystemExit(f"{wrong.sum()} of {len(x)} figures differ: {one.name}.")


def a_year(platform: Platform, basis: Basis, rounds: int) -> dict[str, list[float]]:
    """Seconds of both ways, which take turns."""
    ways: dict[str, Callable[[], Any]] = {
        "ours": lambda: ours(platform, basis),
        "pandas": lambda: plain(platform, basis),
    }
    require_alike(ways["ours"](), ways["pandas"]())
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in rotated(list(ways), number):
            began = time.perf_counter()
            ways[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def station_ids(count: int) -> list[str]:
    """Numbers of made-up stations, as long as those of the sample."""
    return [str(910_000_000 + number) for number in range(count)]


def multiply(platform: Platform, count: int) -> None:
    """Store the hours of the two stations under the numbers of so many."""
    raw = platform.database["air_hours"].with_options(
        codec_options=platform.database.codec_options.with_options(document_class=RawBSONDocument)
    )
    for number, station_id in enumerate(station_ids(count)):
        source = sample.STATIONS[number % len(sample.STATIONS)]
        copies = (
            RawBSONDocument(each.raw.replace(source.encode(), station_id.encode()))
            for each in raw.find({"station_id": source})
        )
        raw.insert_many(copies, ordered=False)


def network(state: str, count: int) -> None:
    """The child: a year of so many stations on Spark, published."""
    from txplatform.connectors import spark, spark_config
    from txplatform.embedded.java import java_home

    with opened(state_dir=Path(state), mongo_uri=None, postgres_url=None) as platform:
        basis = basis_of(platform)
        first, _ = load_stations(SAMPLE).values()
        stations = {each: first._replace(station_id=each) for each in station_ids(count)}
        session = spark.session(
            spark_config.session_config(platform.settings), lambda: java_home(platform.settings)
        )
        last = END.date()
        days = [last - timedelta(days=back) for back in range(366)]
        done = compute_network(platform, basis._replace(stations=stations), days, "all", session)
        session.stop()
    rows = sum(each.total.inserted for each in done)
    sys.stdout.write(f'{{"rows": {rows}, "stations": {len(done)}}}\n')


def networks(platform: Platform, counts: list[int]) -> Iterator[dict[str, Any]]:
    """Figures of networks of several sizes, each in a process of its own."""
    multiply(platform, max(counts))
    for count in counts:
        command = [sys.executable, __file__, CHILD, str(platform.settings.state), str(count)]
        figures = apart(command)
        if "error" in figures or figures["stations"] != count:
            raise SystemExit(f"{count} stations: {figures}")
        yield {
            "name": f"{count} stations",
            "title": f"a year of {count} stations on Spark, published",
            "documents": count * sample.HOURS,
            "median": figures["wall"],
            "peak_mb": figures["peak_mb"],
            "per_station": figures["wall"] / count,
            "rounds": 1,
        }
        with platform.engine.begin() as connection:
            connection.exec_driver_sql(
                "TRUNCATE air_quality.air_hourly, air_quality.air_daily,"
                " air_quality.air_exceedances"
            )


def main() -> None:
    """Measure, print, append."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hours", type=int, default=15)
    parser.add_argument("--stations", default="10,100", help="Sizes of networks; empty: none.")
    parser.add_argument(CHILD, nargs=2, metavar=("STATE", "COUNT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.network:
        network(arguments.network[0], int(arguments.network[1]))
        return
    with installation() as platform:
        basis = filled(platform, END - timedelta(hours=arguments.hours))
        year = a_year(platform, basis, arguments.rounds)
        tell(f"a year: {year}")
        hour = an_hour(platform, basis, arguments.hours)
        tell(f"an hour: {hour}")
        shared = {"documents": 2 * sample.HOURS}
        records: list[dict[str, Any]] = [
            {"name": "pandas", "title": "a year of two stations, plain pandas", **shared},
            {"name": "ours", "title": "a year of two stations, every row", **shared},
            {"name": "hour", "title": "an hour, from the answer to readable figures", **shared},
        ]
        for record, seconds in zip(records, (year["pandas"], year["ours"], hour), strict=True):
            record.update(summary(seconds))
        counts = [int(each) for each in arguments.stations.split(",") if each]
        if counts:
            records += networks(platform, counts)
    keep("air_quality", records)


if __name__ == "__main__":
    main()
