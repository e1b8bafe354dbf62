"""The inbox in pages: cases, and the alerts behind them, the riskiest first.

The words of a text are looked for in an index of words, and the rows that have them are put in
order: read by risk until a page is full, rare words would take the whole table. Where very many
have them, some of these say how risky a row of the page is at least; only such ones are read.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, Select, func, select, text, tuple_, union_all
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries.alert_counts import make_room, totals
from txplatform.domains.spend.queries.alert_filter import (
    ALERTS,
    CASES,
    AlertFilter,
    Listing,
    conditions,
)
from txplatform.serving import paging
from txplatform.serving.paging import Page

COUNTED = 10_000
"""So many rows with the words of a text are counted; of more it is said that they are more."""
WALKED = 500
"""Rows whose words are looked at one by one where many have them; one takes 0.05 ms."""
ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"
"""So few rows are read sooner than other processes have started to help."""
Key = Sequence[Any] | None


def alert_page(
    engine: Engine, wanted: AlertFilter, cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page:
    """A page of alerts, the riskiest first: risk, then amount at risk, then id.

    Returns:
        `ALERTS.listed`: the columns of `alerts` but purchases and evidence, then state, assignee,
        sequence, decided_by and decided_at of the newest entry.
    """
    return _page(engine, ALERTS, wanted, cursor, size)


def case_page(
    engine: Engine, wanted: AlertFilter, cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page:
    """A page of cases in the same order: `CASES.listed`, the columns of `cases`."""
    return _page(engine, CASES, wanted, cursor, size)


def _page(
    engine: Engine, listing: Listing, wanted: AlertFilter, cursor: str | None, size: int
) -> Page:
    key = None
    if cursor is not None:
        key = paging.key_of(cursor, paging.amount, paging.amount, str)
    with engine.connect() as connection:
        if wanted.text:
            # Each of its statements relies on what those before it have found.
            connection.execution_options(isolation_level="REPEATABLE READ")
            rows, total = _found(connection, listing, wanted, key, size)
        else:
            rows = postgres.read(connection, _riskiest(listing, wanted, key, size))
            total = totals(connection, listing, wanted).total
    return paging.page_of(rows, size, total, listing.order, COUNTED if wanted.text else None)


def _found(
    connection: Connection, listing: Listing, wanted: AlertFilter, key: Key, size: int
) -> tuple[pa.Table, int]:
    """A page of the rows with the words of a text, and how many they are up to `COUNTED` + 1.

    Where they are more, those that were counted fill a page too, and what comes after its end in
    the order cannot be on the page of them all: it need not be read.
    """
    make_room(connection)
    connection.execute(text(ALONE))
    known = listing.table.c
    matching = select(*(known[name] for name in listing.order)).where(*conditions(listing, wanted))
    counted = matching.limit(COUNTED + 1)
    rows, count = _page_and_count(connection, listing, counted, key, size)
    if count <= COUNTED:
        return rows, count
    ends = [tuple(row.values()) for row in rows.select(listing.order).slice(size).to_pylist()]
    rows = postgres.read(connection, _common(listing, wanted, key, size))
    if rows.num_rows <= size:
        stretch = _stretch(listing, key, *ends)
        rows, _ = _page_and_count(connection, listing, matching.where(*stretch), key, size)
    return rows, count


def _page_and_count(
    connection: Connection, listing: Listing, matching: Select[Any], key: Key, size: int
) -> tuple[pa.Table, int]:
    """A page of the rows that match, and the number of them all, in one pass."""
    found = matching.cte("found").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(found)
    following = [] if key is None else [_after(listing, found, key)]
    first = _ordered(listing, select(found).where(*following), found)
    shown = paging.limited(first, size).subquery("shown")
    page = select(*listing.listed, total.scalar_subquery().label("total")).join(
        shown, shown.c[listing.key] == listing.table.c[listing.key]
    )
    rows = postgres.read(connection, _ordered(listing, page, listing.table))
    count = rows["total"][0].as_py() if rows.num_rows else connection.execute(total).scalar_one()
    return rows.drop_columns("total"), int(count)


def _common(listing: Listing, wanted: AlertFilter, key: Key, size: int) -> Select[Any]:
    """A page from the next `WALKED` rows alone: full if what is looked for is common in them."""
    table = listing.table
    following = [] if key is None else [_after(listing, table, key), *_stretch(listing, key)]
    chosen = {*listing.listed, *(table.c[name] for name in listing.searched)}
    columns = [one for one in table.c if one in chosen]
    walked = _ordered(listing, select(*columns).where(*following), table).limit(WALKED)
    near = walked.subquery("walked")
    matching = select(*(near.c[one.name] for one in listing.listed))
    fitting = matching.where(*conditions(listing, wanted, near.c))
    return paging.limited(_ordered(listing, fitting, near), size)


def _stretch(listing: Listing, first: Key = None, last: Key = None) -> list[ColumnElement[bool]]:
    """The rows from one place in the order to another, in the form that an index is asked in."""
    place = tuple_(*(listing.table.c[name] for name in listing.order[:2]))
    upper = [] if first is None else [place <= tuple_(*first[:2])]
    return upper if last is None else [*upper, place >= tuple_(*last[:2])]


def _riskiest(listing: Listing, wanted: AlertFilter, key: Key, size: int) -> Select[Any]:
    """The riskiest of each state, and of these the riskiest: an index gives each in its order."""
    table = listing.table
    following = [] if key is None else [_after(listing, table, key)]
    matching = select(*listing.listed).where(*conditions(listing, wanted), *following)
    states = sorted(set(wanted.states))
    if len(states) <= 1:
        return paging.limited(_ordered(listing, matching, table), size)
    of_states = [matching.where(table.c.state == state) for state in states]
    each = [paging.limited(_ordered(listing, one, table), size).subquery() for one in of_states]
    together = union_all(*(select(one) for one in each)).subquery("together")
    return paging.limited(_ordered(listing, select(together), together), size)


def _after(listing: Listing, source: Any, key: Sequence[Any]) -> ColumnElement[bool]:
    parts = (source.c[name] for name in listing.order)
    return paging.after(list(zip(parts, key, (True, True, False), strict=True)))


def _ordered(listing: Listing, statement: Select[Any], source: Any) -> Select[Any]:
    risk, amount, key = (source.c[name] for name in listing.order)
    return statement.order_by(risk.desc(), amount.desc(), key)
