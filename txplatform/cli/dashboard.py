"""`dashboard`: the domains' pages, until Ctrl-C."""

from typing import Annotated

import typer

from txplatform.cli.console import out


def dashboard(
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine it takes tokens.")
    ] = "127.0.0.1",
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
