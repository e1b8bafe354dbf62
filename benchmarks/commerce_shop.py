"""An installation of a benchmark's own, and the shops that it takes in."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.sources import sample_files
from txplatform.domains.commerce.sources.sample import Plan
from txplatform.platform import Platform, opened

PUBLISHED = Path(__file__).parents[2] / "shared/data/commerce/online_retail"
PURCHASES, LINES_PER_CUSTOMER = 7_073, 10


@contextmanager
def installation() -> Iterator[Platform]:
    """Servers and a lake of the benchmark's own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(state_dir=Path(folder), mongo_uri=None, postgres_url=None, lake_url=None) as p,
    ):
        yield p


def shop(options: argparse.Namespace, folder: Path, lines: int) -> tuple[list[Path], str]:
    """The published invoices or purchases where they are, else a made-up shop; files and layout."""
    bought = sorted(PUBLISHED.with_name("clients_achats_7k").glob("*.csv"), reverse=True)
    if lines == PURCHASES and bought and not options.shop:
        return bought, "clients_achats"
    if options.file and not options.small and not options.shop:
        return [options.file], "online_retail"
    made_up = options.shop or folder / "shop"
    if not options.shop:
        made(lines, made_up)
    files = [made_up / f"{name}.{sample_files.Format.PARQUET}" for name in ("customers", "lines")]
    return files, sample_files.LAYOUT


def made(lines: int, folder: Path) -> None:
    """A made-up shop of so many lines."""
    plan = Plan(max(200, lines // LINES_PER_CUSTOMER))
    sample_files.write(folder, plan, sample_files.Format.PARQUET)


def computed(platform: Platform, open_session: Callable[[], Any] | None = None) -> float:
    """Seconds of gold, with Spark if a session is at hand."""
    began = time.monotonic()
    chosen = ("spark", open_session) if open_session else ()
    with refresh.engine_of(platform, *chosen) as engine:
        refresh.compute(platform, engine, None, refresh.new_run_id())
    return time.monotonic() - began


def published(platform: Platform) -> float:
    """Compute gold and copy it; the seconds of gold alone."""
    seconds = computed(platform)
    refresh.copy_to_mongo(platform)
    refresh.copy_to_postgres(platform)
    return seconds
