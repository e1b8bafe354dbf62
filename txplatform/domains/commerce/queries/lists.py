"""Pages of gold's collections; filters, order and sums are MongoDB's."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
from bson.decimal128 import Decimal128
from pymongo.database import Database
from sqlalchemy import Date, Text

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.errors import PlatformError, UsageError
from txplatform.serving.paging import Page

CENTS = Decimal("0.01")
NOTHING_YET = (
    "Nothing was computed yet: `txplatform commerce ingest` takes files in, "
    "`txplatform commerce run` computes the tables."
)


class Wanted(NamedTuple):
    """Which rows of a table, in which order; `search` is looked for in every text."""

    limit: int
    skip: int = 0
    sort: str | None = None
    where: Mapping[str, Any] = {}
    search: str = ""


class Listing(NamedTuple):
    """A page of rows, and the number and the sums of all that match."""

    rows: pa.Table
    total: int
    sums: dict[str, Decimal]


def listing(database: Database[Any], name: str, wanted: Wanted) -> Listing:
    """A page of a table of gold.

    Raises:
        UsageError: there is no column to sort or filter by.
        PlatformError: nothing was computed yet.
    """
    match = {"$match": _match(name, wanted)}
    rows = [{"$sort": _order(name, wanted.sort)}, {"$skip": wanted.skip}, {"$limit": wanted.limit}]
    money = _money_columns(name)
    sums = {column: {"$sum": f"${column}"} for column in money}
    totals = {"$group": {"_id": None, "count": {"$sum": 1}, **sums}}
    (found,) = database[f"gold_{name}"].aggregate(
        [match, {"$facet": {"rows": rows, "totals": [totals]}}]
    )
    if not found["totals"]:
        require_published(database)
    whole = found["totals"][0] if found["totals"] else {"count": 0}
    return Listing(
        _table(name, found["rows"]),
        whole["count"],
        {column: _decimal(whole.get(column, 0)) for column in money},
    )


def page_of(found: Listing, wanted: Wanted) -> Page:
    """The same as a page of the dashboard, whose cursor is the number of rows before the next."""
    after = wanted.skip + wanted.limit
    return Page(found.rows, found.total, str(after) if after < found.total else None)


def every(
    database: Database[Any],
    name: str,
    where: Mapping[str, Any] | None = None,
    sort: str | None = None,
    search: str = "",
) -> pa.Table:
    """All rows of a table that match, in order: what is exported, and what a chart draws."""
    wanted = Wanted(0, 0, sort, where or {}, search)
    order = list(_order(name, sort).items())
    found = database[f"gold_{name}"].find(_match(name, wanted), {"_id": 0}).sort(order)
    return _table(name, found.allow_disk_use(True))


def counts(database: Database[Any], name: str, *columns: str) -> dict[tuple[Any, ...], int]:
    """How many rows each combination of some columns has."""
    for column in columns:
        _require_column(name, column)
    key = {column: f"${column}" for column in columns}
    found = database[f"gold_{name}"].aggregate([{"$group": {"_id": key, "n": {"$sum": 1}}}])
    return {tuple(row["_id"].get(column) for column in columns): row["n"] for row in found}


def run_of(database: Database[Any], name: str) -> str | None:
    """The run whose rows a table shows; None without rows."""
    row = database[f"gold_{name}"].find_one({}, {"run_id": 1})
    return str(row["run_id"]) if row else None


def only(database: Database[Any], name: str) -> dict[str, Any]:
    """The one row of a table such as kpis.

    Raises:
        PlatformError: nothing was computed yet.
    """
    row = database[f"gold_{name}"].find_one()
    if row is None:
        raise PlatformError(NOTHING_YET)
    (plain,) = _table(name, [row]).to_pylist()
    return dict(plain)


def require_table(name: str) -> None:
    """Raise UsageError where gold has no table of this name."""
    if name not in tables.LISTED:
        raise UsageError(f"There is no table {name}; there are {', '.join(sorted(tables.LISTED))}.")


def is_published(database: Database[Any]) -> bool:
    """Whether anything was computed."""
    return database["gold_kpis"].find_one({}, {"_id": 1}) is not None


def require_published(database: Database[Any]) -> None:
    """Raise PlatformError, with what to do, where nothing was computed yet."""
    if not is_published(database):
        raise PlatformError(NOTHING_YET)


def _match(name: str, wanted: Wanted) -> dict[str, Any]:
    for column in wanted.where:
        _require_column(name, column)
    found = dict(wanted.where)
    texts = [column.name for column in tables.LISTED[name].columns if isinstance(column.type, Text)]
    if wanted.search:
        pattern = {"$regex": re.escape(wanted.search), "$options": "i"}
        found["$or"] = [{column: pattern} for column in texts] or [{"_id": None}]
    return found


def _order(name: str, sort: str | None) -> dict[str, int]:
    """The order that was asked for, then that of the key: pages never overlap."""
    key = {column.name: 1 for column in tables.LISTED[name].primary_key} or {"_id": 1}
    if not sort:
        return key
    column = sort.removeprefix("-")
    _require_column(name, column)
    others = {known: direction for known, direction in key.items() if known != column}
    return {column: -1 if sort.startswith("-") else 1, **others}


def _require_column(name: str, column: str) -> None:
    known = tables.LISTED[name].columns.keys()
    if column not in known:
        raise UsageError(f"{name} has no column {column!r:.80}; it has {', '.join(known)}.")


def _money_columns(name: str) -> list[str]:
    """Columns whose sum means something: amounts that belong to one row each."""
    amounts = ("gross_amount", "refund_amount", "net_amount", "amount", "monetary", "clv")
    return [column for column in amounts if column in tables.LISTED[name].columns]


def _table(name: str, documents: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Documents as rows of the table that they are copies of."""
    columns = tables.LISTED[name].columns
    rows = [
        {column.name: _value(document.get(column.name), column.type) for column in columns}
        for document in documents
    ]
    return pa.Table.from_pylist(rows, schema_of(tables.LISTED[name]))


def _value(value: Any, kind: object) -> Any:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, datetime) and isinstance(kind, Date):
        return date(value.year, value.month, value.day)
    return value


def _decimal(value: Any) -> Decimal:
    plain = value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)
    return plain.quantize(CENTS)
