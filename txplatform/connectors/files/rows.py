"""What every reader yields: a header and rows of cells; typed cells stay typed."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bson import json_util
from bson.decimal128 import Decimal128
from bson.errors import BSONError

Cell = str | bool | int | Decimal | date | None
"""A cell as it arrived. A double is already its shortest decimal form: floats do not pass."""


class FileFormat(NamedTuple):
    """How a file is written, as far as its layout declares it."""

    encoding: str = "utf-8"
    delimiter: str = ","
    skip_lines: int = 0
    sheet: str | None = None
    time_zone: str = "UTC"
    """Zone in which an instant (a time with a zone, a BSON date) becomes the day it fell on."""


class Row(NamedTuple):
    """One record; `line` is the physical line (1 is the first of the file) where it begins."""

    line: int
    cells: Sequence[Cell]
    raw: str | None = None
    """The text of the record; None where the source has typed cells instead of text."""
    problem: str | None = None
    """Why the record has no readable cells, in words."""


class Table(NamedTuple):
    """The header as written, the rows after it, and how much of the file has been read."""

    header: list[str]
    rows: Iterator[Row]
    fraction_read: Callable[[], float]


def raw_text(header: Sequence[str], row: Row) -> str:
    """The record as text: as it arrived, or for typed cells as one line of extended JSON."""
    if row.raw is not None:
        return row.raw
    cells = dict(zip(header, row.cells, strict=False))
    return json.dumps(cells, ensure_ascii=False, default=_typed_json)


def cell_of(value: Any, zone: ZoneInfo) -> Cell:
    """A value of BSON, JSON, Excel or Parquet as a cell."""
    if value is None or isinstance(value, (str, int, Decimal)):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, datetime):
        return (value.astimezone(zone) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    return json_util.dumps(value) if isinstance(value, (dict, list)) else str(value)


def cells_of(header: Sequence[str], record: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    """The cells of a document or JSON object under a header; `a.b` reaches into nested ones."""
    return [cell_of(_reach(record, name), zone) for name in header]


def names_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The header of records that have none: their names as they appear, nested ones as `a.b`."""
    return list(dict.fromkeys(name for record in records for name in _nested_names(record)))


def parse_json(text: str) -> Any:
    """One line of (extended) JSON; its numbers are exact decimals.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=Decimal, object_hook=_from_typed_json
        )
    except (BSONError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _reach(record: Mapping[str, Any], name: str) -> Any:
    if name in record or "." not in name:
        return record.get(name)
    outer, _, inner = name.partition(".")
    below = record.get(outer)
    return _reach(below, inner) if isinstance(below, Mapping) else None


def _nested_names(record: Mapping[str, Any]) -> Iterator[str]:
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            yield from (f"{name}.{inner}" for inner in _nested_names(value))
        else:
            yield name


def _typed_json(cell: Decimal | date) -> dict[str, str]:
    """A day is no instant: MongoDB's own {"$date": ...} would move it with the time zone."""
    return {"$numberDecimal" if isinstance(cell, Decimal) else "$day": str(cell)}


def _from_typed_json(value: dict[str, Any]) -> Any:
    """`mongoexport` writes {"$date": ...}, {"$numberDecimal": ...} and the like."""
    if "$day" in value:
        return date.fromisoformat(value["$day"])
    if any(key.startswith("$") for key in value):
        return json_util.object_hook(value, json_util.JSONOptions(tz_aware=True))
    return value
