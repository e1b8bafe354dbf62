"""Where purchases come from: a file or collection that is named, or what lies in a drop folder."""

from collections.abc import Callable
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
from txplatform.ingestion.drop_folder import DropFolder
from txplatform.platform import Platform
from txplatform.settings.addresses import without_credentials
from txplatform.settings.logins import Component

COLLECTION_SCHEMES = ("mongodb://", "mongodb+srv://")
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
    if folder := drop_folder(platform):
        complete, unfinished = folder.waiting()
        for path in complete:
            try:
                reports.append(take(platform, str(path), settings.source_layout))
            except SourceError as error:
                unreadable.append(str(error))
            else:
                folder.put_away(path)
    return Arrivals(reports, unfinished, unreadable)


def drop_folder(platform: Platform) -> DropFolder | None:
    """The folder that the settings name."""
    settings = platform.settings.of(SpendSettings)
    if settings.drop_folder is None:
        return None
    return DropFolder(
        settings.drop_folder, "TXPLATFORM_SPEND_DROP_FOLDER", settings.drop_quiet_seconds
    )
