"""Pages of gold's collections; filters, order and sums are MongoDB's."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bson.decimal128 import Decimal128
from pymongo.database import Database
from sqlalchemy import Date, Numeric

from txplatform.domains.commerce import tables
from txplatform.errors import PlatformError, UsageError
from txplatform.platform import Platform

CENTS = 2
NOTHING_YET = (
    "Nothing was computed yet: `txplatform commerce ingest` takes files in, "
    "`txplatform commerce run` computes the tables."
)


class Wanted(NamedTuple):
    """Which rows of a table, in which order."""

    limit: int
    skip: int
    sort: str | None = None
    where: Mapping[str, str] = {}


class Listing(NamedTuple):
    """A page of rows, and the number and the sums of all that match."""

    items: list[dict[str, Any]]
    total: int
    sums: dict[str, Decimal]


def listing(database: Database[Any], name: str, wanted: Wanted) -> Listing:
    """A page of a table of gold.

    Raises:
        UsageError: there is no column to sort or filter by.
        PlatformError: nothing was computed yet.
    """
    match = {"$match": _match(name, wanted.where)}
    rows = [{"$sort": _order(name, wanted.sort)}, {"$skip": wanted.skip}, {"$limit": wanted.limit}]
    money = _money_columns(name)
    sums = {column: {"$sum": f"${column}"} for column in money}
    totals = {"$group": {"_id": None, "count": {"$sum": 1}, **sums}}
    (found,) = database[f"gold_{name}"].aggregate(
        [match, {"$facet": {"rows": rows, "totals": [totals]}}]
    )
    if not found["totals"]:
        _require_published(database)
    whole = found["totals"][0] if found["totals"] else {"count": 0}
    return Listing(
        [_plain(name, row) for row in found["rows"]],
        whole["count"],
        {column: _decimal(whole.get(column, 0)) for column in money},
    )


def only(database: Database[Any], name: str) -> dict[str, Any]:
    """The one row of a table such as kpis.

    Raises:
        PlatformError: nothing was computed yet.
    """
    row = database[f"gold_{name}"].find_one()
    if row is None:
        raise PlatformError(NOTHING_YET)
    return _plain(name, row)


def refresh_time(platform: Platform, name: str) -> dict[str, Any]:
    """When a table was written, and how old that is: never how long publishing it takes."""
    from txplatform.domains.commerce.publishing.lake import open_lake

    require_table(name)
    manifest = open_lake(platform.settings).gold.current()
    if not manifest.number:
        raise PlatformError(NOTHING_YET)
    written = datetime.fromisoformat(manifest.written_at)
    age = Decimal(str((datetime.now(UTC) - written).total_seconds()))
    return {
        "table": name,
        "run_id": manifest.run_id,
        "row_count": manifest.rows(name),
        "written_at": written,
        "age_seconds": max(age, Decimal(0)),
    }


def require_table(name: str) -> None:
    """Raise UsageError where gold has no table of this name."""
    if name not in tables.GOLD:
        raise UsageError(f"There is no table {name}; there are {', '.join(sorted(tables.GOLD))}.")


def _require_published(database: Database[Any]) -> None:
    if database["gold_kpis"].find_one() is None:
        raise PlatformError(NOTHING_YET)


def _match(name: str, where: Mapping[str, str]) -> dict[str, str]:
    for column in where:
        _require_column(name, column)
    return dict(where)


def _order(name: str, sort: str | None) -> dict[str, int]:
    """The order that was asked for, then that of the key: pages never overlap."""
    key = {column.name: 1 for column in tables.GOLD[name].primary_key} or {"_id": 1}
    if not sort:
        return key
    column = sort.removeprefix("-")
    _require_column(name, column)
    others = {known: direction for known, direction in key.items() if known != column}
    return {column: -1 if sort.startswith("-") else 1, **others}


def _require_column(name: str, column: str) -> None:
    known = tables.GOLD[name].columns.keys()
    if column not in known:
        raise UsageError(f"{name} has no column {column!r:.80}; it has {', '.join(known)}.")


def _money_columns(name: str) -> list[str]:
    """Columns whose sum means something: amounts that belong to one row each."""
    amounts = ("gross_amount", "refund_amount", "net_amount", "amount", "monetary", "clv")
    return [column for column in amounts if column in tables.GOLD[name].columns]


def _plain(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    columns = tables.GOLD[name].columns
    return {column.name: _value(document.get(column.name), column.type) for column in columns}


def _value(value: Any, kind: object) -> Any:
    if isinstance(value, Decimal128):
        return _decimal(value)
    if isinstance(value, datetime) and isinstance(kind, Date):
        return date(value.year, value.month, value.day)
    return Decimal(value) if isinstance(kind, Numeric) and isinstance(value, int) else value


def _decimal(value: Any) -> Decimal:
    plain = value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)
    return plain if isinstance(value, Decimal128) else plain.quantize(Decimal(1).scaleb(-CENTS))
