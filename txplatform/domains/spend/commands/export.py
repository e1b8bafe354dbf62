"""`export weekly-transactions`: the table as a file, every digit."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from txplatform.cli.console import out
from txplatform.errors import UsageError

export = typer.Typer(help="Write a table to a file.", no_args_is_help=True)


class Format(StrEnum):
    """File formats of an export."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


@export.command("weekly-transactions")
def weekly_transactions(
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    from_: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="MONDAY", help="First week."),
    ] = None,
    to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="MONDAY", help="Last week."),
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="Unset, by the file's ending.")
    ] = None,
) -> None:
    """Write weekly_transactions to a file: the contract's columns, sorted by its key.

    Example: txplatform spend export weekly-transactions --from 2026-01-05 -o weekly.csv
    """
    kind = format_ or _format_of(output)
    from txplatform.connectors import exports
    from txplatform.domains.spend.queries.weekly_table import weekly_rows
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        first, last = (moment.date() if moment else None for moment in (from_, to))
        rows = weekly_rows(platform.engine, first, last)
        exports.write(rows, output, kind.value)
    out().print(f"{rows.num_rows} rows written to {output}.")


def _format_of(output: Path) -> Format:
    try:
        return Format(output.suffix.removeprefix(".").lower())
    except ValueError:
        raise UsageError(
            f"The ending of {output} is none of .csv, .xlsx, .parquet: say --format."
        ) from None
