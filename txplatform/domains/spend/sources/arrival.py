"""Where purchases come from: a file or collection that is named, or what waits in the drop folder.

A file in the drop folder is taken once it is complete: its name is final and nobody has written
to it for a while. A taken file moves into `taken/` beside it.
"""

import time
from collections.abc import Callable
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from txplatform.connectors.files import is_missing
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources.collection import ingest_collection
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform.domains.spend.sources.records import Policy
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform.embedded.processes import secret
from txplatform.errors import SourceError, UsageError
from txplatform.platform import Platform
from txplatform.settings.addresses import without_credentials
from txplatform.settings.logins import Component

COLLECTION_SCHEMES = ("mongodb://", "mongodb+srv://")
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
TAKEN = "taken"
Progress = Callable[[str, float], None]


class Arrivals(NamedTuple):
    """What was taken from the configured sources, and which files are still being written."""

    reports: list[IngestionReport]
    unfinished: list[Path]
    unreadable: list[str]
    """A sentence per file that stays in the drop folder because it cannot be read."""

    def require_readable(self) -> None:
        """Raise a SourceError with every sentence about an unreadable file."""
        if self.unreadable:
            raise SourceError(" ".join(self.unreadable))


def policy(platform: Platform) -> Policy:
    """What the settings accept from any source."""
    settings = platform.settings.of(SpendSettings)
    return Policy(
        currency=settings.currency,
        first_week=settings.first_week,
        time_zone=platform.settings.time_zone,
        largest_amount=settings.largest_amount,
        card_identity=settings.card_identity,
        card_key=card_key(platform),
    )


def card_key(platform: Platform) -> bytes:
    """Key of the hash of card identities: the setting's, else one kept in the state folder."""
    configured = platform.settings.of(SpendSettings).card_key
    if configured:
        return configured.get_secret_value().encode()
    return secret(platform.settings.state / "secrets" / "card").encode()


def take(
    platform: Platform,
    source: str,
    layout_name: str,
    on_progress: Progress = lambda stage, fraction: None,
) -> IngestionReport:
    """Ingest one file, or one collection given as mongodb://host/database.collection.

    Raises:
        UsageError: there is no such file.
    """
    layout, accepted = load_layout(layout_name), policy(platform)
    database = platform.acting(Component.INGEST).database
    if source.startswith(COLLECTION_SCHEMES):
        return ingest_collection(database, source, layout, accepted, on_progress)
    if is_missing(Path(source)) or Path(source).is_dir():
        named = without_credentials(source)
        raise UsageError(f"{named} is not a file: name files, or mongodb://host/db.collection.")
    return ingest_file(database, Path(source), layout, accepted, on_progress)


def take_new(platform: Platform) -> Arrivals:
    """Ingest what the settings' collection and drop folder hold that is new.

    A file that cannot be read stays where it is and keeps no other one from being taken.
    """
    settings = platform.settings.of(SpendSettings)
    reports: list[IngestionReport] = []
    unfinished: list[Path] = []
    unreadable: list[str] = []
    if settings.source_collection:
        address = settings.source_collection.get_secret_value()
        reports.append(take(platform, address, settings.source_layout))
    if settings.drop_folder:
        complete, unfinished = waiting_files(settings.drop_folder, settings.drop_quiet_seconds)
        for path in complete:
            try:
                reports.append(take(platform, str(path), settings.source_layout))
            except SourceError as error:
                unreadable.append(str(error))
            else:
                _put_away(path)
    return Arrivals(reports, unfinished, unreadable)


def waiting_files(folder: Path, quiet_seconds: float) -> tuple[list[Path], list[Path]]:
    """The files of the drop folder that are complete, and those still being written; by name.

    Raises:
        UsageError: the folder does not exist.
    """
    if not folder.is_dir():
        raise UsageError(f"The drop folder {folder} (TXPLATFORM_SPEND_DROP_FOLDER) does not exist.")
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    quiet_since = time.time() - quiet_seconds
    complete = [path for path in files if _is_complete(path, quiet_since)]
    return complete, [path for path in files if path not in complete]


def has_come(folder: Path, pattern: str, week: date) -> bool:
    """Whether the file that is expected for a week (`purchases-%Y-%m-%d*.csv`) is or was there."""
    name = week.strftime(pattern)
    return any(any(place.glob(name)) for place in (folder, folder / TAKEN))


def _is_complete(path: Path, quiet_since: float) -> bool:
    return path.suffix.lower() not in UNFINISHED and path.stat().st_mtime <= quiet_since


def _put_away(path: Path) -> None:
    taken = path.parent / TAKEN
    taken.mkdir(exist_ok=True)
    names = chain([path.name], (f"{path.stem}-{number}{path.suffix}" for number in count(2)))
    # The same name may come every week: no earlier file is lost.
    path.replace(next(target for name in names if not (target := taken / name).exists()))
