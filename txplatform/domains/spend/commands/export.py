"""`export weekly-transactions`: the table as a file, every digit."""

import typer

from txplatform.cli.console import out
from txplatform.cli.options import FormatOption, Output, days_of, format_of
from txplatform.domains.spend.commands.weeks import From, To

export = typer.Typer(help="Write a table to a file.", no_args_is_help=True)


@export.command("weekly-transactions")
def weekly_transactions(
    output: Output,
    from_: From = None,
    to: To = None,
    format_: FormatOption = None,
) -> None:
    """Write weekly_transactions to a file, sorted by its key, with every digit.

    `is_open` is true in a week that is not over.

    Example: txplatform spend export weekly-transactions --from 2026-01-05 -o weekly.csv
    """
    kind, (first, last) = format_of(output, format_), days_of(from_, to)
    from txplatform.connectors import exports
    from txplatform.domains.spend.planning import open_week
    from txplatform.domains.spend.queries.weekly_table import telling_open, weekly_rows
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        rows = telling_open(weekly_rows(platform.engine, first, last), open_week(platform))
        exports.write(rows, output, kind)
    out().print(f"{rows.num_rows} rows written to {output}.")
