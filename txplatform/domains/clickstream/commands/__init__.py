"""The verbs of the live events: `txplatform clickstream ...`; each imports what it needs late."""

from typing import TYPE_CHECKING

import typer

from txplatform.domains.clickstream.commands import checking, demo, generating, running

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.orchestration.runs import PeriodRun

app = typer.Typer(help="Live shop events: windows, carts, funnel, alerts.", no_args_is_help=True)
app.command()(running.run)
app.command()(running.status)
app.command()(running.replay)
app.command()(generating.generate)
app.command()(checking.check)
app.command()(demo.demo)


def run_stale(opened: "Session") -> "list[PeriodRun]":
    """Seal the hours once more that changed since they were sealed."""
    return running.run_stale(opened)
