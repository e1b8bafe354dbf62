"""`bi`: Superset with the dashboards of the code, for people who ask their own questions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from txplatform.cli.console import Json, err, out, print_json, table
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Engine

    from txplatform.bi.applying import Applied
    from txplatform.bi.client import Client

bi = typer.Typer(help="Superset on the published tables.", no_args_is_help=True)
Force = Annotated[bool, typer.Option("--force", help="Overwrite what was edited in Superset.")]


@bi.callback()
def group() -> None:
    """Superset on the published tables."""


@bi.command("up")
def up(
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port; unset, the last one or 8088.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="127.0.0.1, or 0.0.0.0 for a proxy; unset, where it listens.")
    ] = "",
    stays: Annotated[
        bool, typer.Option("--stay", help="Stay until Ctrl-C, as a service does.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start Superset with the dashboards of the code and leave it running.

    The first time it installs Superset's environment and makes its database. As `bi apply` does,
    it ends with 1 where edits made in Superset differ from the code.

    Example: txplatform bi up
    """
    from txplatform import embedded
    from txplatform.bi import environment
    from txplatform.bi.server import ADMIN, Superset
    from txplatform.settings import load_settings

    settings = load_settings()
    environment.ensure(settings, err().print)
    if settings.is_postgres_embedded:
        embedded.up(settings, err().print)
    server = Superset(settings, port, host)
    with server.locked():
        err().print(server.ensure().line)
    with _session() as session:
        applied = session.apply()
    _tell(applied, err() if as_json else out())
    about = {"address": server.address(), "user": ADMIN, "password": str(server.password_file)}
    if as_json:
        print_json(about)
    else:
        out().print(f"{about['address']} lets {ADMIN} in with the password in {about['password']}")
    if stays:
        server.wait()
    elif applied.edited:
        raise typer.Exit(1)


@bi.command("down")
def down() -> None:
    """Stop Superset; its dashboards and users stay, and so do the other servers.

    Example: txplatform bi down
    """
    from txplatform.bi.server import Superset
    from txplatform.settings import load_settings

    server = Superset(load_settings())
    with server.locked():
        server.stop()
    out().print("Superset is stopped.")


@bi.command("status")
def status(as_json: Json = False) -> None:
    """Say whether Superset runs and which dashboards it has.

    Example: txplatform bi status
    """
    from txplatform.bi.server import Superset
    from txplatform.settings import load_settings

    server = Superset(load_settings()).status()
    found: list[dict[str, Any]] = []
    problem = None
    if server.is_running:
        try:
            with _session() as session:
                found = session.client.all("dashboard")
        except PlatformError as error:
            problem = error
    dashboards = [(one["dashboard_title"], f"http://{server.address}{one['url']}") for one in found]
    if as_json:
        print_json({"is_running": server.is_running, "address": server.address,
                    "dashboards": dict(dashboards)})  # fmt: skip
    else:
        out().print(f"Superset runs on {server.address}." if server.is_running else
                    "Superset is not running: `txplatform bi up` starts it.")  # fmt: skip
    if dashboards and not as_json:
        table(("dashboard", "address"), dashboards)
    if problem:
        raise problem


@bi.command("apply")
def apply(is_forced: Force = False, as_json: Json = False) -> None:
    """Bring the dashboards of the code into Superset; what was edited there stays and is named.

    Example: txplatform bi apply
    """
    with _session() as session:
        applied = session.apply(is_forced)
    if as_json:
        edited = [one._asdict() for one in applied.edited]
        print_json({"changed": applied.changed, "edited": edited})
    else:
        _tell(applied, out())
    if applied.edited:
        raise typer.Exit(1)


@bi.command("pull")
def pull(
    folder: Annotated[
        Path | None, typer.Option(help="Where the YAML is; unset, that of this txplatform.")
    ] = None,
) -> None:
    """Write what was edited in Superset into the YAML, to be looked at and committed.

    Example: txplatform bi pull
    """
    from txplatform.bi import applying, assets

    with _session() as session:
        changed = applying.pull(*session, folder or assets.FOLDER)
    for file in changed:
        out().print(str(file))
    err().print(f"{len(changed)} files changed.")


@bi.command("analyst")
def analyst(
    name: Annotated[str, typer.Argument(help="The login's name.")],
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="COLUMN=VALUE", help="Rows that may be seen; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Let an analyst in; the password is printed this once.

    With --only there are just the datasets that have the column, and of them just these rows.

    Example: txplatform bi analyst ada --only department=Police --only department=Fire
    """
    from txplatform.bi import analysts
    from txplatform.bi.server import Superset
    from txplatform.settings import load_settings

    with _session() as session, Superset(load_settings()).locked():  # one name at a time
        made = analysts.add(session.engine, session.client, name, _limits(only or []))
    if as_json:
        print_json(made._asdict())
    else:
        out().print(made.password)
        err().print(f"{made.user} sees {', '.join(made.datasets)}.")
    if not made.has_rows:
        err().print("No row is like that so far: nothing is seen before there is one.")


def _limits(only: list[str]) -> dict[str, list[str]]:
    from txplatform.errors import UsageError

    limits: dict[str, list[str]] = {}
    for one in only:
        column, sign, value = one.partition("=")
        if not (sign and column and value):
            raise UsageError(f"--only {one} is not COLUMN=VALUE, such as department=Police.")
        limits.setdefault(column, []).append(value)
    return limits


class _Session(NamedTuple):
    """The published tables, Superset as its administrator, and what was applied to it last."""

    engine: "Engine"
    client: "Client"
    memory: Path

    def apply(self, is_forced: bool = False) -> "Applied":
        """The YAML into Superset."""
        from txplatform.bi import applying

        return applying.apply(*self, is_forced=is_forced)


@contextmanager
def _session() -> Iterator[_Session]:
    """Superset and the tables that it reads."""
    from txplatform.bi.databases import reader
    from txplatform.bi.server import Superset, administrator
    from txplatform.settings import load_settings

    server = Superset(load_settings())
    engine = reader(server.settings)
    try:
        with administrator(server) as client:
            yield _Session(engine, client, server.memory)
    finally:
        engine.dispose()


def _tell(applied: "Applied", console: "Console") -> None:
    for title in applied.changed:
        console.print(f"applied: {title}")
    for edit in applied.edited:
        places = ", ".join(edit.differs_in)
        console.print(f"edited in Superset, left as it is: {edit.title} ({edit.kind}: {places})")
    if applied.edited:
        err().print("`txplatform bi pull` writes the edits down, `bi apply --force` undoes them.")
    elif not applied.changed:
        console.print("Superset has what the code says.")
