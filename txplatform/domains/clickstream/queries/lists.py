"""Pages of the tables, in their own order; totals are those of all rows that match."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Engine, Table, func, select
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.clickstream.tables import (
    activity_windows,
    activity_windows_history,
    carts,
    funnel_hourly,
    stream_alerts,
)
from txplatform.serving import paging
from txplatform.serving.paging import Page


@dataclass(frozen=True)
class Listing:
    """A table as a list: the columns of its order, whether each falls, and how a cursor is read."""

    table: Table
    order: Mapping[str, tuple[bool, Callable[[str], Any]]]

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """What a row holds."""
        return [column for column in self.table.columns if column.name != "evidence"]


WINDOWS = Listing(
    activity_windows,
    {
        "window_start": (True, paging.moment),
        "window_minutes": (False, paging.whole),
        "type": (False, str),
        "country": (False, str),
    },
)
CORRECTIONS = Listing(activity_windows_history, {"history_id": (True, paging.whole)})
CARTS = Listing(carts, {"due_at": (True, paging.moment), "session_id": (False, str)})
FUNNEL = Listing(funnel_hourly, {"hour": (True, paging.moment)})
ALERTS = Listing(stream_alerts, {"window_start": (True, paging.moment), "alert_id": (False, str)})


def page(
    engine: Engine,
    listing: Listing,
    conditions: Sequence[ColumnElement[bool]],
    cursor: str | None,
    size: int,
) -> Page:
    """The rows that meet the conditions, after a cursor.

    Raises:
        UsageError: the cursor is none of this list.
    """
    table, order = listing.table, listing.order
    sorting = [table.c[n].desc() if falls else table.c[n] for n, (falls, _) in order.items()]
    statement = select(*listing.columns).where(*conditions).order_by(*sorting)
    if cursor is not None:
        values = paging.key_of(cursor, *(kind for _, kind in order.values()))
        key = [
            (table.c[name], value, falls)
            for (name, (falls, _)), value in zip(order.items(), values, strict=True)
        ]
        statement = statement.where(paging.after(key))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        rows = postgres.read(connection, paging.limited(statement, size))
        total = connection.execute(
            select(func.count()).select_from(table).where(*conditions)
        ).scalar_one()
    return paging.page_of(rows, size, total, list(order))


def between(
    column: ColumnElement[datetime], first: datetime | None, to: datetime | None
) -> list[ColumnElement[bool]]:
    """Conditions on a moment: from `first` on, before `to`."""
    found = [] if first is None else [column >= first]
    return found if to is None else [*found, column < to]
