"""Overview: what was spent in the chosen weeks, how it moved, and what waits to be looked at."""

from datetime import date
from functools import partial

import streamlit as st

from txplatform.domains.spend.pages import cells, signing, wording
from txplatform.domains.spend.pages.departments import share_bars, shares_header
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.scope import chosen_scope, inside, tell_scope_and_state
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
from txplatform.serving.dashboard.query_parameters import View

WEEKLY = weekly_transactions.c
UNDECIDED = ("open", "in_review")


def show(reader: SpendReader, view: View) -> None:
    """The page."""
    st.title(reader.text("overview.title"))
    scope = chosen_scope(reader, view)
    if scope is None:
        return
    tell_scope_and_state(reader, scope)
    signing.tell_changes(reader, scope)
    now = trends.sums(reader.engine, scope)
    _figures(reader, scope, now)
    if not now.transaction_count:
        st.info(reader.text("state.empty"), icon=":material/inbox:")
        return
    _weeks(reader, scope)
    _shares(reader, scope)
    _movements(reader, scope)
    st.header(reader.text("export.title"))
    _export(reader, inside(scope))


def _export(reader: SpendReader, wanted: WeeklyFilter) -> None:
    count = weekly_page(reader.engine, wanted, size=1).total
    rows = partial(cells.every_weekly_row, reader, wanted)
    blocks.export_buttons(reader, "weekly_transactions", count, rows)


def _figures(reader: SpendReader, scope: Scope, now: Sums) -> None:
    earlier_scopes = {"before": scope.before(), "year": scope.shifted(YEAR)}
    *figures, previous, last_year, alerts = st.columns([4, 3, 2.4, 3, 3, 2.4])
    cells.sums(reader, figures, now)
    weeks = (scope.last - scope.first) // WEEK + 1
    for place, (key, earlier) in zip((previous, last_year), earlier_scopes.items(), strict=True):
        change, meaning = _evolution(reader, now, earlier, key)
        label = reader.text(f"figure.{key}_{'week' if weeks == 1 else 'weeks'}", count=weeks)
        place.metric(label, change, help=meaning)
    alerts.metric(
        reader.text("figure.alerts"),
        reader.whole(_open_cases(reader, scope)),
        help=reader.text("figure.alerts_help"),
    )


def _evolution(reader: SpendReader, now: Sums, earlier: Scope, key: str) -> tuple[str, str]:
    """The change against earlier weeks and its help; a dash where the data begin in between."""
    first = _first_week(reader)
    if earlier.first < first <= earlier.last:
        return DASH, reader.text("figure.no_before", week=reader.week(first))
    then = trends.sums(reader.engine, earlier).total_amount
    change = wording.change_pct(now.total_amount, then)
    meaning = reader.text(f"figure.{key}_help", amount=as_text(reader.money(then)))
    return reader.change(change), f"{meaning} {as_text(reader.exact_change(change))}"


def _first_week(reader: SpendReader) -> date:
    covered = trends.covered_weeks(reader.engine)
    return covered[0] if covered else date.max


def _open_cases(reader: SpendReader, scope: Scope) -> int:
    departments = (scope.department,) if scope.department else ()
    divisions = (scope.division,) if scope.division else ()
    wanted = AlertFilter(scope.first, scope.last, departments, divisions, states=UNDECIDED)
    return case_counts(reader.engine, wanted).total


def _weeks(reader: SpendReader, scope: Scope) -> None:
    st.header(reader.text("overview.weeks"), help=reader.help(WEEKLY.total_amount))
    by_week = trends.sums_by_week(reader.engine, scope)
    kinds = (reader.text("overview.closed"), reader.text("overview.open"))

    def point(week: date) -> Point:
        amount = by_week.get(week, trends.NOTHING).total_amount
        kind = kinds[week >= reader.open_week]
        return Point(week, reader.week(week), amount, reader.money(amount), kind)

    weeks = mondays(scope.first, scope.last)
    names = ("week_start", "total_amount", "state")
    week, amount, state = (reader.text(f"column.{name}") for name in names)
    titles = [week, reader.in_currency(amount), state]
    charts.period_bars([point(week) for week in weeks], titles, kinds, reader.locale)
    with st.expander(reader.text("overview.as_table")):
        shown = [(week, by_week[week]) for week in reversed(weeks) if week in by_week]
        blocks.table(
            {
                reader.text("column.week_start"): [reader.week(week) for week, _ in shown],
                reader.text("figure.total"): [reader.money(one.total_amount) for _, one in shown],
                reader.text("figure.refunds"): [
                    reader.money(one.refund_amount) for _, one in shown
                ],
                reader.text("figure.count"): [
                    reader.whole(one.transaction_count) for _, one in shown
                ],
            }
        )


def _shares(reader: SpendReader, scope: Scope) -> None:
    shares_header(reader, scope)
    share_bars(reader, trends.sums_by_department(reader.engine, scope))


def _movements(reader: SpendReader, scope: Scope) -> None:
    st.header(reader.text("overview.movements"), help=reader.text("overview.movements_help"))
    first = _first_week(reader)
    if scope.before().first < first:
        st.info(
            reader.text("overview.before_data", week=reader.week(first)), icon=":material/info:"
        )
    found = trends.largest_movements(reader.engine, scope)
    if not found:
        st.info(reader.text("overview.no_movement"))
        return
    blocks.table(
        {
            reader.text("column.department"): [one.department for one in found],
            reader.text("column.division"): [one.division for one in found],
            reader.text("overview.moved"): [reader.difference(one.amount) for one in found],
            reader.text("figure.total"): [reader.money(one.now.total_amount) for one in found],
            reader.text("overview.reason"): [wording.reason(reader, one) for one in found],
        }
    )
    cells.to_cells(reader, [(one.department, one.division, scope.last) for one in found])
