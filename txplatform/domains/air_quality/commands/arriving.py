"""`fetch` asks the stations' networks, `import` takes a file in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txplatform.domains.air_quality.sources.fetching import Report

Station = Annotated[str, typer.Option("--station", metavar="ID", help="A station, by id or name.")]
NEXT = "Compute what changed with `txplatform air-quality run --stale`."


def fetch(
    station: Annotated[
        str | None, typer.Option("--station", metavar="ID", help="Only this one, by id or name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the stations' networks for what is new since last time.

    A station is asked at most once in ten minutes; the running hour comes again each time.

    Example: txplatform air-quality fetch --station SMART188
    """
    from txplatform.domains.air_quality.queries.basis import basis_of
    from txplatform.domains.air_quality.sources.intake import fetch_all
    from txplatform.domains.air_quality.sources.stations import station_of
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.INGEST) as platform:
        only = station_of(basis_of(platform).stations, station) if station else None
        reports = fetch_all(platform, only)
    if not reports and not as_json:
        out().print("No station has a network that could be asked: import files.")
    _tell(reports, as_json)


def import_(
    file: Annotated[Path, typer.Argument(help="A saved answer, CSV or Parquet.")],
    station: Station,
    mapping: Annotated[
        str,
        typer.Option(
            "--mapping",
            help="How the file is read: airqino (a saved answer), openaq or hourly (columns).",
        ),
    ] = "airqino",
    as_json: Json = False,
) -> None:
    """Take hours of a station in from a file: a saved answer, or hourly values in columns.

    Example: txplatform air-quality import answer.json --station SMART188
    """
    from txplatform.domains.air_quality.queries.basis import basis_of
    from txplatform.domains.air_quality.sources.intake import import_file
    from txplatform.domains.air_quality.sources.stations import station_of
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.INGEST) as platform:
        known = station_of(basis_of(platform).stations, station)
        _tell([import_file(platform, known, file, mapping)], as_json)


def _tell(reports: "Sequence[Report]", as_json: bool) -> None:
    """Print what came.

    Raises:
        PlatformError: a network gave no usable answer.
    """
    if as_json:
        print_json([report._asdict() for report in reports])
    else:
        for report in reports:
            out().print(report.sentence)
        if any(report.stale_days for report in reports):
            out().print(NEXT)
    failed = sum(report.status == "failed" for report in reports)
    if failed:
        raise PlatformError(f"{failed} of {len(reports)} fetches failed.")
