"""Signing weeks off, and the mark on those that changed since."""

from datetime import date

import streamlit as st

from txplatform.domains.spend import decisions
from txplatform.domains.spend.pages import outcomes
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.queries.signed import (
    SignedWeek,
    changes_since_signed,
    signed_weeks,
)
from txplatform.domains.spend.queries.trends import Scope
from txplatform.periods import mondays
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import as_text

WEEK_KEY, NOTE_KEY = "sign_off.week", "sign_off.note"


def tell_changes(desk: Desk, scope: Scope) -> None:
    """Mark the signed weeks of a scope whose numbers are others now, with the difference."""
    for one in signed_weeks(desk.engine, scope.first, scope.last):
        if one.is_changed:
            st.warning(_changed(desk, one), icon=":material/history:")


def _changed(desk: Desk, one: SignedWeek) -> str:
    return desk.text(
        "signing.changed",
        week=desk.week(one.week_start),
        name=as_text(one.signed_by),
        at=desk.instant(one.signed_at),
        signed=as_text(desk.money(one.signed_amount)),
        now=as_text(desk.money(one.amount)),
        difference=as_text(desk.difference(one.difference)),
    )


def show(desk: Desk, scope: Scope) -> None:
    """The signed weeks of a scope and, for those who may, the form that signs one off."""
    st.header(desk.text("signing.title"), help=desk.text("signing.help"))
    outcomes.tell()
    found = signed_weeks(desk.engine, scope.first, scope.last)
    if found:
        blocks.table(
            {
                desk.text("column.week_start"): [desk.week(one.week_start) for one in found],
                desk.text("signing.by"): [one.signed_by for one in found],
                desk.text("signing.at"): [desk.instant(one.signed_at) for one in found],
                desk.text("signing.amount"): [desk.money(one.signed_amount) for one in found],
                desk.text("signing.now"): [desk.money(one.amount) for one in found],
                desk.text("signing.note"): [one.note or "" for one in found],
            }
        )
    tell_changes(desk, scope)
    for one in found:
        if one.is_changed:
            _differences(desk, one.week_start)
    if desk.may_decide:
        _form(desk, scope)


def _differences(desk: Desk, week: date) -> None:
    with st.expander(desk.text("signing.where", week=desk.week(week))):
        rows = changes_since_signed(desk.engine, week).to_pylist()
        names = ("department", "division")
        blocks.table(
            {desk.text(f"column.{name}"): [row[name] for row in rows] for name in names}
            | {
                desk.text("signing.signed_amount"): [desk.money(r["signed_amount"]) for r in rows],
                desk.text("signing.now"): [desk.money(row["amount"]) for row in rows],
                desk.text("signing.difference"): [desk.difference(r["difference"]) for r in rows],
            }
        )


def _form(desk: Desk, scope: Scope) -> None:
    weeks = [w for w in mondays(scope.first, scope.last) if w < desk.open_week][::-1]
    if not weeks:
        return
    with st.form("sign_off", clear_on_submit=True):
        st.selectbox(desk.text("signing.week"), weeks, key=WEEK_KEY, format_func=desk.week)
        st.text_input(desk.text("signing.note"), key=NOTE_KEY)
        st.form_submit_button(
            desk.text("signing.sign"), on_click=_sign, args=(desk,), icon=":material/verified:"
        )


def _sign(desk: Desk) -> None:
    week, note = st.session_state[WEEK_KEY], st.session_state[NOTE_KEY]

    def sign() -> str:
        decisions.sign_off(desk.deciding, week, desk.name, desk.open_week, note)
        return desk.text("signing.done", week=desk.week(week))

    outcomes.attempt(desk, sign)
