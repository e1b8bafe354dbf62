"""What a page looks at: weeks, department and division, chosen in the sidebar and told above."""

from datetime import date

import streamlit as st

from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.status import week_status
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState
from txplatform.periods import WEEK, monday_of, mondays
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.query_parameters import View

SHOWN_WEEKS = 12
NAMED_WEEKS = 5
EVERYTHING = ""
"""The choice of all departments or divisions; no name is empty: a blank one is `(unknown)`."""


def choose_scope(reader: SpendReader, view: View) -> Scope | None:
    """The weeks, department and division that the reader chose; None while the table is empty.

    A link may name weeks without rows: they are shown as empty, not replaced by others.
    """
    covered = trends.covered_weeks(reader.engine)
    if covered is None:
        return None
    with st.sidebar:
        first, last = _choose_weeks(reader, view, *covered)
        department = _choose_name(reader, view, "department", trends.division_names(reader.engine))
        divisions = trends.division_names(reader.engine, department) if department else []
        division = _choose_name(reader, view, "division", divisions) if department else None
    return Scope(first, last, department, division)


def chosen_scope(reader: SpendReader, view: View) -> Scope | None:
    """The same; of an empty table it is said what fills it."""
    scope = choose_scope(reader, view)
    if scope is None:
        tell_empty(reader)
    return scope


def _choose_weeks(reader: SpendReader, view: View, first: date, last: date) -> tuple[date, date]:
    asked = [week for name in ("from", "to") if (week := _asked_week(reader, view, name))]
    weeks = mondays(min(first, *asked, last), max(last, *asked, first))[::-1]
    closed = max(min(last, reader.open_week - WEEK), first)
    start = view.choice(
        "from",
        reader.text("filters.from"),
        weeks,
        max(first, closed - (SHOWN_WEEKS - 1) * WEEK),
        date.isoformat,
        reader.monday,
        reader.text("filters.week_help"),
    )
    later = [week for week in weeks if week >= start]
    default = max(closed, start)
    end = view.choice(
        "to", reader.text("filters.to"), later, default, date.isoformat, reader.monday
    )
    return start, end


def _asked_week(reader: SpendReader, view: View, name: str) -> date | None:
    """The week of a day in the address, where it is one of the platform's weeks."""
    try:
        week = monday_of(date.fromisoformat(view.values.get(name, "")))
    except ValueError:
        return None
    first_week = reader.platform.settings.of(SpendSettings).first_week
    if not first_week <= week <= reader.open_week + WEEK:
        return None
    view.values[name] = week.isoformat()
    return week


def _choose_name(reader: SpendReader, view: View, name: str, names: list[str]) -> str | None:
    chosen = view.choice(
        name,
        reader.text(f"filters.{name}"),
        [EVERYTHING, *names],
        EVERYTHING,
        str,
        lambda one: one or reader.text(f"filters.every_{name}"),
    )
    return chosen or None


def inside(scope: Scope) -> WeeklyFilter:
    """The rows of `weekly_transactions` of a scope."""
    departments = (scope.department,) if scope.department else ()
    divisions = (scope.division,) if scope.division else ()
    return WeeklyFilter(scope.first, scope.last, departments, divisions)


def tell_scope(reader: SpendReader, scope: Scope) -> None:
    """Write down what is looked at."""
    weeks = reader.week(scope.first)
    if scope.last > scope.first:
        weeks = reader.text("filters.span", first=weeks, last=reader.week(scope.last))
    names = [name for name in (scope.department, scope.division) if name]
    st.caption(as_text(" · ".join([weeks, *names])))


def tell_scope_and_state(reader: SpendReader, scope: Scope) -> None:
    """Write down what is looked at, and which of its weeks are open, stale or not computed."""
    tell_scope(reader, scope)
    closed = [
        one
        for one in week_status(reader.engine, CODE_VERSION)
        if scope.first <= one.week_start <= scope.last and one.week_start < reader.open_week
    ]
    if scope.last >= reader.open_week:
        st.info(
            reader.text("state.open", week=reader.week(reader.open_week)),
            icon=":material/schedule:",
        )
    for state, icon in ((PeriodState.STALE, "update"), (PeriodState.MISSING, "hourglass_empty")):
        weeks = [one.week_start for one in closed if one.state is state]
        if weeks:
            named = ", ".join(reader.day(week) for week in weeks[:NAMED_WEEKS])
            more = " …" if len(weeks) > NAMED_WEEKS else ""
            sentence = reader.text(f"state.{state}", count=len(weeks), weeks=named + more)
            st.warning(sentence, icon=f":material/{icon}:")


def tell_empty(reader: SpendReader) -> None:
    """Say that the table holds nothing yet, and what fills it."""
    st.info(reader.text("state.nothing"), icon=":material/inbox:")
