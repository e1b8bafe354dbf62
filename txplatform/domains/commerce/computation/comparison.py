"""Engines held against each other: each reads and computes the same made-up shop, cold and warm.

Each has a process of its own, whose memory is watched; its rows must be those of DuckDB, whoever is
faster. What is measured are the rows of `engine_timings`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any, NamedTuple

import psutil
import pyarrow as pa
from pyarrow import parquet

from txplatform.connectors import spark, spark_config
from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import engines, gold
from txplatform.domains.commerce.computation.refresh import known_customers
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.sources import sample_files
from txplatform.domains.commerce.sources.ingest import ingest
from txplatform.domains.commerce.sources.layouts import Layout, layout
from txplatform.domains.commerce.sources.sample import Plan
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.embedded.java import java_home
from txplatform.errors import ServerError
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings

REFERENCE = "duckdb"
LINES_PER_CUSTOMER, LEAST_CUSTOMERS = 10, 100
STATES = ("cold", "warm")
SAMPLE_SECONDS = 0.05
DIGITS = Decimal("0.001")
Row = dict[str, Any]


class Contest(NamedTuple):
    """Which engines compute how large a shop."""

    engines: Sequence[str]
    lines: int
    """About so many."""


def keep(platform: Platform, contest: Contest) -> list[Row]:
    """Let each engine read and compute a shop twice; the rows, which are published then.

    Raises:
        ServerError: an engine's process was ended from outside, as when memory is full.
    """
    rows = list(compared(contest))
    copies.keep(platform.database, platform.engine, tables.engine_timings, rows)
    return rows


def compared(contest: Contest) -> Iterator[Row]:
    """The same, kept nowhere; DuckDB comes first, asked for or not: others are held against it."""
    plan = Plan(max(LEAST_CUSTOMERS, contest.lines // LINES_PER_CUSTOMER))
    with TemporaryDirectory(prefix="txplatform-engines-") as folder:
        shop = sample_files.write(Path(folder) / "shop", plan, sample_files.Format.PARQUET)
        for name in (REFERENCE, *(one for one in contest.engines if one != REFERENCE)):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                try:
                    yield from apart.submit(measured, name, shop).result()
                except BrokenProcessPool:
                    raise ServerError(
                        f"{name} did not come to its end over {contest.lines:,} lines: it takes "
                        "more memory than there is; name fewer with --lines."
                    ) from None


def measured(name: str, shop: sample_files.Written) -> list[Row]:
    """What one engine takes, in the process that this is called in."""
    settings, folder, form = load_settings(), shop.lines.parent.parent, layout(sample_files.LAYOUT)
    rows: list[Row] = []
    with _watched() as peak_mb, closing(_engine(name, settings, folder)) as engine:
        for state in STATES:
            place, stages = folder / f"{name}-{state}", {}
            lake = Lake.of(ObjectStore(str(place)), place / "cache")
            began = time.monotonic()
            list(ingest(lake, engine, form, [shop.customers, shop.lines], "comparison"))
            stages["silver"] = time.monotonic() - began, peak_mb()
            made = _gold(engine, lake, form)
            stages["gold"] = time.monotonic() - began - stages["silver"][0], peak_mb()
            files = {shop.lines.parent / f"gold-{one}": found for one, found in made.items()}
            shared = {
                "engine": _label(name, settings),
                "line_count": shop.truth["lines"],
                "state": state,
                "is_equal": all(_is_expected(file, found) for file, found in files.items()),
                "measured_at": datetime.now(UTC),
            }
            rows += [
                shared
                | {"stage": stage, "seconds": Decimal(took).quantize(DIGITS), "peak_mb": peak}
                for stage, (took, peak) in stages.items()
            ]
    return rows


def _label(name: str, settings: Settings) -> str:
    is_local = settings.spark_remote is None and settings.spark_master.startswith("local")
    return name if is_local or name != "spark" else "spark-cluster"


def _engine(name: str, settings: Settings, folder: Path) -> engines.Engine:
    def session() -> Any:
        config = spark_config.session_config(settings)
        return spark.session(config, lambda: java_home(settings))

    return engines.engine(name, session, folder / "spill")


def _gold(engine: engines.Engine, lake: Lake, form: Layout) -> dict[str, pa.Table]:
    choices = gold.Choices(form.has_time, form.basket)
    silver = lake.silver.current()
    lines = engine.read(lake.silver.paths(silver.files("lines")), schema_of(tables.lines))
    with engine.sized(silver.rows("lines")):
        added = gold.added_up(engine, lines, choices)
    return gold.gold_tables(added, known_customers(lake), choices)


def _is_expected(file: Path, rows: pa.Table) -> bool:
    """Whether rows are those of the file, which the first engine writes."""
    if not file.exists():
        parquet.write_table(rows, file)
    return bool(rows.equals(parquet.read_table(file)))


@contextmanager
def _watched() -> Iterator[Callable[[], int]]:
    """Tells the highest memory so far of this process and its children, in megabytes."""
    own, peak, is_over = psutil.Process(), [0], Event()

    def watch() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            with suppress(psutil.Error):
                family = (own, *own.children(recursive=True))
                peak[0] = max(peak[0], sum(one.memory_info().rss for one in family))

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    yield lambda: peak[0] // 1_000_000
    is_over.set()
    watcher.join()
