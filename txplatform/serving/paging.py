"""Pages of a long list: a cursor names the last row shown, so that rows that come do not shift it.

Totals are those of all rows that match, whatever the size of a page, or say that there are more.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Select, and_, or_
from sqlalchemy.sql.elements import ColumnElement

from txplatform.errors import UsageError

LARGEST_PAGE = 100_000
"""So much is read at once, and an export of it is of one moment; the API's pages are smaller."""
DEFAULT_PAGE = 100
LONGEST_NUMBER = 34
"""Digits of a Decimal128; an exponent of a cursor that nobody gave could be of any size."""


@dataclass(frozen=True)
class Page:
    """Some rows of a list, the number of all rows that match, and where the next page begins."""

    rows: pa.Table
    total: int
    next_cursor: str | None
    is_total_exact: bool = True
    """Whether `total` is the number; else more rows match than that."""


def page_of(
    rows: pa.Table, size: int, total: int, key: Sequence[str], counted: int | None = None
) -> Page:
    """The page of rows that were asked for with a limit of one more than its size.

    Args:
        rows: of the page, and one more unless it is the last.
        size: of the page.
        total: how many rows match.
        key: the columns of the order.
        counted: so many rows are counted at most: a larger total only means that there are more.
    """
    is_last = rows.num_rows <= size
    shown = rows.slice(0, size)
    last = shown.slice(size - 1, 1).to_pylist()
    following = None if is_last else cursor_of(last[0][name] for name in key)
    most = total if counted is None else counted
    return Page(shown, min(total, most), following, is_total_exact=total <= most)


def every_row(page_after: Callable[[str | None, int], Page]) -> pa.Table:
    """The rows of all pages of a list, of which `page_after` gives one by cursor and size."""
    pages = [page_after(None, LARGEST_PAGE)]
    while pages[-1].next_cursor:
        pages.append(page_after(pages[-1].next_cursor, LARGEST_PAGE))
    return pa.concat_tables([page.rows for page in pages])


def cursor_of(key: Any) -> str:
    """A key as opaque text."""
    written = json.dumps([str(part) for part in key])
    return urlsafe_b64encode(written.encode()).decode().rstrip("=")


def key_of(cursor: str, *kinds: Callable[[str], Any]) -> list[Any]:
    """The key of a cursor, its parts in their types.

    Raises:
        UsageError: it is not a cursor that these pages gave.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        return [kind(plain(part)) for kind, part in zip(kinds, parts, strict=True)]
    except (ValueError, ArithmeticError, TypeError, RecursionError):
        raise UsageError(
            "The cursor is none that this list gave: leave it out and begin with the first page."
        ) from None


def plain(part: object) -> str:
    """A text that every server takes.

    Raises:
        ValueError: it is no text, or holds a NUL or half a character.
    """
    if not isinstance(part, str) or "\0" in part:
        raise ValueError(part)
    part.encode()
    return part


def amount(text: str) -> Decimal:
    """A finite number of a cursor."""
    found = Decimal(text)
    if not found.is_finite() or len(text) > LONGEST_NUMBER:
        raise ValueError(text)
    return found


def whole(text: str) -> int:
    """A whole number of a cursor, of 64 bits."""
    found = int(text)
    if abs(found) >= 1 << 63:
        raise ValueError(text)
    return found


def moment(text: str) -> datetime:
    """An instant of a cursor."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def after(key: Sequence[tuple[ColumnElement[Any], Any, bool]]) -> ColumnElement[bool]:
    """Rows that come after a key.

    Args:
        key: per column of the order, its value in the last row and whether it is descending.
    """
    steps = []
    for position, (column, value, is_descending) in enumerate(key):
        same = [earlier == known for earlier, known, _ in key[:position]]
        steps.append(and_(*same, column < value if is_descending else column > value))
    leading, value, is_descending = key[0]
    # Says the same again in a form for which the server enters the index at the right place.
    bound = leading <= value if is_descending else leading >= value
    return and_(bound, or_(*steps))


def limited(statement: Select[Any], size: int) -> Select[Any]:
    """The statement with a limit of one row more than the page, which tells whether it is last."""
    if not 1 <= size <= LARGEST_PAGE:
        raise UsageError(f"A page has 1 to {LARGEST_PAGE:,} rows, not {size}.")
    return statement.limit(size + 1)
