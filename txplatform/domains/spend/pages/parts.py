"""Parts of a page: tables of exact text, figures with help, exports, and the state of the weeks."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st
from pymongo.database import Database
from sqlalchemy import Engine

from txplatform.connectors import exports
from txplatform.domains.spend import queries
from txplatform.domains.spend.pages import charts, links, words
from txplatform.domains.spend.pages.charts import Point
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.formats import DASH, as_text
from txplatform.domains.spend.pages.view import View
from txplatform.domains.spend.queries import WeekState
from txplatform.domains.spend.queries.listing import WeeklyFilter, weekly_page
from txplatform.domains.spend.queries.paging import LARGEST_PAGE, Page
from txplatform.domains.spend.queries.purchases import PurchaseFilter, purchase_page
from txplatform.domains.spend.queries.trends import Scope, Sums
from txplatform.domains.spend.transforms import CODE_VERSION

TABLES = "tables"
"""Where the shell counts the tables of a page: no two may have the same key."""

BROAD, WIDE = 6, 8
"""Columns beyond which a table is set smaller, and smallest."""

NUMBER = re.compile(r"[+-]?([A-Z]{0,3}[^\w\s]?\s?)?\d[\d\s.,'\u2019]*(%|\s?[^\w\s]?[A-Z]{0,3})?")
"""A number as a locale writes it, perhaps with a sign, a currency or %; no date, no name."""

NAMED_WEEKS = 5
BARS = 15
MOST_ROWS = 100_000
NO_BREAK = "\N{NO-BREAK SPACE}"
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table(columns: Mapping[str, Sequence[str]]) -> None:
    """A table of text, cell by cell as written; heading to cells.

    Columns of numbers are set right and wide tables small by the style of the shell, which finds
    both in the key: `table3-wide-n4-n5-`.
    """
    cells = {name: [as_text(cell) for cell in column] for name, column in columns.items()}
    place = st.session_state[TABLES] = st.session_state.get(TABLES, 0) + 1
    size = "-wide" if len(columns) > WIDE else "-broad" if len(columns) > BROAD else ""
    numbers = [f"n{n}-" for n, cell in enumerate(columns.values(), 1) if is_numeric(cell)]
    with st.container(key=f"table{place}{size}-{''.join(numbers)}"):
        st.table(cells, border="horizontal", hide_index=True)


def is_numeric(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers, and nothing but dashes where one is missing."""
    return bool(cells) and all(cell == DASH or NUMBER.fullmatch(cell) for cell in cells)


def shares_header(desk: Desk, scope: Scope) -> None:
    """Above the shares of departments, or of the divisions of the chosen one."""
    level, column = ("departments", "department_share")
    if scope.department:
        level, column = ("divisions", "division_share_of_department")
    st.header(desk.text(f"overview.shares_{level}"), help=desk.help(column))


def share_bars(desk: Desk, found: Mapping[str, Sums]) -> None:
    """Bars of the net totals by name, each with its amount and its share of all of them."""
    total = sum((one.total_amount for one in found.values()), Decimal(0))

    def written(amount: Decimal) -> str:
        share = f"  ({desk.share(words.fraction(amount, total))})" if total > 0 else ""
        return desk.money(amount) + share

    amounts = [(name, one.total_amount) for name, one in found.items()][:BARS]
    points = [Point(date.min, name, amount, written(amount)) for name, amount in amounts]
    charts.share_bars(points, desk.in_currency(desk.text("column.total_amount")), desk.locale)
    if len(found) > BARS:
        st.caption(desk.text("overview.more", shown=BARS, count=len(found)))


def next_page(desk: Desk, path: str, view: View, page: Page) -> None:
    """How many rows there are, and links to the first and to the next of them."""
    st.caption(desk.text("pages.rows", shown=page.rows.num_rows, count=desk.whole(page.total)))
    here = {name: value for name, value in view.values.items() if name != "after"}
    with st.container(horizontal=True):
        if view.get("after"):
            links.to_page(path, desk.text("pages.first"), ":material/first_page:", **here)
        if page.next_cursor:
            here["after"] = page.next_cursor
            links.to_page(path, desk.text("pages.next"), ":material/chevron_right:", **here)


def all_rows(engine: Engine, wanted: WeeklyFilter) -> pa.Table:
    """Every row of `weekly_transactions` that matches, page by page."""
    pages = [weekly_page(engine, wanted, size=LARGEST_PAGE)]
    while pages[-1].next_cursor:
        pages.append(weekly_page(engine, wanted, pages[-1].next_cursor, LARGEST_PAGE))
    return pa.concat_tables([page.rows for page in pages])


