"""Commerce: each figure that is promised, with its rivals in the same run.

    python benchmarks/commerce.py [--file INVOICES] [--only NAME ...] [--lines N ...] [--spark]

Every measure is a process of its own, whose memory is watched. `--file` is the invoices of Online
Retail (gz as published); without it the made-up shop has as many lines. `--lines` takes a made-up
shop of so many from its files to published tables instead, `--spark` adds the session that the
settings name; `--small` is a rehearsal with a tenth of everything.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import requests
from commerce_pages import at, browsed, pages
from commerce_shop import PUBLISHED, PURCHASES, computed, installation, made, published, shop
from measuring import apart, keep, served, tell
from rivals.shop_sql import by_hand

from txplatform.connectors import spark, spark_config
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import engines, gold, refresh
from txplatform.domains.commerce.computation.expectations import occasions_of_days
from txplatform.domains.commerce.models.customer_values import Valuation, customer_value
from txplatform.domains.commerce.models.fits import fit
from txplatform.domains.commerce.models.occasions import histories
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.queries.lists import Wanted, listing
from txplatform.domains.commerce.queries.published import LISTS
from txplatform.domains.commerce.sources import sample, sample_files
from txplatform.domains.commerce.sources.sample import Plan
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.embedded.java import java_home
from txplatform.serving.api.app import build

ROUNDS, RESULT = 10, "commerce"
Figures = dict[str, Any]


def whole(options: argparse.Namespace, lines: int) -> Figures:
    """From the file to gold published, and the same tables by hand and by other engines."""
    with installation() as platform:
        files, form = shop(options, platform.settings.state, lines)
        began = time.monotonic()
        refresh.ingest(platform, files, form)
        ingested = time.monotonic() - began
        gold_seconds = published(platform)
        figures = {
            "seconds": time.monotonic() - began,
            "ingestion": ingested,
            "gold": gold_seconds,
            "cpu_seconds": time.process_time(),
        }
        rows = open_lake(platform.settings).silver.current().rows("lines")
        return figures | {"lines": rows}


def by_spark(options: argparse.Namespace, lines: int) -> Figures:
    """Gold by Spark: the session that the settings name, cold."""
    with installation() as platform:
        files, form = shop(options, platform.settings.state, lines)
        refresh.ingest(platform, files, form)
        config = spark_config.session_config(platform.settings)
        session = spark.session(config, lambda: java_home(platform.settings))
        figures = {"gold": computed(platform, lambda: session)}
        session.stop()
        rows = open_lake(platform.settings).silver.current().rows("lines")
        return figures | {"lines": rows}


def rivals(options: argparse.Namespace, lines: int) -> Figures:
    """What the engine adds up: by DuckDB, in SQL by hand, by pandas and, if asked, by Spark."""
    with installation() as platform:
        files, form = shop(options, platform.settings.state, lines)
        refresh.ingest(platform, files, form)
        lake = open_lake(platform.settings)
        paths = lake.silver.paths(lake.silver.current().files("lines"))
        chosen = refresh.layout_of(platform, lake)
        choices = gold.Choices(chosen.has_time, chosen.basket)
        made: list[gold.Sums] = []

        def added_up(engine: engines.Engine) -> float:
            began = time.monotonic()
            with engine.sized(lines):
                read = engine.read(paths, schema_of(tables.lines))
                made.append(gold.added_up(engine, read, choices))
            return time.monotonic() - began

        times: dict[str, list[float]] = {"duckdb": [], "sql": []}
        for _ in range(5):
            times["duckdb"].append(added_up(engines.DuckDB()))
            times["sql"].append(by_hand(paths, made[-1]))
        figures = {name: statistics.median(taken) for name, taken in times.items()}
        figures["pandas"] = added_up(engines.Pandas())
        if options.spark:
            config = spark_config.session_config(platform.settings)
            session = spark.session(config, lambda: java_home(platform.settings))
            figures["spark_cold"] = added_up(engines.Spark(session))
            figures["spark"] = added_up(engines.Spark(session))
            session.stop()
        return figures


def visible(options: argparse.Namespace, lines: int) -> Figures:
    """From the commit of gold to the first answer of the API's query that carries the run."""
    with installation() as platform:
        made_up = argparse.Namespace(file=None, shop=None, small=options.small)
        files, form = shop(made_up, platform.settings.state, lines)
        refresh.ingest(platform, files, form)
        for _ in range(ROUNDS):
            published(platform)
        found = listing(platform.database, "refreshes", Wanted(10_000, 0)).rows.to_pylist()
    seconds = sorted(float(row["publish_seconds"]) for row in found)
    return {"lines": lines, "p50": statistics.median(seconds), "p95": at(seconds, 0.95)}


