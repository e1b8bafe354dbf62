"""`api` and `dashboard` serve until Ctrl-C; `token` makes, lists and revokes tokens."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from txplatform.cli.console import Json, err, out, print_json, table

token = typer.Typer(help="Tokens of the API and the dashboard.", no_args_is_help=True)
LOOPBACK, PORT = "127.0.0.1", 8000


class RoleName(StrEnum):
    """What a token lets its bearer do."""

    READER = "reader"
    CONTROLLER = "controller"
    ADMIN = "admin"


def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = PORT,
) -> None:
    """Serve the API until Ctrl-C.

    While there are no tokens it serves this machine only. TLS is the proxy's before it.

    Example: txplatform api --port 8000
    """
    from txplatform.platform import opened
    from txplatform.serving.access import require_servable
    from txplatform.serving.api.app import require_port, serve
    from txplatform.settings.logins import Component

    with opened(Component.DECIDE) as platform:
        require_servable(platform.engine, host)
        require_port(host, port)
        err().print(f"The API is at http://{host}:{port}/openapi.json until Ctrl-C.")
        serve(platform.acting(Component.READ), host, port)


def dashboard(
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine it takes tokens.")
    ] = LOOPBACK,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port, or the next free one.")
    ] = 8501,
) -> None:
    """Serve the dashboard until Ctrl-C.

    Example: txplatform dashboard
    """
    from txplatform.platform import opened
    from txplatform.serving.access import require_servable
    from txplatform.serving.dashboard import server
    from txplatform.settings.logins import Component

    with opened(Component.DECIDE) as platform:
        require_servable(platform.engine, host)
        server.serve(platform.settings, host, port, out().print)


@token.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whom decisions made with it name.")],
    role: Annotated[RoleName, typer.Option(help="What it lets its bearer do.")] = RoleName.READER,
    days: Annotated[
        int | None, typer.Option(min=1, help="Days that it is good; unset, until it is revoked.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token; its text is printed this once and kept nowhere.

    From the first token on nobody comes in without one.

    Example: txplatform token create "Ada Lovelace" --role controller --days 90
    """
    from txplatform.platform import opened
    from txplatform.serving import tokens
    from txplatform.settings.logins import Component

    life = timedelta(days=days) if days else None
    with opened(Component.DECIDE) as platform:
        made, known = tokens.create(platform.engine, name, tokens.Role(role.value), life)
    if as_json:
        print_json({**known._asdict(), "token": made})
    else:
        out().print(made)
        err().print(f"Keep it: the {known.role} {known.name}'s token is shown this once.")


@token.command("list")
def list_(as_json: Json = False) -> None:
    """List every token ever made, the newest first, without their secrets.

    Example: txplatform token list
    """
    from txplatform.platform import opened
    from txplatform.serving import tokens
    from txplatform.settings.logins import Component

    with opened(Component.DECIDE) as platform:
        found = tokens.list_tokens(platform.engine)
    if as_json:
        print_json([one._asdict() for one in found])
        return
    headers = ("token", "name", "role", "created", "expires", "revoked")
    moments = ([one.created_at, one.expires_at, one.revoked_at] for one in found)
    days = [[f"{at:%Y-%m-%d %H:%M}" if at else "" for at in times] for times in moments]
    rows = [
        (one.token_id, one.name, one.role.value, *when)
        for one, when in zip(found, days, strict=True)
    ]
    table(headers, rows)


@token.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(help="As `token list` shows it.")],
) -> None:
    """Let nobody in with a token any more.

    Example: txplatform token revoke 3f9a12bc
    """
    from txplatform.platform import opened
    from txplatform.serving import tokens
    from txplatform.settings.logins import Component

    with opened(Component.DECIDE) as platform:
        tokens.revoke(platform.engine, token_id)
    out().print(f"The token {token_id} lets nobody in any more.")
