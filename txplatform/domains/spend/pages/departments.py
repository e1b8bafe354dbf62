"""Departments and divisions: their shares, week by week, and the table itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

import streamlit as st

from txplatform.domains.spend.pages import cells
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.scope import choose_scope, tell_empty, tell_scope, tell_state
from txplatform.domains.spend.pages.wording import fraction
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.trends import Scope, Sums
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, weekly_page
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.periods import mondays
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.view import View

WEEKLY = weekly_transactions.c
HEAT_ROWS = 25
ROWS = 50
BARS = 15
CELL = ("department", "division", "week_start")


def show(desk: Desk, view: View) -> None:
    """The page."""
    st.title(desk.text("departments.title"))
    scope = choose_scope(desk, view)
    if scope is None:
        tell_empty(desk)
        return
    tell_scope(desk, scope)
    tell_state(desk, scope)
    found = trends.sums_by_department(desk.engine, scope)
    if not found:
        st.info(desk.text("state.empty"), icon=":material/inbox:")
        return
    shares_header(desk, scope)
    share_bars(desk, found)
    _over_time(desk, scope, found)
    _table(desk, view, scope)


def shares_header(desk: Desk, scope: Scope) -> None:
    """Above the shares of departments, or of the divisions of the chosen one."""
    level, column = ("departments", "department_share")
    if scope.department:
        level, column = ("divisions", "division_share_of_department")
    st.header(desk.text(f"overview.shares_{level}"), help=desk.help(WEEKLY[column]))


def share_bars(desk: Desk, found: Mapping[str, Sums]) -> None:
    """Bars of the net totals by name, each with its amount and its share of all of them."""
    total = sum((one.total_amount for one in found.values()), Decimal(0))

    def written(amount: Decimal) -> str:
        share = f"  ({desk.share(fraction(amount, total))})" if total > 0 else ""
        return desk.money(amount) + share

    amounts = [(name, one.total_amount) for name, one in found.items()][:BARS]
    points = [Point(date.min, name, amount, written(amount)) for name, amount in amounts]
    charts.share_bars(points, desk.in_currency(desk.text("column.total_amount")), desk.locale)
    if len(found) > BARS:
        st.caption(desk.text("overview.more", shown=BARS, count=len(found)))


def _over_time(desk: Desk, scope: Scope, found: dict[str, Sums]) -> None:
    amount = desk.in_currency(desk.text("column.total_amount"))
    titles = [desk.text("column.week_start"), amount]
    sums = trends.sums_by_week_and_department(desk.engine, scope)
    weeks = mondays(scope.first, scope.last)
    st.header(desk.text("departments.lines"), help=desk.help(WEEKLY.total_amount))
    charts.lines(_points(desk, weeks, list(found)[: charts.LINES], sums), titles, desk.locale)
    st.header(desk.text("departments.heat"), help=desk.text("departments.heat_help"))
    charts.heat_map(_points(desk, weeks, list(found)[:HEAT_ROWS], sums), titles, desk.locale)
    if len(found) > HEAT_ROWS:
        st.caption(desk.text("overview.more", shown=HEAT_ROWS, count=len(found)))


def _points(
    desk: Desk,
    weeks: Sequence[date],
    names: Sequence[str],
    sums: dict[tuple[date, str], Sums],
) -> list[Point]:
    return [
        Point(week, name, amount, desk.money(amount))
        for name in names
        for week in weeks
        for amount in [sums.get((week, name), trends.NOTHING).total_amount]
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
    blocks.table(cells.weekly_rows(desk, page.rows))
    blocks.next_page(desk, "departments", view, page)
    found = zip(*(page.rows[name].to_pylist() for name in CELL), strict=True)
    cells.to_cells(desk, list(found))
    rows = partial(cells.every_weekly_row, desk, wanted)
    blocks.export_buttons(desk, "weekly_transactions", page.total, rows)
