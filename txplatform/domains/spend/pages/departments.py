"""Departments and divisions: their shares, week by week, and the table itself."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages import charts, links, parts
from txplatform.domains.spend.pages.charts import Point
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.filters import choose_scope
from txplatform.domains.spend.pages.view import View
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.listing import WeeklyFilter, weekly_page
from txplatform.domains.spend.queries.trends import Scope, Sums
from txplatform.domains.spend.weeks import mondays

HEAT_ROWS = 25
ROWS = 50
SHARES = ("department_share", "division_share_of_department", "division_share_of_week")


def show(desk: Desk, view: View) -> None:
    """The page."""
    st.title(desk.text("departments.title"))
    scope = choose_scope(desk, view)
    if scope is None:
        parts.tell_empty(desk)
        return
    parts.tell_scope(desk, scope)
    parts.tell_state(desk, scope)
    found = trends.sums_by_department(desk.engine, scope)
    if not found:
        st.info(desk.text("state.empty"), icon=":material/inbox:")
        return
    parts.shares_header(desk, scope)
    parts.share_bars(desk, found)
    _over_time(desk, scope, found)
    _table(desk, view, scope)


def _over_time(desk: Desk, scope: Scope, found: dict[str, Sums]) -> None:
    amount = desk.in_currency(desk.text("column.total_amount"))
    titles = [desk.text("column.week_start"), amount]
    cells = trends.sums_by_week_and_department(desk.engine, scope)
    weeks = mondays(scope.first, scope.last)
    st.header(desk.text("departments.lines"), help=desk.help("total_amount"))
    charts.lines(_points(desk, weeks, list(found)[: charts.LINES], cells), titles, desk.locale)
    st.header(desk.text("departments.heat"), help=desk.text("departments.heat_help"))
    charts.heat_map(_points(desk, weeks, list(found)[:HEAT_ROWS], cells), titles, desk.locale)
    if len(found) > HEAT_ROWS:
        st.caption(desk.text("overview.more", shown=HEAT_ROWS, count=len(found)))


def _points(
    desk: Desk,
    weeks: Sequence[date],
    names: Sequence[str],
    cells: dict[tuple[date, str], Sums],
) -> list[Point]:
    return [
        Point(week, name, amount, desk.money(amount))
        for name in names
        for week in weeks
        for amount in [cells.get((week, name), trends.NOTHING).total_amount]
    ]


def _table(desk: Desk, view: View, scope: Scope) -> None:
    st.header(desk.text("departments.table"), help=desk.text("departments.table_help"))
    part = view.text("search", desk.text("departments.search"))
    divisions: tuple[str, ...] = (scope.division,) if scope.division else ()
    if part:
        divisions = tuple(trends.divisions_containing(desk.engine, scope, part))
        if not divisions:
            st.info(desk.text("departments.not_found"))
            return
    departments = (scope.department,) if scope.department else ()
    wanted = WeeklyFilter(scope.first, scope.last, departments, divisions)
    page = weekly_page(desk.engine, wanted, view.get("after"), ROWS)
    parts.table(columns(desk, page.rows))
    parts.next_page(desk, "departments", view, page)
    found = zip(*(page.rows[name].to_pylist() for name in CELL), strict=True)
    links.to_cells(desk, list(found))
    rows = partial(parts.all_rows, desk.engine, wanted)
    parts.export_buttons(desk, "weekly_transactions", page.total, rows)


NOT_SHOWN = ("computed_at", "run_id", "valid_from", "valid_to")
CELL = ("department", "division", "week_start")


def columns(desk: Desk, rows: pa.Table) -> dict[str, list[str]]:
    """The rows of `weekly_transactions` as text, by the names of its columns."""
    return {
        desk.text(f"column.{name}"): [cell(desk, name, one) for one in rows[name].to_pylist()]
        for name in rows.column_names
        if name not in NOT_SHOWN
    }


def cell(desk: Desk, name: str, value: object) -> str:
    """A value of a column of `weekly_transactions` as text; amounts without their currency."""
    if name == "week_start" and isinstance(value, date):
        return desk.day(value).replace(" ", parts.NO_BREAK)
    if isinstance(value, int):
        return desk.whole(value)
    if value is None or isinstance(value, Decimal):
        written = desk.even_share if name in SHARES else desk.amount
        return desk.even_change(value) if name.endswith("_pct") else written(value)
    return str(value)