def export_buttons(desk: Desk, name: str, count: int, rows: Callable[[], pa.Table]) -> None:
    """Buttons that make and download the rows as CSV and as Excel, every digit.

    A file stands in memory while it is made: of more than `MOST_ROWS` there is none.
    """
    if count > MOST_ROWS:
        most = desk.whole(MOST_ROWS)
        st.info(desk.text("export.too_many", count=desk.whole(count), most=most))
        return
    row = st.container(horizontal=True)
    for kind, media_type in KINDS.items():
        row.download_button(
            desk.text(f"export.{kind}"),
            partial(_made, rows, kind),
            file_name=f"{name}.{kind}",
            mime=media_type,
            key=f"export.{name}.{kind}",
            on_click="ignore",
            help=desk.text("export.help"),
        )


def _made(rows: Callable[[], pa.Table], kind: str) -> bytes:
    return file_of(rows(), kind)


def file_of(rows: pa.Table, kind: str) -> bytes:
    """The content of a file of these rows, `csv` or `xlsx`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{kind}"
        exports.write(rows, path, kind)
        return path.read_bytes()


def purchases(desk: Desk, rows: pa.Table) -> dict[str, list[str]]:
    """Purchases as text, each with its file and line."""
    found = rows.to_pylist()
    names = ("merchant", "category", "department", "division")
    cells = {
        desk.text("purchase.transaction_date"): [
            desk.day(one["transaction_date"]).replace(" ", NO_BREAK) for one in found
        ]
    }
    for name in names:
        if name.startswith("d") and len({one[name] for one in found}) == 1:
            continue  # the page has said it above
        part = "column" if name.startswith("d") else "purchase"
        cells[desk.text(f"{part}.{name}")] = [one[name] or DASH for one in found]
    cells[desk.text("purchase.amount")] = [desk.money(one["amount"]) for one in found]
    if any(one["card"] for one in found):
        cells[desk.text("purchase.card")] = [one["card"] or DASH for one in found]
    cells[desk.text("why.line")] = [f"{one['source_file']}:{one['source_line']}" for one in found]
    return cells


def all_purchases(database: Database[Any], wanted: PurchaseFilter) -> pa.Table:
    """Every purchase of a filter, page by page."""
    pages = [purchase_page(database, wanted, size=LARGEST_PAGE)]
    while pages[-1].next_cursor:
        pages.append(purchase_page(database, wanted, pages[-1].next_cursor, LARGEST_PAGE))
    return pa.concat_tables([page.rows for page in pages])


def inside(scope: Scope) -> WeeklyFilter:
    """The rows of `weekly_transactions` of a scope."""
    departments = (scope.department,) if scope.department else ()
    divisions = (scope.division,) if scope.division else ()
    return WeeklyFilter(scope.first, scope.last, departments, divisions)


def tell_scope(desk: Desk, scope: Scope) -> None:
    """Write down what is looked at."""
    weeks = desk.week(scope.first)
    if scope.last > scope.first:
        weeks = desk.text("filters.span", first=weeks, last=desk.week(scope.last))
    names = [name for name in (scope.department, scope.division) if name]
    st.caption(as_text(" · ".join([weeks, *names])))


def tell_state(desk: Desk, scope: Scope) -> dict[date, WeekState]:
    """Say which weeks of a scope are open, stale or not computed; the state of each week."""
    found = {
        one.week_start: one.state
        for one in queries.week_status(desk.engine, CODE_VERSION)
        if scope.first <= one.week_start <= scope.last
    }
    closed = {week: state for week, state in found.items() if week < desk.open_week}
    if scope.last >= desk.open_week:
        st.info(desk.text("state.open", week=desk.week(desk.open_week)), icon=":material/schedule:")
    for state, icon in ((WeekState.STALE, "update"), (WeekState.MISSING, "hourglass_empty")):
        weeks = [week for week, its in closed.items() if its is state]
        if weeks:
            named = ", ".join(desk.day(week) for week in weeks[:NAMED_WEEKS])
            more = " …" if len(weeks) > NAMED_WEEKS else ""
            sentence = desk.text(f"state.{state}", count=len(weeks), weeks=named + more)
            st.warning(sentence, icon=f":material/{icon}:")
    return found


def tell_empty(desk: Desk) -> None:
    """Say that the table holds nothing yet, and what fills it."""
    st.info(desk.text("state.nothing"), icon=":material/inbox:")
