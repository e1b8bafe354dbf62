"""What came of a form: one sentence, told where the form stands after the page ran again."""

from collections.abc import Callable

import streamlit as st

from txplatform.domains.spend.pages.formats import as_text
from txplatform.errors import PlatformError

NOTE = "note"


def attempt(act: Callable[[], str]) -> bool:
    """Do what a form asks and note its sentence, or that of the error; whether it was done."""
    try:
        sentence = act()
    except PlatformError as error:
        st.session_state[NOTE] = ("failed", str(error))
        return False
    st.session_state[NOTE] = ("done", sentence)
    return True


def tell() -> None:
    """Show the note once."""
    kind, sentence = st.session_state.pop(NOTE, (None, ""))
    if kind == "done":
        st.success(as_text(sentence), icon=":material/check_circle:")
    elif kind == "failed":
        st.error(as_text(sentence), icon=":material/error:")
