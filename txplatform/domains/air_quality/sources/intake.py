"""Everything that arrives: all stations asked one after the other, and files taken in."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries.basis import Basis, basis_of
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.fetching import Intake, Report
from txplatform.domains.air_quality.sources.hourly_files import mapping_of, read_hourly_file
from txplatform.domains.air_quality.sources.provider import provider_of
from txplatform.domains.air_quality.sources.records import Answer
from txplatform.domains.air_quality.sources.stations import FILES, Station
from txplatform.errors import UnansweredError
from txplatform.ingestion.ledger import FAILED
from txplatform.platform import Platform

AIRQINO = "airqino"
"""The mapping of a saved answer of AirQino's API."""


def fetch_all(platform: Platform, only: Station | None = None) -> list[Report]:
    """Ask the network of every station (or of one) for what is new, one request at a time."""
    basis = basis_of(platform)
    asked = [each for each in basis.stations.values() if each.provider != FILES]
    stations = [only] if only else asked
    return [_fetch(platform, basis, station) for station in stations]


def _fetch(platform: Platform, basis: Basis, station: Station) -> Report:
    settings = platform.settings.of(AirQualitySettings)
    spare = timedelta(minutes=settings.minutes_between_fetches)
    intake = Intake(platform, station, StaleMarker(platform, basis.rules))
    provider = provider_of(station, settings)
    try:
        return _named(station, intake.fetch(provider, spare))
    finally:
        provider.close()


def _named(station: Station, report: Report) -> Report:
    """A failure with the station that it is of: of several, the sentences may be the same."""
    if report.status != FAILED or report.sentence.startswith(station.name):
        return report
    return report._replace(sentence=f"{station.name}: {report.sentence}")


def import_file(platform: Platform, station: Station, path: Path, mapping: str) -> Report:
    """Take in a saved answer, or hourly values in CSV or Parquet by a declared mapping.

    Raises:
        UsageError: there is no such mapping.
        SourceError: the file cannot be used; nothing of it was taken in.
    """
    read = _reader(mapping, platform.settings.of(AirQualitySettings).mappings)
    marker = StaleMarker(platform, basis_of(platform).rules)
    intake = Intake(platform, station, marker)
    return intake.take(lambda: read(path, station, datetime.now(UTC)))


def _reader(mapping: str, own: Path | None) -> Callable[[Path, Station, datetime], Answer]:
    if mapping == AIRQINO:
        return _saved_answer
    columns = mapping_of(mapping, own)
    return lambda path, station, now: read_hourly_file(path, columns, station, now)


def _saved_answer(path: Path, station: Station, now: datetime) -> Answer:
    from txplatform.connectors import files  # for who imports them only

    return read_answer(files.text_of(path), station, now)


def require_answers(reports: Sequence[Report]) -> None:
    """Fail where a network gave no usable answer; the others' hours are in.

    Raises:
        UnansweredError: the sentences of all failures.
    """
    failed = [report.sentence for report in reports if report.status == FAILED]
    if failed:
        raise UnansweredError(" ".join(failed))


def summary(reports: Sequence[Report]) -> dict[str, Any]:
    """The counts of several fetches, and their sentences."""
    counts = ("records", "new", "changed", "unchanged", "refused", "stale_days")
    totals = {name: sum(getattr(report, name) for report in reports) for name in counts}
    return {**totals, "sentences": "\n".join(report.sentence for report in reports)}
