"""Departments and divisions: their shares, week by week, and the table itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

import streamlit as st

from txplatform.domains.spend.pages import cells
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.scope import chosen_scope, tell_scope_and_state
from txplatform.domains.spend.pages.wording import fraction
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.trends import Scope, Sums
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, weekly_page
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.periods import mondays
from txplatform.serving.dashboard import blocks, charts, grids
from txplatform.serving.dashboard.blocks import Amount
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.query_parameters import View

WEEKLY = weekly_transactions.c
HEAT_ROWS = 25
ROWS = 50
CELL = ("department", "division", "week_start")


def show(reader: SpendReader, view: View) -> None:
    """The page."""
    st.title(reader.text("departments.title"))
    scope = chosen_scope(reader, view)
    if scope is None:
        return
    tell_scope_and_state(reader, scope)
    found = trends.sums_by_department(reader.engine, scope)
    if not found:
        st.info(reader.text("state.empty"), icon=":material/inbox:")
        return
    shares_header(reader, scope)
    share_bars(reader, found)
    _over_time(reader, scope, found)
    _table(reader, view, scope)


def shares_header(reader: SpendReader, scope: Scope) -> None:
    """Above the shares of departments, or of the divisions of the chosen one."""
    level, column = ("departments", "department_share")
    if scope.department:
        level, column = ("divisions", "division_share_of_department")
    st.header(reader.text(f"overview.shares_{level}"), help=reader.help(WEEKLY[column]))


def share_bars(reader: SpendReader, found: Mapping[str, Sums]) -> None:
    """Bars of the net totals by name, each with its amount and its share of all of them."""
    total = sum((one.total_amount for one in found.values()), Decimal(0))
    amounts = [
        Amount(name, one.total_amount, fraction(one.total_amount, total) if total > 0 else None)
        for name, one in found.items()
    ]
    blocks.largest_amounts(reader, amounts, reader.text("column.total_amount"))


def _over_time(reader: SpendReader, scope: Scope, found: dict[str, Sums]) -> None:
    amount = reader.in_currency(reader.text("column.total_amount"))
    titles = [reader.text("column.week_start"), amount]
    sums = trends.sums_by_week_and_department(reader.engine, scope)
    weeks = mondays(scope.first, scope.last)
    st.header(reader.text("departments.lines"), help=reader.help(WEEKLY.total_amount))
    charts.lines(_points(reader, weeks, list(found)[: charts.LINES], sums), titles, reader.locale)
    st.header(reader.text("departments.heat"), help=reader.text("departments.heat_help"))
    grids.heat_map(_points(reader, weeks, list(found)[:HEAT_ROWS], sums), titles, reader.locale)
    if len(found) > HEAT_ROWS:
        st.caption(reader.text("bars.more", shown=HEAT_ROWS, count=len(found)))


def _points(
    reader: SpendReader,
    weeks: Sequence[date],
    names: Sequence[str],
    sums: dict[tuple[date, str], Sums],
) -> list[Point]:
    return [
        Point(week, name, amount, reader.money(amount))
        for name in names
        for week in weeks
        for amount in [sums.get((week, name), trends.NOTHING).total_amount]
    ]


def _table(reader: SpendReader, view: View, scope: Scope) -> None:
    st.header(reader.text("departments.table"), help=reader.text("departments.table_help"))
    part = view.text("search", reader.text("departments.search"))
    divisions: tuple[str, ...] = (scope.division,) if scope.division else ()
    if part:
        divisions = tuple(trends.divisions_containing(reader.engine, scope, part))
        if not divisions:
            st.info(reader.text("departments.not_found"))
            return
    departments = (scope.department,) if scope.department else ()
    wanted = WeeklyFilter(scope.first, scope.last, departments, divisions)
    page = weekly_page(reader.engine, wanted, view.get("after"), ROWS)
    blocks.table(cells.weekly_rows(reader, page.rows))
    blocks.next_page(reader, "departments", view, page)
    found = zip(*(page.rows[name].to_pylist() for name in CELL), strict=True)
    cells.to_cells(reader, list(found))
    rows = partial(cells.every_weekly_row, reader, wanted)
    blocks.export_buttons(reader, "weekly_transactions", page.total, rows)
