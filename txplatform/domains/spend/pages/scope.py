"""What a page looks at: weeks, department and division, chosen in the sidebar and told above."""

from datetime import date, timedelta

import streamlit as st

from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.status import WeekState, week_status
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.periods import WEEK, monday_of, mondays
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.view import View

SHOWN_WEEKS = 12
NAMED_WEEKS = 5
EVERYTHING = ""
"""The choice of all departments or divisions; no name is empty: a blank one is `(unknown)`."""


def choose_scope(desk: Desk, view: View) -> Scope | None:
    """The weeks, department and division that the reader chose; None while the table is empty.

    A link may name weeks without rows: they are shown as empty, not replaced by others.
    """
    covered = trends.covered_weeks(desk.engine)
    if covered is None:
        return None
    with st.sidebar:
        first, last = _choose_weeks(desk, view, *covered)
        department = _choose_name(desk, view, "department", trends.division_names(desk.engine))
        divisions = trends.division_names(desk.engine, department) if department else []
        division = _choose_name(desk, view, "division", divisions) if department else None
    return Scope(first, last, department, division)


def _choose_weeks(desk: Desk, view: View, first: date, last: date) -> tuple[date, date]:
    asked = [week for name in ("from", "to") if (week := _asked_week(desk, view, name))]
    weeks = mondays(min(first, *asked, last), max(last, *asked, first))[::-1]
    closed = max(min(last, desk.open_week - WEEK), first)
    start = view.choice(
        "from",
        desk.text("filters.from"),
        weeks,
        max(first, closed - (SHOWN_WEEKS - 1) * WEEK),
        date.isoformat,
        desk.monday,
        desk.text("filters.week_help"),
    )
    later = [week for week in weeks if week >= start]
    default = max(closed, start)
    end = view.choice("to", desk.text("filters.to"), later, default, date.isoformat, desk.monday)
    return start, end


def _asked_week(desk: Desk, view: View, name: str) -> date | None:
    """The week of a day in the address, where it is one of the platform's weeks."""
    try:
        week = monday_of(date.fromisoformat(view.values.get(name, "")))
    except ValueError:
        return None
    first_week = desk.platform.settings.of(SpendSettings).first_week
    if not first_week <= week <= desk.open_week + timedelta(weeks=1):
        return None
    view.values[name] = week.isoformat()
    return week


def _choose_name(desk: Desk, view: View, name: str, names: list[str]) -> str | None:
    chosen = view.choice(
        name,
        desk.text(f"filters.{name}"),
        [EVERYTHING, *names],
        EVERYTHING,
        str,
        lambda one: one or desk.text(f"filters.every_{name}"),
    )
    return chosen or None


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
        for one in week_status(desk.engine, CODE_VERSION)
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
