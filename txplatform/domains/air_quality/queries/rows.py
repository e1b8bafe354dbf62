"""Rows of the tables as Arrow, for exports, the API and the pages."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import Date, DateTime, Engine, Numeric, Select, Table, Text, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.air_quality import tables
from txplatform.errors import UsageError
from txplatform.serving.paging import Page, after, amount, key_of, limited, moment, page_of

MOST_COUNTED = 100_000
TABLES = {
    "hourly": tables.air_hourly,
    "daily": tables.air_daily,
    "exceedances": tables.air_exceedances,
}


class Wanted(NamedTuple):
    """Which rows: of a station, of parameters, of local days; None: all."""

    station_id: str | None = None
    parameters: Sequence[str] | None = None
    first: date | None = None
    last: date | None = None


def rows(engine: Engine, name: str, wanted: Wanted) -> pa.Table:
    """The rows of a table in the order of its key; flags as text, separated by blanks."""
    with engine.connect() as connection:
        return postgres.read(connection, statement(TABLES[name], wanted))


def page(engine: Engine, name: str, wanted: Wanted, cursor: str | None, size: int) -> Page:
    """A page of the rows of a table, in the order of its key."""
    table = TABLES[name]
    key = list(table.primary_key.columns)
    found = statement(table, wanted)
    if cursor:
        values = key_of(cursor, *(_reader_of(column) for column in key))
        steps = [(column, value, False) for column, value in zip(key, values, strict=True)]
        found = found.where(after(steps))
    with engine.connect() as connection:
        counted = statement(table, wanted).order_by(None).limit(MOST_COUNTED + 1).subquery()
        total = connection.execute(select(func.count()).select_from(counted)).scalar_one()
        shown = postgres.read(connection, limited(found, size))
    names = [column.name for column in key]
    return page_of(shown, size, total, names, MOST_COUNTED)


def _reader_of(column: Any) -> Callable[[str], Any]:
    match column.type:
        case DateTime():
            return moment
        case Date():
            return date.fromisoformat
        case Numeric():
            return amount
    return str


def statement(table: Table, wanted: Wanted) -> Select[Any]:
    """The query of the rows that are wanted."""
    found = select(*map(_shown, table.columns)).order_by(*table.primary_key.columns)
    return found.where(*matching(table, wanted))


def matching(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The conditions of the rows that are wanted.

    Raises:
        UsageError: the first day lies after the last.
    """
    if wanted.first and wanted.last and wanted.first > wanted.last:
        raise UsageError(
            f"The first day {wanted.first} lies after the last, {wanted.last}: swap them."
        )
    conditions = []
    if wanted.station_id:
        conditions.append(table.c.station_id == wanted.station_id)
    if wanted.parameters:
        conditions.append(table.c.parameter.in_(wanted.parameters))
    if wanted.first:
        conditions.append(table.c.local_date >= wanted.first)
    if wanted.last:
        conditions.append(table.c.local_date <= wanted.last)
    return conditions


def _shown(column: Any) -> Any:
    if column.name == "flags":
        return func.array_to_string(column, " ").label("flags")
    if column.name == "n_flagged":
        return cast(column, Text).label("n_flagged")
    return column
