"""`spend demo`: the weekly job with the sample, or with a file of one's own."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from txplatform.cli.console import Json
from txplatform.cli.demo import Port, Serve, play
from txplatform.domains.spend import demo as of_spend


def demo(
    csv: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file of your own instead of the sample."),
    ] = None,
    layout: Annotated[str, typer.Option(help="Layout of that file.")] = of_spend.SAMPLE_LAYOUT,
    is_served: Serve = None,
    port: Port = 3000,
    as_json: Json = False,
) -> None:
    """Take purchases through MongoDB, Spark and PostgreSQL into weekly_transactions and alerts.

    Without a file it makes a seeded sample of 60,000 purchases. A file of your own is kept in a
    state folder of its own, apart from the sample.

    Example: txplatform spend demo --csv purchases.csv --layout delaware
    """
    demos = {"spend": partial(of_spend.demo, csv=csv, layout=layout)}
    play(of_spend.state_of(csv, layout), demos, is_served, port, as_json)
