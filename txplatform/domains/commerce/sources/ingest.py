"""Taking in files: bronze, then silver; what is finished is skipped, orphans load by themselves."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from txplatform.domains.commerce.computation.engines import Engine
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.sources import bronze
from txplatform.domains.commerce.sources.layouts import Kind, Layout
from txplatform.domains.commerce.sources.silver import Silver
from txplatform.errors import ReconciliationError, UsageError

ORPHAN = "ORPHAN"


def ingest(
    lake: Lake, engine: Engine, layout: Layout, paths: Sequence[Path], run_id: str
) -> Iterator[str]:
    """Take in files, customers before lines, and say of each what became of it.

    Raises:
        SourceError: a file cannot be read as a whole; the files before it are in.
        ReconciliationError: a file's books do not add up; nothing of it is in.
        UsageError: the lake holds another shop's lines.
    """
    _require_same_shop(lake, layout)
    received = [bronze.receive(lake.store, path, layout) for path in paths]
    for arrival in received:
        if _is_finished(lake, arrival.content):
            yield f"{arrival.file} was read before, by the layout {layout.name}: nothing changed."
    yield from take_in(lake, engine, layout, run_id)


def take_in(lake: Lake, engine: Engine, layout: Layout, run_id: str) -> Iterator[str]:
    """Let silver read what is in bronze and was not read yet.

    Raises:
        ReconciliationError: a file's books do not add up; it counts as one that has not arrived.
    """
    for arrival in bronze.arrivals(lake.store, layout):
        if _is_finished(lake, arrival.content):
            continue
        silver = Silver(lake, engine, layout)
        try:
            with engine.sized(arrival.row_count):
                books = silver.take_in(arrival)
        except ReconciliationError:
            bronze.forget(lake.store, arrival.rows)  # it would keep out every other file
            raise
        silver.commit(run_id)
        engine.release()
        yield books.sentence()
        if arrival.kind is Kind.CUSTOMERS:
            yield from replay(lake, engine, layout, run_id, ORPHAN)


def _require_same_shop(lake: Lake, layout: Layout) -> None:
    held = lake.silver.current().facts.get("layout")
    if held and held != layout.name:
        raise UsageError(
            f"This lake holds the shop of the layout {held}; name another lake "
            f"(TXPLATFORM_LAKE) for files of the layout {layout.name}."
        )


def _is_finished(lake: Lake, content: str) -> bool:
    files = lake.silver.current().files("ingestions")
    return any(file.content == content for file in files)


def replay(
    lake: Lake, engine: Engine, layout: Layout, run_id: str, rule: str | None = None
) -> Iterator[str]:
    """Read rows of the quarantine once more; what is right by now loads.

    Args:
        lake: where they are.
        engine: that computes.
        layout: how the shop writes, as it is now.
        run_id: the run.
        rule: only rows that this rule refused; None: all.
    """
    silver = Silver(lake, engine, layout)
    loaded = silver.take_in_again(rule)
    if loaded:
        silver.commit(run_id)
    yield from (f"Replayed: {kept.sentence()}" for kept in loaded)
