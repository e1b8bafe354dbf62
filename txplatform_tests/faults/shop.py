"""A shop's run is killed wherever it is: files, manifests, MongoDB and PostgreSQL, again and again.

What must hold then: a reader of the lake finds a whole version or none, and once the documented
commands have ended well, every figure is as drawn and the three places say the same.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.demo import COMPARED, figures
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import Lake, open_lake
from txplatform.domains.commerce.sources import sample_files
from txplatform.domains.commerce.sources.sample import Plan
from txplatform.errors import PlatformError
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests.faults.killing import killed_at_random
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import Fault, Stage

KIND = "kill -9 of a shop's run"
MOST_STRIKES = 4
CUSTOMERS, DAYS = (100, 250), (120, 300)
TYPICAL: dict[str, float] = {"ingest": 3.0, "run": 8.0}
"""What a command took last time, in seconds; it is killed somewhere before its end."""


def shop_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Ingest and compute a new shop while both are killed; None if every kill came too late."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    folder = stage.world.folder / f"shop-{fault.seed.replace(':', '-')}"
    plan = Plan(random.randint(*CUSTOMERS), random.randint(*DAYS), random.randint(1, 1_000))
    files = sample_files.write(folder, plan)
    lake = {"TXPLATFORM_LAKE": str(folder / "lake")}
    found: list[str] = []
    commands = _commands(files)
    strikes = 0
    for _ in range(random.randint(2, MOST_STRIKES)):
        strikes += killed_at_random(stage, random, TYPICAL, random.choice(commands), lake, found)
        found += halves(_lake(folder))
    began = time.monotonic()
    stage.world.must("up")
    for arguments in commands:
        stage.world.must(*arguments, **lake)
    seconds = round(time.monotonic() - began, 1)
    found += _wrong(folder, files.truth)
    if not strikes and not found:
        return None
    return Outcome(fault.seed, fault.kind, fault.moment, seconds, tuple(found), strikes)


def _commands(files: sample_files.Written) -> list[tuple[str, ...]]:
    paths = (str(files.customers), str(files.lines))
    ingest = ("commerce", "ingest", *paths, "--layout", sample_files.LAYOUT)
    return [ingest, ("commerce", "run")]


def _lake(folder: Path) -> Lake:
    return open_lake(_settings(folder))


def _settings(folder: Path) -> Settings:
    return load_settings(lake_url=str(folder / "lake"))


def halves(lake: Lake) -> Iterator[str]:
    """Promise 2: what manifests name is there and whole."""
    for layer in (lake.silver, lake.gold):
        current = layer.current()
        for table in current.tables:
            try:
                rows = layer.read(current, table)
            except PlatformError as error:
                yield f"promise 2: {error}"
                continue
            count = rows.num_rows if rows is not None else 0
            if count != current.rows(table):
                yield f"promise 2: {layer.name} {table} has {count} of {current.rows(table)} rows"


def _wrong(folder: Path, truth: Mapping[str, Any]) -> Iterator[str]:
    """Promises 1 and 3: every figure as drawn, and the three places the same."""
    platform = Platform(_settings(folder))
    try:
        seen = figures(platform)
        for name in COMPARED:
            if seen[name] != truth[name]:
                yield f"promise 1: {name} is {seen[name]}, drawn {truth[name]}"
        lake = open_lake(platform.settings)
        rows = refresh.Published(lake, lake.gold.current())
        for difference in copies.differences(platform.database, platform.engine, rows):
            yield f"promise 3: {difference}"
    finally:
        platform.close()
