"""Files that somebody drops, and a platform whose settings say where to look for them."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from txplatform.domains.spend.settings import SpendSettings
from txplatform.platform import Platform
from txplatform_tests.domains.spend.sources.conftest import write

LAYOUT = "generic"
QUIET = 10
ROADS = """
date,       department, division, merchant, amount
2026-11-16, Roads,      Bridges,  Shell,    5.28
2026-11-17, Roads,      Bridges,  Shell,    -1.00
"""
PARKS = """
date,       department, division, merchant, amount
2026-11-18, Parks,      Trees,    B & Q,    20.00
"""


def drop(folder: Path, name: str, text: str = ROADS, seconds_ago: float = QUIET + 1) -> Path:
    """A file of the folder that somebody last wrote to so long ago."""
    path = write(folder / name, text)
    written_at = time.time() - seconds_ago
    os.utime(path, (written_at, written_at))
    return path


def names(folder: Path) -> list[str]:
    """What a folder holds."""
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def taking_from(platform: Platform, **changes: object) -> Iterator[Platform]:
    """The same installation with other settings (`drop_folder=...`)."""
    usual = {"drop_quiet_seconds": QUIET, "source_layout": LAYOUT}
    other = Platform(platform.settings.having(SpendSettings, **{**usual, **changes}))
    try:
        yield other
    finally:
        other.close()
