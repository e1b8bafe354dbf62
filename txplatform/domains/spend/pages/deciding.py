"""The forms by which a controller decides: on one case, or on those marked in the inbox.

A decision on a case is one on each of its alerts. A form hands over the sequences that its reader
saw, not those of the moment it is sent: who was second is told so.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from txplatform.domains.spend import decisions
from txplatform.domains.spend.decisions import MOVES, Kind, RefusalError, Seen, State
from txplatform.domains.spend.pages import outcomes
from txplatform.domains.spend.pages.reader import SpendReader

ASSIGN, COMMENT, UNDO, CONFIRM, REOPEN = "assign", "comment", "undo", "confirm", "reopen"
KINDS = {
    ASSIGN: Kind.ASSIGN,
    COMMENT: Kind.COMMENT,
    UNDO: Kind.UNDO,
    CONFIRM: Kind.SECOND_LOOK,
    REOPEN: Kind.SECOND_LOOK,
}
"""What entries an act makes; any other act is a decision."""
MANY = ("in_review", "justified", "abusive", "dismissed", ASSIGN, COMMENT)


Alerts = Sequence[Mapping[str, Any]]
"""The alerts of one case as they were read: `alert_id`, `sequence`, `state`."""


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
    """Where the inbox keeps whether the case of its gravest alert is marked."""
    return f"marked.{alert_id}"


def one(reader: SpendReader, alerts: Alerts) -> None:
    """The form of a case; it offers what is legal from where the case stands."""
    st.header(reader.text("deciding.title"))
    state = decisions.state_of(alerts)
    acts = [move.value for move in sorted(MOVES[state])] + [ASSIGN, COMMENT]
    if state == State.DISMISSED:
        acts += [CONFIRM, REOPEN]
    if any(seen.sequence for seen in decisions.concerned(alerts, Kind.UNDO)):
        acts.append(UNDO)
    gravest = alerts[0]["alert_id"]
    keys = Keys.of(f"decide.{gravest}")
    _form(reader, keys, acts, {gravest: alerts}, reader.text("deciding.submit"))


def many(reader: SpendReader, cases: Mapping[str, Alerts]) -> None:
    """The form of the inbox, for the cases that are marked; by their gravest alerts."""
    with st.expander(reader.text("deciding.many")):
        _form(reader, MARKED, MANY, cases, reader.text("deciding.submit_many"))


def _form(
    reader: SpendReader, keys: Keys, acts: Sequence[str], cases: Mapping[str, Alerts], label: str
) -> None:
    with st.form(keys.act.removesuffix(".act"), border=True):
        what, whom = st.columns(2)
        what.selectbox(
            reader.text("deciding.what"),
            acts,
            key=keys.act,
            index=None,
            placeholder=reader.text("deciding.choose"),
            format_func=lambda act: reader.text(f"act.{act}"),
        )
        whom.text_input(reader.text("deciding.whom"), key=keys.assignee, placeholder=reader.name)
        st.text_area(reader.text("deciding.reason"), key=keys.reason, height=80)
        st.form_submit_button(label, type="primary", on_click=_send, args=(reader, keys, cases))


def _send(reader: SpendReader, keys: Keys, cases: Mapping[str, Alerts]) -> None:
    state = st.session_state
    marked = [one for one in cases if keys != MARKED or state.get(checkbox_key(one))]
    act, reason, assignee = state[keys.act], state[keys.reason], state[keys.assignee]

    def write() -> str:
        kind = KINDS.get(act, Kind.DECIDE)
        seen = [each for one in marked for each in decisions.concerned(cases[one], kind)]
        perform(reader, seen, act, reason, assignee)
        return reader.text("deciding.done", count=len(marked), act=reader.text(f"act.{act}"))

    if outcomes.attempt(reader, write):
        state[keys.reason], state[keys.assignee] = "", ""
        for one in marked if act != State.IN_REVIEW else ():  # what is taken up is decided next
            state[checkbox_key(one)] = False


def perform(
    reader: SpendReader, seen: Sequence[Seen], act: str | None, reason: str, assignee: str
) -> None:
    """Write the entries of an act in the reader's name.

    Raises:
        RefusalError: nothing was chosen.
        UsageError: something is missing, or the act is not legal from where an alert stands.
        ConflictError: somebody was faster; nothing was written.
    """
    engine, name = reader.deciding, reader.name
    match act:
        case None:
            raise RefusalError("Nothing was chosen.", "choose_act")
        case "assign":
            decisions.assign(engine, seen, assignee or name, name)
        case "comment":
            decisions.comment(engine, seen, reason, name)
        case "undo":
            decisions.undo(engine, seen, reason, name)
        case "confirm":
            decisions.second_look(engine, seen, State.DISMISSED, reason, name)
        case "reopen":
            decisions.second_look(engine, seen, State.IN_REVIEW, reason, name)
        case _:
            decisions.decide(engine, seen, State(act), reason, name)
