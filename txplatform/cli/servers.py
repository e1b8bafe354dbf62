"""`up` and `down`: the embedded servers of this checkout."""

from dataclasses import asdict
from typing import Annotated

import typer

from txplatform.cli.console import Json, err, out, print_json, table


def up(
    has_ui: Annotated[
        bool, typer.Option("--ui", help="Serve Dagster's UI too, until Ctrl-C.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the UI, or the next free one.")
    ] = 3000,
    as_json: Json = False,
) -> None:
    """Start the embedded servers and leave them running.

    Example: txplatform up
    """
    from txplatform import embedded
    from txplatform.settings import load_settings

    settings = load_settings()
    embedded.up(settings, err().print)
    servers = embedded.status(settings)
    if as_json:
        print_json([asdict(server) for server in servers])
    else:
        table(
            ("server", "version", "address", "data"),
            [(one.name, one.version, one.address, one.data) for one in servers],
        )
    if has_ui:
        from txplatform.embedded.connect import keep_warm
        from txplatform.orchestration.ui import serve

        keep_warm(settings)
        serve(settings, embedded.endpoints(settings), port, out().print)


def down() -> None:
    """Stop the embedded servers; their data stays.

    Example: txplatform down
    """
    from txplatform import embedded
    from txplatform.orchestration.ui import stop_left_over
    from txplatform.settings import load_settings

    settings = load_settings()
    stop_left_over(settings)
    embedded.down(settings)
    out().print("The embedded servers are stopped.")
