"""What came of a form: one sentence, told where the form stands after the page ran again.

A refusal is said in the reader's words; what has no words of the page's own keeps its English.
"""

from collections.abc import Callable, Mapping
from datetime import date

import streamlit as st

from txplatform.domains.spend.decisions import (
    ConflictError,
    Entry,
    RefusalError,
    SignedAlreadyError,
    State,
)
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.errors import PlatformError
from txplatform.serving.dashboard.formats import as_text

OUTCOME = "outcome"


def attempt(reader: SpendReader, act: Callable[[], str], form: str = "") -> bool:
    """Do what a form asks and keep its sentence, or that of the error; whether it was done."""
    try:
        sentence = act()
    except PlatformError as error:
        st.session_state[OUTCOME + form] = ("failed", worded(reader, error))
        return False
    st.session_state[OUTCOME + form] = ("done", sentence)
    return True


def worded(reader: SpendReader, error: PlatformError) -> str:
    """The sentence of an error in the reader's language."""
    match error:
        case RefusalError():
            return reader.text(f"refused.{error.key}", **_facts(reader, error.facts))
        case SignedAlreadyError():
            at, week = reader.instant(error.signed_at), reader.week(error.week)
            return reader.text("refused.signed_already", name=error.signed_by, at=at, week=week)
        case ConflictError(newest=newest) if newest:
            first = " ".join(_who_was_first(reader, one) for one in newest)
            return f"{first} {reader.text('refused.look_again')}"
    return str(error)


def _who_was_first(reader: SpendReader, entry: Entry) -> str:
    return reader.text(
        "refused.faster",
        name=entry.decided_by,
        at=reader.instant(entry.decided_at),
        entry=reader.text(f"kind.{entry.kind}"),
        state=reader.text(f"state_of.{entry.state}"),
        reason=f" ({entry.reason})" if entry.reason else "",
    )


def _facts(reader: SpendReader, facts: Mapping[str, object]) -> dict[str, str]:
    return {name: _fact(reader, fact) for name, fact in facts.items()}


def _fact(reader: SpendReader, fact: object) -> str:
    match fact:
        case State():
            return reader.text(f"state_of.{fact}")
        case int():
            return reader.whole(fact)
        case date():
            return reader.week(fact)
    return str(fact)


def tell(form: str = "") -> None:
    """Show the outcome once; where a page has several forms, of that one."""
    kind, sentence = st.session_state.pop(OUTCOME + form, (None, ""))
    if kind == "done":
        st.success(as_text(sentence), icon=":material/check_circle:")
    elif kind == "failed":
        st.error(as_text(sentence), icon=":material/error:")
