"""The verbs of air quality: `txplatform air-quality ...`; nothing heavy is imported here."""

from typing import TYPE_CHECKING

import typer

from txplatform.domains.air_quality.commands import arriving, days, export

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.orchestration.runs import PeriodRun

app = typer.Typer(help="Air quality of stations, hour by hour.", no_args_is_help=True)
app.command()(arriving.fetch)
app.command("import")(arriving.import_)
app.command()(days.run)
app.command()(days.status)
app.command()(export.export)


def run_stale(opened: "Session") -> "list[PeriodRun]":
    """Compute the days that are stale or missing."""
    return days.run_stale(opened)
