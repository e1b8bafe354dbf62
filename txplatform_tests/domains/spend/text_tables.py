"""Tables as text: one line per row, cells between bars, a blank cell is NULL.

week_start | department | total_amount
2026-11-16 | Roads      | 10.00
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from difflib import ndiff
from typing import Any

import pyarrow as pa

from txplatform.domains.spend.tables import WEEKLY_KEY

Row = dict[str, Any]


def rows_of(text: str) -> list[Row]:
    """The rows of a text table by column name; dates, amounts and counts in their types."""
    header, *lines = ([cell.strip() for cell in line.split("|")] for line in _lines(text))
    return [
        {name: _value(name, cell) for name, cell in zip(header, line, strict=True)}
        for line in lines
    ]


def assert_rows(rows: pa.Table | Iterable[Mapping[str, Any]], expected: str) -> None:
    """Assert that `rows` are exactly those of the text, in the columns that it names.

    Rows are compared sorted by week, department and division: write them in this order.
    """
    columns = [cell.strip() for cell in _lines(expected)[0].split("|")]
    found = rows.to_pylist() if isinstance(rows, pa.Table) else list(rows)
    found.sort(key=lambda row: tuple(str(row.get(name)) for name in WEEKLY_KEY))
    actual, wanted = (
        [" | ".join(_text(row[name]) for name in columns) for row in table]
        for table in (found, rows_of(expected))
    )
    assert actual == wanted, "\n".join(["", " | ".join(columns), *ndiff(wanted, actual)])


def _lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line.strip()]


def _value(column: str, cell: str) -> object:
    if not cell:
        return None
    if column in ("date", "week_start"):
        return date.fromisoformat(cell)
    if column.endswith(("amount", "share", "pct", "share_of_week", "share_of_department")):
        return Decimal(cell.replace("_", ""))
    return int(cell) if column.endswith("count") else cell


def _text(value: object) -> str:
    # Not str(): it would write a small share as 1E-6.
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
