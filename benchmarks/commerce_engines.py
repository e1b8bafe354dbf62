"""How long each engine takes for the same made-up shop: the rows of `engine_timings`.

    python benchmarks/commerce_engines.py [--lines 10000 ...] [--engine duckdb ...]

Silver and gold, cold and warm, in this process; rows are held against DuckDB's, whoever is faster.
They are written into the tables of the installation that the environment names.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pyarrow as pa
from measuring import keep, tell

from txplatform.connectors import spark, spark_config
from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import engines, gold
from txplatform.domains.commerce.computation.engines import Engine
from txplatform.domains.commerce.computation.refresh import known_customers
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.publishing.snapshots import Layer
from txplatform.domains.commerce.sources import sample_files
from txplatform.domains.commerce.sources.ingest import ingest
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.domains.commerce.sources.sample import Plan
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.embedded.java import java_home
from txplatform.platform import Platform, opened

LINES_PER_CUSTOMER = 10
STATES = ("cold", "warm")
KILOBYTES = 1 if sys.platform == "darwin" else 1_024
DIGITS = Decimal("0.001")
Made = dict[str, pa.Table]


class Contest(NamedTuple):
    """Which engines compute how large a shop."""

    engines: Sequence[str]
    lines: int
    """About so many."""


def compared(
    contest: Contest, folder: Path, open_session: Callable[[], Any]
) -> Iterator[dict[str, Any]]:
    """Let each engine read and compute a shop twice; rows for the table.

    DuckDB comes first whether it is asked for or not: its rows are what others are held against.
    """
    plan = Plan(max(100, contest.lines // LINES_PER_CUSTOMER))
    files = sample_files.write(folder / "shop", plan, sample_files.Format.PARQUET)
    expected: Made = {}
    for name in ("duckdb", *(one for one in contest.engines if one != "duckdb")):
        with closing(engines.engine(name, open_session, folder / "spill")) as engine:
            for state in STATES:
                lake = _lake(folder / f"{name}-{state}")
                took, made = _taken(engine, lake, files)
                expected = expected or made
                is_equal = all(rows.equals(expected[table]) for table, rows in made.items())
                for stage, seconds in took.items():
                    yield _row(name, files.truth["lines"], (stage, state), seconds, is_equal)


def _taken(
    engine: Engine, lake: Lake, files: sample_files.Written
) -> tuple[dict[str, float], Made]:
    form = layout(sample_files.LAYOUT)
    began = time.monotonic()
    list(ingest(lake, engine, form, [files.customers, files.lines], "timing"))
    read = time.monotonic()
    choices = gold.Choices(form.has_time, form.basket)
    paths = lake.silver.paths(lake.silver.current().files("lines"))
    added = gold.added_up(engine, engine.read(paths, schema_of(tables.lines)), choices)
    made = gold.gold_tables(added, known_customers(lake), choices)
    return {"silver": read - began, "gold": time.monotonic() - read}, made


def _lake(folder: Path) -> Lake:
    store, cache = ObjectStore(str(folder)), folder / "cache"
    return Lake(store, Layer(store, "silver", cache), Layer(store, "gold", cache))


def _row(
    name: str, lines: int, when: tuple[str, str], seconds: float, is_equal: bool
) -> dict[str, Any]:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(kind).ru_maxrss for kind in kinds)
    return {
        "engine": name,
        "line_count": lines,
        "stage": when[0],
        "state": when[1],
        "seconds": Decimal(seconds).quantize(DIGITS),
        "peak_mb": peak * KILOBYTES // 1_000_000,
        "is_equal": is_equal,
        "measured_at": datetime.now(UTC),
    }


def kept(platform: Platform, contest: Contest) -> list[dict[str, Any]]:
    """The rows of a contest, which are in PostgreSQL and MongoDB now."""

    def session() -> Any:
        config = spark_config.session_config(platform.settings)
        return spark.session(config, lambda: java_home(platform.settings))

    with TemporaryDirectory(prefix="txplatform-engines-") as folder:
        rows = list(compared(contest, Path(folder), session))
    copies.keep(platform.database, platform.engine, tables.engine_timings, rows)
    return rows


def main() -> None:
    """Measure, write into the tables, and append to the results."""
    parser = argparse.ArgumentParser(prog="commerce_engines", description=__doc__)
    parser.add_argument("--lines", type=int, action="append")
    parser.add_argument("--engine", action="append", choices=["duckdb", "pandas", "spark"])
    options = parser.parse_args()
    with opened() as platform:
        for lines in options.lines or [7_073]:
            tell(f"{lines:,} lines ...")
            rows = kept(platform, Contest(options.engine or ["duckdb", "pandas", "spark"], lines))
            plain = ("seconds", "measured_at")
            keep(
                "commerce_engines",
                [
                    {name: value for name, value in row.items() if name not in plain}
                    | {"seconds": float(row["seconds"])}
                    for row in rows
                ],
            )


if __name__ == "__main__":
    main()
