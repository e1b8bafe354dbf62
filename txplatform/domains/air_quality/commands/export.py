"""`export hourly|daily`: a table as a file, every digit and every flag."""

from enum import StrEnum
from typing import Annotated

import typer

from txplatform.cli.console import out
from txplatform.cli.options import FormatOption, Output, days_of, format_of


class Which(StrEnum):
    """Tables that are exported."""

    HOURLY = "hourly"
    DAILY = "daily"


def export(
    which: Annotated[Which, typer.Argument(help="The table.")],
    output: Output,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="First local day."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="DAY", help="Last local day."),
    ] = None,
    station: Annotated[
        str | None, typer.Option("--station", metavar="ID", help="Only this one, by id or name.")
    ] = None,
    format_: FormatOption = None,
) -> None:
    """Write hours or days to a file, with their flags, sorted by the table's key.

    Example: txplatform air-quality export daily --from 2023-01-01 -o days.csv
    """
    kind, (first, last) = format_of(output, format_), days_of(from_, to)
    from txplatform.connectors import exports
    from txplatform.domains.air_quality.queries.basis import basis_of
    from txplatform.domains.air_quality.queries.rows import Wanted, rows
    from txplatform.domains.air_quality.sources.stations import station_of
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        only = station_of(basis_of(platform).stations, station) if station else None
        wanted = Wanted(only and only.station_id, None, first, last)
        found = rows(platform.engine, which.value, wanted)
        exports.write(found, output, kind)
    out().print(f"{found.num_rows} rows written to {output}.")
