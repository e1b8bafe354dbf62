"""The verbs of the live events: `txplatform clickstream ...`; each imports what it needs late."""

import typer

from txplatform.domains.clickstream.commands import checking, demo, generating, running

app = typer.Typer(help="Live shop events: windows, carts, funnel, alerts.", no_args_is_help=True)
app.command()(running.run)
app.command()(running.status)
app.command()(running.replay)
app.command()(generating.generate)
app.command()(checking.check)
app.command()(demo.demo)
