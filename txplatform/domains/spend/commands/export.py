"""`export weekly-transactions`: the table as a file, every digit."""

from datetime import datetime
from typing import Annotated

import typer

from txplatform.cli.console import out
from txplatform.cli.exporting import FormatOption, Output, format_of

export = typer.Typer(help="Write a table to a file.", no_args_is_help=True)


@export.command("weekly-transactions")
def weekly_transactions(
    output: Output,
    from_: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="MONDAY", help="First week."),
    ] = None,
    to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="MONDAY", help="Last week."),
    ] = None,
    format_: FormatOption = None,
) -> None:
    """Write weekly_transactions to a file, sorted by its key, with every digit.

    `is_open` is true in a week that is not over.

    Example: txplatform spend export weekly-transactions --from 2026-01-05 -o weekly.csv
    """
    kind = format_of(output, format_)
    from txplatform.connectors import exports
    from txplatform.domains.spend.planning import open_week
    from txplatform.domains.spend.queries.weekly_table import telling_open, weekly_rows
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        first, last = (moment.date() if moment else None for moment in (from_, to))
        rows = telling_open(weekly_rows(platform.engine, first, last), open_week(platform))
        exports.write(rows, output, kind)
    out().print(f"{rows.num_rows} rows written to {output}.")
