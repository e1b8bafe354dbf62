"""The command line: thin commands, each importing what it needs only when it runs.

Importing Dagster costs over two seconds and Spark another; `--help` pays for neither.
"""

import typer

from txplatform.cli import (
    backup,
    dashboard,
    demo,
    doctor,
    export,
    ingestion,
    rules,
    servers,
    serving,
    setup,
    weeks,
)

app = typer.Typer(
    help="Weekly control of internal spend: MongoDB to PostgreSQL with Spark, as Dagster assets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo.demo)
app.command()(servers.up)
app.command()(servers.down)
app.command()(ingestion.ingest)
app.add_typer(ingestion.layouts, name="layouts")
app.command()(weeks.run)
app.command()(weeks.status)
app.command()(ingestion.rejected)
app.add_typer(export.export, name="export")
app.add_typer(rules.rules, name="rules")
app.command()(serving.api)
app.command()(dashboard.dashboard)
app.add_typer(serving.token, name="token")
app.add_typer(setup.setup, name="setup")
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(doctor.doctor)
