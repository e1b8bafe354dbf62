"""What the sidebar asks on every page: from which week to which, department, division."""

from datetime import date, timedelta

import streamlit as st

from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.view import View
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.weeks import WEEK, monday_of, mondays

SHOWN_WEEKS = 12
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
