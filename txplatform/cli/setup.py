"""`setup roles`: logins with the least rights for each part, on one's own servers."""

from pathlib import Path
from typing import Annotated

import typer

from txplatform.cli.console import Json, err, out, print_json

setup = typer.Typer(help="Prepare servers of one's own.", no_args_is_help=True)


@setup.callback()
def group() -> None:
    """Prepare servers of one's own."""


@setup.command("roles")
def roles(
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the addresses are kept; unset, `logins` in the state folder."),
    ] = None,
    has_superset: Annotated[
        bool, typer.Option("--superset", help="A database for Superset's own, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a login for each part (ingest, compute, read, decide, bi) with only the rights it needs.

    Each address goes into a file that only its owner reads; what is printed are the settings that
    name these files. A second call changes nothing but the rights.

    Example: txplatform setup roles
    """
    from txplatform import logins
    from txplatform.settings import load_settings

    settings = load_settings()
    place = (folder or settings.state / "logins").expanduser().resolve()
    made = logins.setup(settings, place, has_superset)
    if as_json:
        print_json([one._asdict() for one in made])
        return
    for one in made:
        out().print(f"{one.variable}={one.file}")
    count = sum(one.is_new for one in made)
    err().print(f"{count} logins have a new password; give each part its own settings only.")
