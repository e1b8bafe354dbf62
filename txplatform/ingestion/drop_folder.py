"""A folder that others put files into: they are taken once they are complete.

Complete is a file whose name is final and to which nobody has written for a while. Whoever moves
what was taken puts it into `taken/` beside it.
"""

import time
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from txplatform.errors import UsageError

UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
TAKEN = "taken"
QUIET_SECONDS = 10.0


class Waiting(NamedTuple):
    """The files that lie in a folder, by name."""

    complete: list[Path]
    unfinished: list[Path]


class DropFolder(NamedTuple):
    """A folder, and the setting that names it."""

    path: Path
    setting: str
    quiet_seconds: float = QUIET_SECONDS

    def waiting(self) -> Waiting:
        """The files that are complete, and those still being written.

        Raises:
            UsageError: the folder does not exist.
        """
        if not self.path.is_dir():
            raise UsageError(f"The drop folder {self.path} ({self.setting}) does not exist.")
        found = sorted(self.path.iterdir())
        files = [path for path in found if path.is_file() and path.name[0] != "."]
        quiet_since = time.time() - self.quiet_seconds
        complete = [path for path in files if _is_complete(path, quiet_since)]
        return Waiting(complete, [path for path in files if path not in complete])

    def put_away(self, file: Path) -> None:
        """Move a file that was taken; the same name may come every week, and none is lost."""
        taken = self.path / TAKEN
        taken.mkdir(exist_ok=True)
        names = chain([file.name], (f"{file.stem}-{number}{file.suffix}" for number in count(2)))
        file.replace(next(target for name in names if not (target := taken / name).exists()))

    def has_come(self, name: str) -> bool:
        """Whether a file whose name matches (`purchases-2026-11-16*.csv`) is or was there."""
        return any(any(place.glob(name)) for place in (self.path, self.path / TAKEN))


def _is_complete(path: Path, quiet_since: float) -> bool:
    return path.suffix.lower() not in UNFINISHED and path.stat().st_mtime <= quiet_since
