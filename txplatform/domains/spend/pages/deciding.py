"""The forms by which a controller decides: on one alert, or on those marked in the inbox.

A form hands over the sequence that its reader saw, not the one of the moment it is sent: who was
second is told so.
"""

from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

import streamlit as st

from txplatform.domains.spend import decisions
from txplatform.domains.spend.decisions import MOVES, RefusalError, Seen, State
from txplatform.domains.spend.pages import outcomes
from txplatform.domains.spend.pages.desk import Desk

ASSIGN, COMMENT, UNDO, CONFIRM, REOPEN = "assign", "comment", "undo", "confirm", "reopen"
MANY = ("in_review", "justified", "abusive", "dismissed", ASSIGN, COMMENT)


class Keys(NamedTuple):
    """Where a form keeps what is chosen, written, and whom it names."""

    act: str
    reason: str
    assignee: str

    @classmethod
    def of(cls, form: str) -> "Keys":
        """The keys of a form."""
        return cls(*(f"{form}.{field}" for field in cls._fields))


MARKED = Keys.of("decide.many")


def checkbox_key(alert_id: str) -> str:
    """Where the inbox keeps whether an alert is marked."""
    return f"marked.{alert_id}"


def one(desk: Desk, seen: Seen, state: str) -> None:
    """The form of a case; it offers what is legal from where the alert stands."""
    st.header(desk.text("deciding.title"))
    acts = [move.value for move in sorted(MOVES[State(state)])] + [ASSIGN, COMMENT]
    if state == State.DISMISSED:
        acts += [CONFIRM, REOPEN]
    if seen.sequence:
        acts.append(UNDO)
    keys = Keys.of(f"decide.{seen.alert_id}")
    _form(desk, keys, acts, [seen], desk.text("deciding.submit"))


def many(desk: Desk, seen: Sequence[Seen]) -> None:
    """The form of the inbox, for the alerts that are marked."""
    with st.expander(desk.text("deciding.many")):
        _form(desk, MARKED, MANY, seen, desk.text("deciding.submit_many"))


def _form(desk: Desk, keys: Keys, acts: Sequence[str], seen: Sequence[Seen], label: str) -> None:
    with st.form(keys.act.removesuffix(".act"), border=True):
        what, whom = st.columns(2)
        what.selectbox(
            desk.text("deciding.what"),
            acts,
            key=keys.act,
            index=None,
            placeholder=desk.text("deciding.choose"),
            format_func=lambda act: desk.text(f"act.{act}"),
        )
        whom.text_input(desk.text("deciding.whom"), key=keys.assignee, placeholder=desk.name)
        st.text_area(desk.text("deciding.reason"), key=keys.reason, height=80)
        st.form_submit_button(label, type="primary", on_click=_send, args=(desk, keys, seen))


def _send(desk: Desk, keys: Keys, seen: Sequence[Seen]) -> None:
    state = st.session_state
    is_marked = [state.get(checkbox_key(one.alert_id)) for one in seen]
    marked = list(compress(seen, is_marked)) if keys == MARKED else list(seen)
    act, reason, assignee = state[keys.act], state[keys.reason], state[keys.assignee]

    def write() -> str:
        entries = perform(desk, marked, act, reason, assignee)
        return desk.text("deciding.done", count=entries, act=desk.text(f"act.{act}"))

    if outcomes.attempt(desk, write):
        state[keys.reason], state[keys.assignee] = "", ""
        for one_seen in marked:
            state[checkbox_key(one_seen.alert_id)] = False


def perform(desk: Desk, seen: Sequence[Seen], act: str | None, reason: str, assignee: str) -> int:
    """Write the entries of an act in the reader's name; how many.

    Raises:
        RefusalError: nothing was chosen.
        UsageError: something is missing, or the act is not legal from where an alert stands.
        ConflictError: somebody was faster; nothing was written.
    """
    engine, name = desk.deciding, desk.name
    match act:
        case None:
            raise RefusalError("Nothing was chosen.", "choose_act")
        case "assign":
            entries = decisions.assign(engine, seen, assignee or name, name)
        case "comment":
            entries = decisions.comment(engine, seen, reason, name)
        case "undo":
            entries = decisions.undo(engine, seen, reason, name)
        case "confirm":
            entries = decisions.second_look(engine, seen, State.DISMISSED, reason, name)
        case "reopen":
            entries = decisions.second_look(engine, seen, State.IN_REVIEW, reason, name)
        case _:
            entries = decisions.decide(engine, seen, State(act), reason, name)
    return len(entries)
