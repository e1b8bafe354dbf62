"""A code location for tests: the real txplatform, and assets that misbehave on purpose.

`Laboratory` is the tests' side of it. A held asset waits for the file that releases its week; the
fragile one loses its process once per file that breaks it.
"""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from txplatform.definitions import build
from txplatform.errors import ReconciliationError
from txplatform.orchestration.partitions import weekly_partitions
from txplatform.settings import load_settings

HELD_SECONDS = 120
SENTENCE = "The week does not agree with its documents by 0.01: look at the rows of Highways."
WEEKS = weekly_partitions()


class Laboratory(NamedTuple):
    """The folder by which tests and assets talk."""

    folder: Path

    def release(self, week: str) -> None:
        """Let `held` finish the week."""
        self._file("release", week).touch()

    def is_released(self, week: str) -> bool:
        """Whether `held` may finish the week."""
        return self._file("release", week).exists()

    def break_once(self, week: str) -> None:
        """Let the next run of `fragile` for the week lose its process."""
        self._file("break", week).touch()

    def takes_break(self, week: str) -> bool:
        """Whether this run is the one that breaks; no other will be."""
        path = self._file("break", week)
        is_there = path.exists()
        path.unlink(missing_ok=True)
        return is_there

    def _file(self, what: str, week: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{what}-{week}"


def _laboratory() -> Laboratory:
    return Laboratory(load_settings().state / "laboratory")


@dg.asset(partitions_def=WEEKS)
def held(context: dg.AssetExecutionContext) -> None:
    """Takes as long as the test wants."""
    deadline = time.monotonic() + HELD_SECONDS
    while time.monotonic() < deadline:
        if _laboratory().is_released(context.partition_key):
            return
        time.sleep(0.2)
    raise TimeoutError(f"nobody released {context.partition_key}")


@dg.asset(partitions_def=WEEKS)
def fragile(context: dg.AssetExecutionContext) -> None:
    """Loses its process as if the machine had failed, once."""
    if _laboratory().takes_break(context.partition_key):
        os.kill(os.getpid(), signal.SIGKILL)


@dg.asset(partitions_def=WEEKS)
def broken() -> None:
    """Fails with the sentence of a domain."""
    raise ReconciliationError(SENTENCE)


@dg.asset(partitions_def=WEEKS)
def wrong() -> None:
    """Succeeds for Dagster, although the check of its total fails."""


@dg.asset(partitions_def=WEEKS)
def odd() -> None:
    """Succeeds, and a check of it warns."""


@dg.asset
def listing() -> dg.MaterializeResult[None]:
    """Lists partitions for whoever asks."""
    return dg.MaterializeResult(metadata={"late": dg.MetadataValue.json(["2024-01-01"])})


@dg.asset_check(asset=wrong)
def total() -> dg.AssetCheckResult:
    """Never passes."""
    return dg.AssetCheckResult(passed=False, description="Off by 0.01.")


@dg.asset_check(asset=odd)
def usual() -> dg.AssetCheckResult:
    """Always warns."""
    warn = dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(passed=False, severity=warn, description="Twice the usual total.")


@dg.definitions
def defs() -> dg.Definitions:
    """The real code location and the laboratory's assets."""
    assets = [held, fragile, broken, wrong, odd, listing]
    laboratory = dg.Definitions(assets=assets, asset_checks=[total, usual])
    return dg.Definitions.merge(build(load_settings()), laboratory)
