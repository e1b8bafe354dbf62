"""The command line: the verbs of the machine, and each domain's own below its name.

Importing Dagster costs over two seconds and Spark another; `--help` pays for neither: a command
imports what it needs when it runs.
"""

import typer

from txplatform import domains
from txplatform.cli import backup, bi, demo, doctor, freshness, servers, serving, setup
from txplatform.cli.domains import parts

app = typer.Typer(
    help="Data of a business, domain by domain: from its sources to tables that people trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo.demo)
app.command()(servers.up)
app.command()(servers.down)
app.command()(freshness.status)
app.command()(freshness.run)
app.command()(serving.api)
app.command()(serving.dashboard)
app.add_typer(serving.token, name="token")
app.add_typer(setup.setup, name="setup")
app.add_typer(bi.bi, name="bi")
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(doctor.doctor)

for name, commands in parts("commands").items():
    app.add_typer(commands.app, name=domains.slug(name))
