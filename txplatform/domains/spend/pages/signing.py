"""Signing weeks off, and the mark on those that changed since."""

from datetime import date

import streamlit as st

from txplatform.domains.spend import decisions
from txplatform.domains.spend.pages import outcomes
from txplatform.domains.spend.pages.reader import SpendReader
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


def tell_changes(reader: SpendReader, scope: Scope) -> None:
    """Mark the signed weeks of a scope whose numbers are others now, with the difference."""
    for one in signed_weeks(reader.engine, scope.first, scope.last):
        if one.is_changed:
            st.warning(_changed(reader, one), icon=":material/history:")


def _changed(reader: SpendReader, one: SignedWeek) -> str:
    return reader.text(
        "signing.changed",
        week=reader.week(one.week_start),
        name=as_text(one.signed_by),
        at=reader.instant(one.signed_at),
        signed=as_text(reader.money(one.signed_amount)),
        now=as_text(reader.money(one.amount)),
        difference=as_text(reader.difference(one.difference)),
    )


def show(reader: SpendReader, scope: Scope) -> None:
    """The signed weeks of a scope and, for those who may, the form that signs one off."""
    st.header(reader.text("signing.title"), help=reader.text("signing.help"))
    outcomes.tell()
    found = signed_weeks(reader.engine, scope.first, scope.last)
    if found:
        blocks.table(
            {
                reader.text("column.week_start"): [reader.week(one.week_start) for one in found],
                reader.text("signing.by"): [one.signed_by for one in found],
                reader.text("signing.at"): [reader.instant(one.signed_at) for one in found],
                reader.text("signing.amount"): [reader.money(one.signed_amount) for one in found],
                reader.text("signing.now"): [reader.money(one.amount) for one in found],
                reader.text("signing.note"): [one.note or "" for one in found],
            }
        )
    tell_changes(reader, scope)
    for one in found:
        if one.is_changed:
            _differences(reader, one.week_start)
    if reader.may_decide:
        _form(reader, scope)


def _differences(reader: SpendReader, week: date) -> None:
    with st.expander(reader.text("signing.where", week=reader.week(week))):
        rows = changes_since_signed(reader.engine, week).to_pylist()
        names = ("department", "division")
        blocks.table(
            {reader.text(f"column.{name}"): [row[name] for row in rows] for name in names}
            | {
                reader.text("signing.signed_amount"): [
                    reader.money(r["signed_amount"]) for r in rows
                ],
                reader.text("signing.now"): [reader.money(row["amount"]) for row in rows],
                reader.text("signing.difference"): [
                    reader.difference(r["difference"]) for r in rows
                ],
            }
        )


def _form(reader: SpendReader, scope: Scope) -> None:
    weeks = [w for w in mondays(scope.first, scope.last) if w < reader.open_week][::-1]
    if not weeks:
        return
    with st.form("sign_off", clear_on_submit=True):
        st.selectbox(reader.text("signing.week"), weeks, key=WEEK_KEY, format_func=reader.week)
        st.text_input(reader.text("signing.note"), key=NOTE_KEY)
        st.form_submit_button(
            reader.text("signing.sign"), on_click=_sign, args=(reader,), icon=":material/verified:"
        )


def _sign(reader: SpendReader) -> None:
    week, note = st.session_state[WEEK_KEY], st.session_state[NOTE_KEY]

    def sign() -> str:
        decisions.sign_off(reader.deciding, week, reader.name, reader.open_week, note)
        return reader.text("signing.done", week=reader.week(week))

    outcomes.attempt(reader, sign)
