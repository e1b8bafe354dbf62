"""The verbs of spend: `txplatform spend ...`; each imports what it needs only when it runs."""

from typing import TYPE_CHECKING

import typer

from txplatform.domains.spend.commands import demo, export, ingestion, rules, weeks, withdrawal

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.orchestration.runs import PeriodRun

STARTS_SPARK = True
app = typer.Typer(help="Weekly control of internal spend.", no_args_is_help=True)
app.command()(demo.demo)
app.command()(ingestion.ingest)
app.add_typer(ingestion.layouts, name="layouts")
app.command()(ingestion.rejected)
app.command()(withdrawal.withdraw)
app.command()(weeks.run)
app.command()(weeks.status)
app.add_typer(export.export, name="export")
app.add_typer(rules.rules, name="rules")


def run_stale(opened: "Session") -> "list[PeriodRun]":
    """Compute the weeks, and find the alerts, that are stale or missing."""
    from txplatform.domains.spend.commands.session import note_changes

    note_changes(opened)
    return weeks.run_stale(opened)
