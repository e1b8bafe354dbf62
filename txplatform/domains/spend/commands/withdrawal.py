"""`withdraw` takes an ingestion back; without one it lists those that there are."""

from typing import Annotated

import typer

from txplatform.cli.console import Json, out, print_json, table
from txplatform.errors import UsageError

SHORT = 12
"""Characters of an id that are mostly enough to know a file by."""


def withdraw(
    ingestion: Annotated[
        str | None,
        typer.Argument(
            help="The beginning of its id, or a collection's name; left out: they are listed."
        ),
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Kept in the history.")] = "",
    as_json: Json = False,
) -> None:
    """Take an ingestion back: what it brought leaves, what it corrected stands again.

    A collection is taken back by its name, and what it does not have any more by "gone from" and
    its name.

    All of it stays in the history with who and why, the weeks become stale, and the same file can
    be ingested with another layout.

    Example: txplatform spend withdraw 3f2a91c07d5e --why "read with the wrong layout"
    """
    from txplatform.domains.spend.commands.session import note_changes, weekly_session
    from txplatform.domains.spend.sources import withdrawal
    from txplatform.settings.logins import Component

    with weekly_session() as opened:
        database = opened.platform.acting(Component.INGEST).database
        if ingestion is None:
            _list(withdrawal.known_ingestions(database), as_json)
            return
        if not why.strip():
            raise UsageError("Say why the ingestion is withdrawn: --why TEXT.")
        who = opened.platform.settings.local_user
        done = withdrawal.withdraw(database, ingestion, who, why.strip())
        note_changes(opened)
    if as_json:
        print_json({**done._asdict(), "weeks": sorted(map(str, done.weeks))})
        return
    out().print(done.sentence)
    if done.weeks:
        out().print(
            f"{len(done.weeks)} weeks changed: compute them with `txplatform spend run --stale`."
        )


def _list(known: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        print_json(known)
        return
    names = ("file", "layout", "started_at", "status", "loaded", "corrected")
    ids = [str(one["_id"]) for one in known]
    lines = [
        (_short(str(one["_id"]), ids), *(one.get(name, "") for name in names)) for one in known
    ]
    table(("ingestion", *names), lines)


def _short(known: str, others: list[str]) -> str:
    """As much of an id as tells it from the others; what is no hash is a name and stays whole."""
    length = SHORT
    while length < len(known) and sum(one.startswith(known[:length]) for one in others) > 1:
        length += 1
    return known[:length] if known[:SHORT].isalnum() and "." not in known else known
