"""The steps of commerce, each of which can run alone: ingest, compute gold, copy it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import psutil
import pyarrow as pa

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import engines, gold, quality
from txplatform.domains.commerce.computation.engines import Engine
from txplatform.domains.commerce.computation.expectations import bought_of, expectation_tables
from txplatform.domains.commerce.computation.resource_errors import short_of_room
from txplatform.domains.commerce.computation.visibility import Watch
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import Lake, open_lake
from txplatform.domains.commerce.publishing.snapshots import File, Manifest
from txplatform.domains.commerce.rules import Measured, require_no_error
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.domains.commerce.sources import bronze, withdrawal
from txplatform.domains.commerce.sources import ingest as ingestion
from txplatform.domains.commerce.sources.layouts import Layout, layout
from txplatform.domains.commerce.tables.arrow import in_units, schema_of
from txplatform.domains.commerce.tables.frames import validated
from txplatform.errors import PlatformError, UsageError
from txplatform.ingestion.drop_folder import DropFolder
from txplatform.platform import Platform

OpenSession = Callable[[], Any]
LEAST_MB, MOST_MB, TIMES_THE_FILES = 500, 1_500, 40
SHARE_OF_MEMORY = 0.6


def no_session() -> Any:
    """For who does not compute with Spark."""
    raise PlatformError("Spark is not open here: choose another engine.")


@contextmanager
def engine_of(
    platform: Platform,
    name: str | None = None,
    open_session: OpenSession = no_session,
    memory: str | None = None,
) -> Iterator[Engine]:
    """The engine of the settings, or of a name, for as long as a step takes."""
    chosen = name or platform.settings.of(CommerceSettings).engine
    spill = platform.settings.state / "commerce-spill"
    limit = memory or f"{_most_mb()}MB"
    opened = engines.engine(chosen, open_session, spill, limit)
    with short_of_room(spill), closing(opened) as engine:
        yield engine


def layout_of(platform: Platform, lake: Lake) -> Layout:
    """The layout of what the lake holds, else that of the settings."""
    settings = platform.settings.of(CommerceSettings)
    held = lake.silver.current().facts.get("layout")
    return layout(held or settings.layout, settings.layouts)


def compute(platform: Platform, engine: Engine, as_of: date | None, run_id: str) -> Manifest:
    """Compute every table of gold from silver, and make them current together.

    Raises:
        PlatformError: there is nothing to compute from.
        ReconciliationError: a table is not what it declares, sums differ, or a rule of quality
            whose breach is an error does not hold; the last version of gold stays.
        ServerError: another run published meanwhile.
    """
    lake, settings = open_lake(platform.settings), platform.settings.of(CommerceSettings)
    before, silver = lake.gold.current(), lake.silver.current()
    form = layout_of(platform, lake)
    choices = gold.Choices(
        form.has_time,
        form.basket,
        as_of,
        settings.first_day,
        settings.price_limits,
        settings.least_support_pct,
    )
    started = time.monotonic()
    made, asked = _computed(engine, lake, silver, choices, settings.monthly_discount)
    require_no_error(asked, settings.severities)
    made["quality"] = quality.quality_table(asked, run_id, settings.severities)
    files = {name: [_put(lake, name, rows, started)] for name, rows in made.items()}
    facts = {
        "engine": engine.name,
        "as_of": str(made["kpis"]["as_of"][0].as_py()),
        "silver": str(silver.number),
        "net_amount": str(made["kpis"]["net_amount"][0].as_py()),
        "basket": form.basket,
        "currency": form.currency,
    }
    published = lake.gold.commit(before, files, run_id, facts)
    lake.gold.vacuum(settings.kept_versions)
    return published


def _computed(
    engine: Engine, lake: Lake, silver: Manifest, choices: gold.Choices, monthly_discount: float
) -> tuple[dict[str, pa.Table], list[Measured]]:
    """Every table but that of quality, and what was asked of the data."""
    lines = engine.read(lake.silver.paths(silver.files("lines")), schema_of(tables.lines))
    with engine.sized(silver.rows("lines")):
        added = gold.added_up(engine, lines, choices)
        standing = quality.standing(engine, lines, lake)
    engine.release()
    made = gold.gold_tables(added, known_customers(lake), choices)
    bought, extent = bought_of(added.customer_days), added.extent
    del added  # of ten million lines a gigabyte, and models need as much
    as_of = made["kpis"]["as_of"][0].as_py()
    made |= expectation_tables(bought, made["clients"], as_of, monthly_discount)
    asked = (
        quality.raw_measures(standing),
        quality.silver_measures(standing),
        quality.gold_measures(made, extent),
    )
    return made, [*chain.from_iterable(asked)]


def _put(lake: Lake, name: str, rows: pa.Table, started: float) -> File:
    """Write a table, with its sums and the seconds since the computation began."""
    file = lake.gold.put(name, validated(tables.GOLD[name], rows))
    seconds = round(time.monotonic() - started, 3)
    return replace(file, seconds=seconds, sums=copies.sums(name, rows))


def known_customers(lake: Lake) -> pl.DataFrame:
    """The rows of the customer file in whole units."""
    columns = ["customer_id", "name", "email", "registered_on", "country"]
    return pl.DataFrame(in_units(lake.silver_table("customers", columns)))


def copy_to_mongo(platform: Platform) -> Manifest:
    """Copy gold to MongoDB's collections, and note how long each table took to be seen.

    Raises:
        PlatformError: nothing was published yet.
    """
    lake = open_lake(platform.settings)
    manifest = lake.gold.current()
    watch, rows = Watch(platform, manifest), Published(lake, manifest)
    copies.to_mongo(platform.database, rows, manifest.run_id, watch.see)
    watch.keep()
    return manifest


def copy_to_postgres(platform: Platform) -> Manifest:
    """Copy gold to PostgreSQL's schema.

    Raises:
        PlatformError: nothing was published yet.
    """
    lake = open_lake(platform.settings)
    manifest = lake.gold.current()
    copies.to_postgres(platform.engine, Published(lake, manifest))
    return manifest


def has_drop_folder(platform: Platform) -> bool:
    """Whether files are taken from a folder."""
    return platform.settings.of(CommerceSettings).drop_folder is not None


class Published(Mapping[str, pa.Table]):
    """Every table that a manifest of gold names, each read when it is asked for."""

    def __init__(self, lake: Lake, manifest: Manifest) -> None:
        if not manifest.number:
            raise PlatformError("Nothing was computed yet: `txplatform commerce run` does it.")
        self._lake, self._manifest = lake, manifest

    def __getitem__(self, name: str) -> pa.Table:
        """The rows of a table."""
        return self._lake.gold_table(name, self._manifest)

    def __iter__(self) -> Iterator[str]:
        """The names of the tables."""
        return iter(self._manifest.tables)

    def __len__(self) -> int:
        """How many tables there are."""
        return len(self._manifest.tables)


@contextmanager
def _changing(
    platform: Platform,
    engine_name: str | None = "duckdb",
    open_session: OpenSession = no_session,
    form: Layout | None = None,
    memory: str | None = None,
) -> Iterator[tuple[Lake, Engine, Layout]]:
    """The lake, an engine, and how the shop writes; old versions of silver go at the end."""
    lake = open_lake(platform.settings)
    with engine_of(platform, engine_name, open_session, memory) as engine:
        yield lake, engine, form or layout_of(platform, lake)
    lake.silver.vacuum(platform.settings.of(CommerceSettings).kept_versions)


def ingest(platform: Platform, paths: Sequence[Path], layout_name: str | None) -> list[str]:
    """Take in files with the settings' engine; what became of each.

    Raises:
        SourceError: a file cannot be read as a whole.
        UsageError: there is no such layout, or the lake holds another shop.
    """
    settings = platform.settings.of(CommerceSettings)
    form = layout(layout_name, settings.layouts) if layout_name else None
    with _changing(platform, form=form, memory=memory_for(paths)) as shop:
        return list(ingestion.ingest(*shop, paths, new_run_id()))


def memory_for(paths: Sequence[Path]) -> str:
    """What DuckDB may take for files, then it spills: left alone it takes what the machine has."""
    size = sum(path.stat().st_size for path in paths if path.exists())
    return f"{min(_most_mb(), max(LEAST_MB, size * TIMES_THE_FILES // 1_000_000))}MB"


def _most_mb() -> int:
    return min(MOST_MB, int(psutil.virtual_memory().total * SHARE_OF_MEMORY) // 1_000_000)


def replay_all(platform: Platform) -> list[str]:
    """Read every quarantined row once more; what became of those that load by now."""
    with _changing(platform) as shop:
        return list(ingestion.replay(*shop, new_run_id()))


def withdraw(platform: Platform, content: str, why: str) -> str:
    """Take a file back, as the settings' user; a sentence about it.

    Raises:
        UsageError: there is no such file, or no reason is given.
    """
    if not why.strip():
        raise UsageError("Say why the file is taken back: --why TEXT.")
    wish = withdrawal.Wish(content, platform.settings.local_user, why.strip())
    with _changing(platform) as shop:
        return withdrawal.withdraw(*shop, wish, new_run_id())


def published_table(platform: Platform, name: str) -> pa.Table:
    """A table of gold as published.

    Raises:
        UsageError: there is no such table.
        PlatformError: nothing was published yet.
    """
    if name not in tables.GOLD:
        raise UsageError(f"There is no table {name}; there are {', '.join(sorted(tables.GOLD))}.")
    return open_lake(platform.settings).gold_table(name)


def versions(platform: Platform) -> dict[str, Any]:
    """Which version of gold is current, what it was made from, and whether silver has changed."""
    lake = open_lake(platform.settings)
    current, silver = lake.gold.current(), lake.silver.current()
    return {
        "version": current.number,
        "written_at": current.written_at,
        "run_id": current.run_id,
        **current.facts,
        "lines": silver.rows("lines"),
        "quarantined": silver.rows("quarantine"),
        "is_up_to_date": current.facts.get("silver") == str(silver.number),
    }


def take_in_waiting(
    platform: Platform, engine_name: str | None, open_spark: OpenSession, run_id: str
) -> tuple[list[str], int]:
    """Read what waits in bronze into silver.

    Returns:
        A sentence per file, and how many lines silver has now.
    """
    with _changing(platform, engine_name, open_spark) as shop:
        told = list(ingestion.take_in(*shop, run_id))
        return told, shop[0].silver.current().rows("lines")


def take_in_drop_folder(platform: Platform) -> list[str]:
    """Keep the drop folder's complete files in bronze; the names of those that were there.

    Raises:
        UsageError: no drop folder is set, or it is not there.
        SourceError: a file cannot be read as a whole.
    """
    lake, settings = open_lake(platform.settings), platform.settings.of(CommerceSettings)
    if settings.drop_folder is None:
        raise UsageError("Set TXPLATFORM_COMMERCE_DROP_FOLDER, or name files to ingest.")
    folder = DropFolder(settings.drop_folder, "TXPLATFORM_COMMERCE_DROP_FOLDER")
    form = layout_of(platform, lake)
    return [bronze.receive(lake.store, path, form).file for path in folder.waiting().complete]


def new_run_id() -> str:
    """An id for a run that Dagster did not start."""
    return uuid4().hex
