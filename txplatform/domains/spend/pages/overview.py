"""Overview: what was spent in the chosen weeks, how it moved, and what waits to be looked at."""

from datetime import date
from functools import partial

import streamlit as st

from txplatform.domains.spend.pages import cells, signing, wording
from txplatform.domains.spend.pages.departments import share_bars, shares_header
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.scope import (
    choose_scope,
    inside,
    tell_empty,
    tell_scope,
    tell_state,
)
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.alert_counts import case_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.queries.trends import YEAR, Scope, Sums
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, weekly_page
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.periods import WEEK, mondays
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.view import View

WEEKLY = weekly_transactions.c
UNDECIDED = ("open", "in_review")


def show(desk: Desk, view: View) -> None:
    """The page."""
    st.title(desk.text("overview.title"))
    scope = choose_scope(desk, view)
    if scope is None:
        tell_empty(desk)
        return
    tell_scope(desk, scope)
    tell_state(desk, scope)
    signing.tell_changes(desk, scope)
    now = trends.sums(desk.engine, scope)
    _figures(desk, scope, now)
    if not now.transaction_count:
        st.info(desk.text("state.empty"), icon=":material/inbox:")
        return
    _weeks(desk, scope)
    _shares(desk, scope)
    _movements(desk, scope)
    st.header(desk.text("export.title"))
    _export(desk, inside(scope))


def _export(desk: Desk, wanted: WeeklyFilter) -> None:
    count = weekly_page(desk.engine, wanted, size=1).total
    rows = partial(cells.every_weekly_row, desk, wanted)
    blocks.export_buttons(desk, "weekly_transactions", count, rows)


def _figures(desk: Desk, scope: Scope, now: Sums) -> None:
    earlier_scopes = {"before": scope.before(), "year": scope.shifted(YEAR)}
    total, refunds, count, previous, last_year, alerts = st.columns([4, 3, 2.4, 3, 3, 2.4])
    total.metric(
        desk.text("figure.total"), desk.money(now.total_amount), help=desk.help(WEEKLY.total_amount)
    )
    refunds.metric(
        desk.text("figure.refunds"),
        desk.money(now.refund_amount),
        help=desk.help(WEEKLY.refund_amount),
    )
    count.metric(
        desk.text("figure.count"),
        desk.whole(now.transaction_count),
        help=desk.help(WEEKLY.transaction_count),
    )
    weeks = (scope.last - scope.first) // WEEK + 1
    for place, (key, earlier) in zip((previous, last_year), earlier_scopes.items(), strict=True):
        change, meaning = _evolution(desk, now, earlier, key)
        label = desk.text(f"figure.{key}_{'week' if weeks == 1 else 'weeks'}", count=weeks)
        place.metric(label, change, help=meaning)
    alerts.metric(
        desk.text("figure.alerts"),
        desk.whole(_open_cases(desk, scope)),
        help=desk.text("figure.alerts_help"),
    )


def _evolution(desk: Desk, now: Sums, earlier: Scope, key: str) -> tuple[str, str]:
    """The change against earlier weeks and its help; a dash where the data begin in between."""
    first = _first_week(desk)
    if earlier.first < first <= earlier.last:
        return DASH, desk.text("figure.no_before", week=desk.week(first))
    then = trends.sums(desk.engine, earlier).total_amount
    change = wording.change_pct(now.total_amount, then)
    meaning = desk.text(f"figure.{key}_help", amount=as_text(desk.money(then)))
    return desk.change(change), f"{meaning} {as_text(desk.exact_change(change))}"


def _first_week(desk: Desk) -> date:
    covered = trends.covered_weeks(desk.engine)
    return covered[0] if covered else date.max


def _open_cases(desk: Desk, scope: Scope) -> int:
    departments = (scope.department,) if scope.department else ()
    divisions = (scope.division,) if scope.division else ()
    wanted = AlertFilter(scope.first, scope.last, departments, divisions, states=UNDECIDED)
    return case_counts(desk.engine, wanted).total


def _weeks(desk: Desk, scope: Scope) -> None:
    st.header(desk.text("overview.weeks"), help=desk.help(WEEKLY.total_amount))
    by_week = trends.sums_by_week(desk.engine, scope)
    kinds = (desk.text("overview.closed"), desk.text("overview.open"))

    def point(week: date) -> Point:
        amount = by_week.get(week, trends.NOTHING).total_amount
        kind = kinds[week >= desk.open_week]
        return Point(week, desk.week(week), amount, desk.money(amount), kind)

    weeks = mondays(scope.first, scope.last)
    names = ("week_start", "total_amount", "state")
    week, amount, state = (desk.text(f"column.{name}") for name in names)
    titles = [week, desk.in_currency(amount), state]
    charts.period_bars([point(week) for week in weeks], titles, kinds, desk.locale)
    with st.expander(desk.text("overview.as_table")):
        shown = [(week, by_week[week]) for week in reversed(weeks) if week in by_week]
        blocks.table(
            {
                desk.text("column.week_start"): [desk.week(week) for week, _ in shown],
                desk.text("figure.total"): [desk.money(one.total_amount) for _, one in shown],
                desk.text("figure.refunds"): [desk.money(one.refund_amount) for _, one in shown],
                desk.text("figure.count"): [desk.whole(one.transaction_count) for _, one in shown],
            }
        )


def _shares(desk: Desk, scope: Scope) -> None:
    shares_header(desk, scope)
    share_bars(desk, trends.sums_by_department(desk.engine, scope))


def _movements(desk: Desk, scope: Scope) -> None:
    st.header(desk.text("overview.movements"), help=desk.text("overview.movements_help"))
    first = _first_week(desk)
    if scope.before().first < first:
        st.info(desk.text("overview.before_data", week=desk.week(first)), icon=":material/info:")
    found = trends.largest_movements(desk.engine, scope)
    if not found:
        st.info(desk.text("overview.no_movement"))
        return
    blocks.table(
        {
            desk.text("column.department"): [one.department for one in found],
            desk.text("column.division"): [one.division for one in found],
            desk.text("overview.moved"): [desk.difference(one.amount) for one in found],
            desk.text("figure.total"): [desk.money(one.now.total_amount) for one in found],
            desk.text("overview.reason"): [wording.reason(desk, one) for one in found],
        }
    )
    cells.to_cells(desk, [(one.department, one.division, scope.last) for one in found])
