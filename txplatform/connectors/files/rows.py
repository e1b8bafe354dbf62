"""What every reader yields: a header and rows of cells; typed cells stay typed."""

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bson import json_util
from bson.decimal128 import Decimal128
from bson.errors import BSONError

from txplatform.errors import SourceError

Cell = str | bool | int | Decimal | date | None
"""A cell as it arrived. A double is already the decimal that it stands for: floats do not pass, nor
does a signalling NaN, which cannot be compared with anything (it arrives as its text)."""

LONGEST_CELL = 1 << 17
"""Characters of one cell, as the csv module has it."""
LONGEST_RECORD = 1 << 20
"""Characters of one line or record: with four bytes each it still fits into a document."""
MOST_COLUMNS = 16_384
"""Columns of a header, as Excel has it."""
DEEPEST = 20
"""Levels of embedded documents that have columns of their own."""
DOUBLE_DIGITS = 15
"""Which a double holds whatever they are: what follows is how it came about."""
BATCH_CHARACTERS, CELL_WEIGHT = 1 << 25, 64
UNSEEN = ("Cc", "Cf", "Cs")
"""Categories of signs that nobody sees: control and format characters, halves of surrogates."""


NO_JSON = (
    BSONError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What parsers of extended JSON raise besides ValueError."""


NUMBERS: dict[str, Callable[[str], Cell]] = {
    "$numberDecimal": Decimal,
    "$numberInt": int,
    "$numberLong": int,
}


class FileFormat(NamedTuple):
    """How a file is written, as far as its layout declares it."""

    encoding: str = "utf-8"
    delimiter: str = ","
    skip_lines: int = 0
    sheet: str | None = None
    time_zone: str = "UTC"
    """Zone in which an instant (a time with a zone, a BSON date) becomes the day it fell on."""
    names: tuple[str, ...] = ()
    """Columns that the layout names: they are looked for in every record, and tell the header."""

    def lacking(self, header: Iterable[str]) -> list[str]:
        """The columns that the layout names and a header has not."""
        present = set(map(normal, header))
        return [name for name in self.names if normal(name) not in present]


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


def normal(name: str) -> str:
    """A column's name as it is compared: `Trans.  Date` and `TRANS. DATE` are the same."""
    spaced = " ".join(name.split())
    kept = "".join(sign for sign in spaced if unicodedata.category(sign) not in UNSEEN)
    return " ".join(unicodedata.normalize("NFKC", kept).split()).casefold()


def in_batches(rows: Iterable[Row], count: int) -> Iterator[list[Row]]:
    """The rows, `count` at a time, or fewer where they are long: memory stays bounded."""
    batch: list[Row] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += _weight(row)
        if len(batch) == count or weight > BATCH_CHARACTERS:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def raw_text(header: Sequence[str], row: Row) -> str:
    """The record as text: as it arrived, or for typed cells as one line of extended JSON."""
    if row.raw is not None:
        return row.raw
    cells = dict(zip(header, row.cells, strict=False))
    return json.dumps(cells, ensure_ascii=False, default=typed_json)


def typed_row(number: int, cells: Sequence[Cell]) -> Row:
    """A row of typed cells, unless one of them is too long to be kept."""
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
        raw = json.dumps([str(cell)[:100] for cell in cells], ensure_ascii=False)
        problem = f"a cell has over {LONGEST_CELL:,} characters"
        return Row(number, (), raw[:LONGEST_RECORD], problem)
    return Row(number, cells)


def cell_of(value: Any, zone: ZoneInfo) -> Cell:
    """A value of BSON, JSON, Excel or Parquet as a cell."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal):
        return str(value) if value.is_snan() else value
    if isinstance(value, float):
        return of_double(repr(value))
    if isinstance(value, Decimal128):
        return cell_of(value.to_decimal(), zone)
    if isinstance(value, datetime):
        return _day_of(value, zone)
    if isinstance(value, date):
        return value
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=_any_json)
    return str(value)


def of_double(text: str) -> Decimal:
    """A double as Excel shows it, with its 15 significant digits: 57.699999999999996 is 57.7.

    A whole number keeps all its digits: it may be an id.
    """
    number = Decimal(text)
    is_long = len(number.as_tuple().digits) > DOUBLE_DIGITS and number.is_finite()
    if not is_long or number == number.to_integral_value():
        return number
    return Decimal(f"{float(text):.{DOUBLE_DIGITS}g}")


def _day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The day in the zone; at both ends of the calendar there is none but the instant's own."""
    try:
        return (instant.astimezone(zone) if instant.tzinfo else instant).date()
    except OverflowError:
        return instant.date()


def cells_of(header: Sequence[str], record: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    """The cells of a document or JSON object under a header; `a.b` reaches into nested ones."""
    return [cell_of(_reach(record, name), zone) for name in header]


def names_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The header of records that have none: their names as they appear, nested ones as `a.b`.

    A name that is no text (half a surrogate pair) has no column.

    Raises:
        SourceError: there are too many of them.
    """
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(_nested_names(record, DEEPEST)))
        require_columns(len(names))
    return [name for name in names if name == name.encode(errors="ignore").decode()]


def require_columns(count: int) -> None:
    """Raise SourceError where a header has more columns than Excel could have."""
    if count > MOST_COLUMNS:
        raise SourceError(
            f"The source has over {MOST_COLUMNS:,} columns: ingest those that the layout needs."
        )


def parse_json(text: str) -> Any:
    """One line of (extended) JSON; its numbers are decimals, those with a point as doubles are.

    Raises:
        ValueError: it is not JSON, or a name in it has two values, of which one would be lost.
    """
    try:
        return json.loads(
            text, parse_float=of_double, parse_constant=Decimal, object_pairs_hook=_from_pairs
        )
    except NO_JSON as error:
        raise ValueError(str(error)) from None


def _reach(record: Mapping[str, Any], name: str) -> Any:
    if name in record or "." not in name:
        return record.get(name)
    outer, _, inner = name.partition(".")
    below = record.get(outer)
    return _reach(below, inner) if isinstance(below, Mapping) else None


def _weight(row: Row) -> int:
    if row.raw is not None:
        return CELL_WEIGHT * len(row.cells) + len(row.raw)
    texts = (len(cell) for cell in row.cells if isinstance(cell, str))
    return CELL_WEIGHT * len(row.cells) + sum(texts)


def _nested_names(record: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in record.items():
        if isinstance(value, Mapping) and value and depth > 1:
            yield from (f"{name}.{inner}" for inner in _nested_names(value, depth - 1))
        else:
            yield name


def typed_json(cell: Decimal | date) -> dict[str, str]:
    """A day is no instant: MongoDB's own {"$date": ...} would move it with the time zone."""
    return {"$numberDecimal" if isinstance(cell, Decimal) else "$day": str(cell)}


def _as_text(written: Any) -> str:
    """Numbers of extended JSON are text; Python would make 5 of 5.25, and 1 of true."""
    text = str(written) if type(written) is int else written
    if not isinstance(text, str) or "_" in text or not text.isascii():
        raise TypeError(f"{written!s:.40} is not the text of a number")
    return text


def _any_json(value: Any) -> Any:
    """What JSON has no form for, inside a list or a document: money, days, BSON's own types."""
    if isinstance(value, (Decimal, date)) and not isinstance(value, datetime):
        return typed_json(value)
    try:
        return json_util.default(value)
    except TypeError:
        return str(value)


def _from_pairs(pairs: list[tuple[str, Any]]) -> Any:
    value = dict(pairs)
    if len(value) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the name {twice!r:.60} is in it twice")
    return _from_typed_json(value)


def _from_typed_json(value: dict[str, Any]) -> Any:
    """`mongoexport` writes {"$date": ...}, {"$numberDecimal": ...} and the like."""
    if value.keys() == {"$day"}:
        return date.fromisoformat(value["$day"])
    if len(value) == 1 and (number := NUMBERS.get(next(iter(value)))):
        (written,) = value.values()
        return number(_as_text(written))
    if any(key.startswith("$") for key in value):
        return json_util.object_hook(value, json_util.JSONOptions(tz_aware=True))
    return value
