"""`backup` copies all that the embedded servers keep, `restore` makes a state folder of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, progress

if TYPE_CHECKING:
    from txplatform.embedded.backup import Copied

MEGABYTE = 1_000_000


def backup(
    destination: Annotated[Path, typer.Argument(help="A new folder; it will hold passwords.")],
    as_json: Json = False,
) -> None:
    """Copy all databases, passwords, the lake and Dagster's history into a folder.

    The embedded servers stop for as long as it takes. A command that is under way ends with a
    sentence, and the same command finishes its work afterwards.

    Example: txplatform backup /backups/2026-11-25
    """
    from txplatform.embedded import backup as copies
    from txplatform.settings import load_settings

    settings = load_settings()
    with _bar("Backing up") as on_progress:
        done = copies.backup(settings, destination, on_progress)
    told = "It holds the passwords too: keep it where only you can read it."
    if settings.lake_url and not settings.is_lake_embedded:
        told += f" It does not hold {settings.lake_url}: copy that lake with tools of its own."
    _say(done, as_json, told)


def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `txplatform backup` has made.")],
    as_json: Json = False,
) -> None:
    """Make a state folder from a backup; one that holds something is never overwritten.

    Example: txplatform restore /backups/2026-11-25
    """
    from txplatform.embedded import backup as copies
    from txplatform.settings import load_settings

    with _bar("Restoring") as on_progress:
        done = copies.restore(load_settings(), source, on_progress)
    _say(done, as_json, f"It stands as on {done.made_at}: start it with `txplatform up`.")


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    with progress() as bar:
        task = bar.add_task(f"{title} (MB)", total=1)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done / MEGABYTE, total=total / MEGABYTE)

        yield on_progress


def _say(done: "Copied", as_json: bool, next_sentence: str) -> None:
    if as_json:
        print_json(done._asdict())
    else:
        size = f"{done.files:,} files, {done.size_bytes / MEGABYTE:,.0f} MB"
        out().print(f"{done.folder}: {size}. {next_sentence}")