def day_file(_: argparse.Namespace, days: int) -> Figures:
    """One new file of a day after many: what its ingestion takes, and what the tenth did."""
    with installation() as platform:
        folder = platform.settings.state
        made = sample_files.write(folder / "shop", Plan(2_000, days=max(400, days)))
        rows = pl.read_csv(made.lines, infer_schema=False).sort("at")
        refresh.ingest(platform, [made.customers], sample_files.LAYOUT)
        took = []
        groups = rows.with_columns(pl.col("at").str.slice(0, 10).alias("day")).partition_by(
            "day", include_key=False, maintain_order=True
        )
        for number, part in enumerate(groups[:days]):
            file = folder / f"day-{number:03}.csv"
            part.write_csv(file)
            began = time.monotonic()
            refresh.ingest(platform, [file], sample_files.LAYOUT)
            took.append(time.monotonic() - began)
    return {"files": len(took), "tenth": took[9], "last": took[-1]}


def fits(_: argparse.Namespace, customers: int) -> Figures:
    """Both models and every customer's value."""
    drawn = sample.drawn(Plan(customers)).lines
    frame = pl.DataFrame(
        {
            "customer_id": drawn.customer,
            "day": drawn.at // sample.DAY_SECONDS,
            "sale_count": (drawn.what == sample.SALE).astype(int),
            "gross": drawn.amount * (drawn.what == sample.SALE),
            "refund": drawn.amount * (drawn.what == sample.REFUND),
        }
    ).filter(pl.col("customer_id") >= 0)
    days = frame.group_by("customer_id", "day").agg(pl.exclude("customer_id", "day").sum())
    after = date.fromordinal(int(days["day"].max() or 0) + 719_163 + 1)  # type: ignore[arg-type]
    began = time.monotonic()
    occasions = occasions_of_days(days.with_columns(pl.col("customer_id").cast(pl.String)))
    known = histories(occasions, after)
    rows = customer_value(occasions, known, fit(known), Valuation(1.0, 0.01)).num_rows
    return {"customers": rows, "seconds": time.monotonic() - began}


def api(options: argparse.Namespace, lines: int) -> Figures:
    """What each list takes over HTTP; the slowest of them."""
    with installation() as platform:
        files, form = shop(options, platform.settings.state, lines)
        refresh.ingest(platform, files, form)
        published(platform)
        slowest: dict[str, float] = {}
        with served(build(platform)) as address, requests.Session() as client:
            for path in LISTS:
                times = []
                for _ in range(2 * ROUNDS):
                    began = time.monotonic()
                    client.get(f"{address}/commerce{path}").raise_for_status()
                    times.append(1_000 * (time.monotonic() - began))
                slowest[path] = at(sorted(times[1:]), 0.95)
    path = max(slowest, key=lambda one: slowest[one])
    return {"paths": len(slowest), "slowest": path, "p95_ms": slowest[path]}


SPARK = "gold by Spark"
MEASURED: dict[str, tuple[Callable[[argparse.Namespace, int], Figures], int]] = {
    "file to gold published": (whole, 541_909),
    "gold against rivals": (rivals, 541_909),
    SPARK: (by_spark, 541_909),
    "commit to visible": (visible, PURCHASES),
    "a new file of a day": (day_file, 120),
    "fits and values": (fits, 200_000),
    "API": (api, 541_909),
    "pages": (pages, 541_909),
    "pages of purchases": (pages, PURCHASES),
    "pages in a browser": (browsed, 541_909),
}


def arguments(options: argparse.Namespace) -> list[str]:
    """What a measure's own process is told."""
    told = ["--spark"] * options.spark + ["--small"] * options.small
    places = {"--file": options.file, "--shop": options.shop}
    return [*told, *(part for name, path in places.items() if path for part in (name, str(path)))]


def main() -> None:
    """Measure each in a process of its own, or, in such a process, one."""
    options = _options()
    if options.measure:
        function, size = MEASURED[options.measure]
        size = options.size or (max(30, size // 10) if options.small else size)
        sys.stdout.write(json.dumps(function(options, size)) + "\n")
        return
    chosen = [name for name in MEASURED if name != SPARK or options.spark]
    for name in options.only or ([] if options.lines else chosen):
        _measure(options, name)
    for lines in options.lines or ():
        with tempfile.TemporaryDirectory() as folder:  # what draws a shop is not what is measured
            tell(f"a made-up shop of {lines:,} lines ...")
            made(lines, Path(folder))
            for name in ("file to gold published", *([SPARK] if options.spark else [])):
                _measure(options, name, "--size", str(lines), shop=Path(folder))


def _measure(options: argparse.Namespace, name: str, *more: str, **changes: Any) -> None:
    tell(f"{name} ...")
    told = arguments(argparse.Namespace(**{**vars(options), **changes}))
    figures = apart([sys.executable, __file__, "--measure", name, *told, *more])
    keep(RESULT, [{"name": name, **figures}])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="commerce", description=__doc__)
    default = next(iter(PUBLISHED.glob("*.csv.gz")), None)
    parser.add_argument("--file", type=Path, default=default)
    parser.add_argument("--only", action="append", choices=[*MEASURED])
    parser.add_argument("--measure", choices=[*MEASURED], help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--shop", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--lines", type=int, action="append")
    for flag in ("--spark", "--small"):
        parser.add_argument(flag, action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
