"""Taking a file back: silver becomes what it would be had the file never come.

All other files are read again from bronze, in the order in which they came, because what a later
file brought may have been left out on account of this one. Bronze keeps the bytes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from txplatform.domains.commerce.computation.engines import Engine
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.sources import bronze
from txplatform.domains.commerce.sources.ingest import ORPHAN
from txplatform.domains.commerce.sources.layouts import Kind, Layout
from txplatform.domains.commerce.sources.silver import Silver
from txplatform.errors import UsageError


class Wish(NamedTuple):
    """Which file is taken back, by whom, and why."""

    content: str
    """The hash of its bytes, or enough of the beginning of it."""
    who: str
    why: str


def known_files(lake: Lake) -> list[dict[str, Any]]:
    """The books of files that can be taken back, in the order in which they came."""
    rows: list[dict[str, Any]] = lake.silver_table("ingestions").to_pylist()
    return rows


def withdraw(lake: Lake, engine: Engine, layout: Layout, wish: Wish, run_id: str) -> str:
    """Take a file back; a sentence about it. It can be ingested anew.

    Raises:
        UsageError: there is no such file.
        ServerError: something else was written meanwhile; the file is still in.
    """
    book = _found(lake, wish.content)
    silver = Silver(lake, engine, layout, is_anew=True)
    before = silver.before.rows("lines")
    for other in _others(silver, book["content"]):
        arrival = Silver(lake, engine, layout).arrival(other)
        silver.take_in(arrival)
        if arrival.kind is Kind.CUSTOMERS:
            silver.take_in_again(ORPHAN)
    silver.note_withdrawal(_record(book, wish))
    # Without its record a file has not arrived: whoever dies here withdraws again.
    bronze.forget(lake.store, book["rows"])
    after = silver.commit(run_id).rows("lines")
    return (
        f"{book['source_file']} was taken back: {before:,} lines became {after:,}; compute the "
        "tables with `txplatform commerce run`."
    )


def _found(lake: Lake, content: str) -> dict[str, Any]:
    found = [book for book in known_files(lake) if content and book["content"].startswith(content)]
    if len(found) != 1:
        which = "Several files begin" if found else "No file begins"
        raise UsageError(f"{which} with {content!r}: `txplatform commerce withdraw` lists them.")
    return found[0]


def _others(silver: Silver, withdrawn: str) -> Iterator[str]:
    for part in silver.before.files("ingestions"):
        if part.content != withdrawn:
            yield part.content


def _record(book: dict[str, Any], wish: Wish) -> dict[str, str | int]:
    return {
        "content": book["content"],
        "source_file": book["source_file"],
        "row_count": book["row_count"],
        "withdrawn_by": wish.who,
        "withdrawn_because": wish.why,
        "withdrawn_at": int(datetime.now(UTC).timestamp()),
    }
