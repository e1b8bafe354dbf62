"""Blocks of a page: figures, choices, largest amounts, tables of exact text, lists, exports."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import streamlit as st

from txplatform.connectors import exports
from txplatform.serving.dashboard import charts, links
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.query_parameters import CURSOR, View
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.paging import LARGEST_PAGE, Page

TABLES = "tables"
"""Where the shell counts the tables of a page: no two may have the same key."""

BROAD, WIDE = 6, 8
"""Columns beyond which a table is set smaller, and smallest."""

SHORT = 18
"""Letters of a name or a date that is not broken over two lines."""

NUMBER = re.compile(r"[+-]?([A-Z]{0,3}[^\w\s]?\s?)?\d[\d\s.,'\u2019]*(%|\s?[^\w\s]?[A-Z]{0,3})?")
"""A number as a locale writes it, perhaps with a sign, a currency or %; no date, no name."""

FIGURE_PX, LONG = 165, 17
"""The width of a figure, and the letters of one that does not fit into it."""

BARS = 15
MOST_ROWS = LARGEST_PAGE
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Amount(NamedTuple):
    """An amount of somebody or something, and its share of all of them, where that is defined."""

    name: str
    amount: Decimal
    share: Decimal | None


def figures(told: Iterable[tuple[str, str, str]]) -> None:
    """Figures beside each other, each a label, a value and what it means; in rows if narrow."""
    row = st.container(horizontal=True)
    for label, value, meaning in told:
        row.metric(label, value, help=meaning, width=FIGURE_PX if len(value) < LONG else "content")


def explained(reader: Reader, group: str, values: Mapping[str, str]) -> None:
    """Figures beside each other, by what their texts in a group of texts are called."""
    figures(
        (reader.text(f"{group}.{name}"), value, reader.text(f"{group}.{name}_help"))
        for name, value in values.items()
    )


def chosen(
    reader: Reader, view: View, name: str, options: Sequence[str], default: str | None = None
) -> str:
    """One of some options, the first unless said otherwise; `choose.<name>`, `<name>.<option>`."""
    label = reader.text(f"choose.{name}")
    first = default or options[0]
    return view.choice(
        name, label, options, first, str, lambda option: reader.text(f"{name}.{option}")
    )


def largest_amounts(reader: Reader, amounts: Sequence[Amount], title: str) -> None:
    """A bar for each of the first amounts, with its text at the end; the largest come first."""
    points = [
        charts.Point(date.min, one.name, one.amount, _written(reader, one))
        for one in amounts[:BARS]
    ]
    charts.share_bars(points, reader.in_currency(title), reader.locale)
    if len(amounts) > BARS:
        count = reader.whole(len(amounts))
        st.caption(reader.text("bars.more", shown=BARS, count=count))


def _written(reader: Reader, one: Amount) -> str:
    amount = reader.money(one.amount)
    return amount if one.share is None else f"{amount}  ({reader.even_share(one.share)})"


def table(columns: Mapping[str, Sequence[str]], codes: Collection[str] = ()) -> None:
    """A table of text, cell by cell as written; heading to cells.

    Columns of numbers (but `codes`, which may look like them) are set right, short names and dates
    are not broken, and wide tables are small by the style of the shell, which finds all of that in
    the key: `table3-wide-s1-n4-n5-`.
    """
    cells = {name: [as_text(cell) for cell in column] for name, column in columns.items()}
    number = st.session_state[TABLES] = st.session_state.get(TABLES, 0) + 1
    size = "-wide" if len(columns) > WIDE else "-broad" if len(columns) > BROAD else ""
    with st.container(key=f"table{number}{size}-{marks(columns, codes)}"):
        st.table(cells, border="horizontal", hide_index=True)


def marks(columns: Mapping[str, Sequence[str]], codes: Collection[str] = ()) -> str:
    """The places of numbers (`n`) and of short names and dates (`s`), as the key has them."""
    found = []
    for place, (name, cells) in enumerate(columns.items(), 1):
        if name not in codes and is_numeric(cells):
            found.append(f"n{place}-")
        elif max(map(len, cells), default=0) <= SHORT:
            found.append(f"s{place}-")
    return "".join(found)


def is_numeric(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers, and nothing but dashes where one is missing."""
    return bool(cells) and all(cell == DASH or NUMBER.fullmatch(cell) for cell in cells)


def next_page(reader: Reader, path: str, view: View, page: Page) -> None:
    """How many rows there are, and links to the first and to the next of them."""
    st.caption(reader.text("pages.rows", shown=page.rows.num_rows, count=reader.whole(page.total)))
    here = {name: value for name, value in view.values.items() if name != CURSOR}
    with st.container(horizontal=True):
        if view.get(CURSOR):
            links.to_page(reader, path, reader.text("pages.first"), **here)
        if page.next_cursor:
            here[CURSOR] = page.next_cursor
            links.to_page(reader, path, reader.text("pages.next"), **here)


def export_buttons(reader: Reader, name: str, count: int, rows: Callable[[], pa.Table]) -> None:
    """Buttons that make and download the rows as CSV and as Excel, every digit.

    A file stands in memory while it is made: of more than `MOST_ROWS` there is none.
    """
    if count > MOST_ROWS:
        most = reader.whole(MOST_ROWS)
        st.info(reader.text("export.too_many", count=reader.whole(count), most=most))
        return
    row = st.container(horizontal=True)
    for kind, media_type in KINDS.items():
        row.download_button(
            reader.text(f"export.{kind}"),
            partial(_made, rows, kind),
            file_name=f"{name}.{kind}",
            mime=media_type,
            key=f"export.{name}.{kind}",
            on_click="ignore",
            help=reader.text("export.help"),
        )


def _made(rows: Callable[[], pa.Table], kind: str) -> bytes:
    return exports.as_bytes(rows(), kind)
