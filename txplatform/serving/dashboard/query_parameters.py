"""What a reader looks at, kept in the address: every view has a link that reproduces it.

A link (or the address bar) that differs from what was shown last wins over the widgets; moving to
another page of the domain through the menu keeps what was chosen.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

KEPT, SHOWN = "address.kept", "address.shown"
"""What was chosen in each domain, and the parameters that were written last."""

DOMAIN, PAGE, ADDRESSES = "address.domain", "address.page", "address.addresses"
"""The domain and the page that were shown last, and the parameters of each page."""

CURSOR = "after"
EVERYWHERE = ("lang",)
"""What stays as it was chosen where a link says nothing of it, in every domain."""

WIDGETS = "view."
"""What the keys of the widgets begin with."""

T = TypeVar("T")


class View:
    """The parameters of this run: read from the address, changed by widgets, written back.

    A widget's value is set anew in every run: on another page Streamlit takes it for another
    widget, and would begin with the first of its options.
    """

    def __init__(self) -> None:
        asked, shown = st.query_params.to_dict(), st.session_state.get(SHOWN)
        page = _page_of_address()
        if asked == shown and page is not None and page != st.session_state.get(PAGE):
            # A step back to another page, for which Streamlit hands on the parameters of this one.
            asked = st.session_state.get(ADDRESSES, {}).get(page, {})
        self._is_link = bool(asked) and asked != shown
        if self._is_link:
            _forget_widgets()
        kept = _kept(st.session_state.get(DOMAIN, ""))
        self._everywhere = {name: kept[name] for name in EVERYWHERE if name in kept}
        self._asked = asked
        self.values = self._everywhere | asked
        self._used: set[str] = set()
        self._places = {CURSOR}

    def enter(self, domain: str) -> None:
        """Take up what was chosen in a domain, whose page is shown now; a link says it all."""
        if domain != st.session_state.get(DOMAIN, domain):
            _forget_widgets(but=EVERYWHERE)
        st.session_state[DOMAIN] = domain
        kept = {} if self._is_link else _kept(domain)
        chosen = {name: value for name, value in kept.items() if name not in EVERYWHERE}
        self.values = chosen | self._everywhere | self._asked

    def get(self, name: str) -> str | None:
        """A parameter that no widget shows, such as a place in a list.

        The menu leads to the beginning: it is not kept.
        """
        self._used.add(name)
        self._places.add(name)
        return self.values.get(name)

    def keep(self) -> None:
        """Leave every parameter in the address, for the way back to a list."""
        self._used |= self.values.keys()

    def now(self, name: str) -> str | None:
        """A parameter before its widget is drawn: what was just chosen, else the address."""
        written: str | None = st.session_state.get(_key(name), self.values.get(name))
        return written

    def put(self, name: str, value: str | None) -> None:
        """Set a parameter; None or an empty text leaves it out."""
        self._used.add(name)
        if self.values.get(name) != (value or None):
            self.values.pop(CURSOR, None)  # it is a place in another list
        self.values.pop(name, None)
        if value:
            self.values[name] = value

    def choice(  # noqa: PLR0913, PLR0917 - what a select box is made of
        self,
        name: str,
        label: str,
        options: Sequence[T],
        default: T,
        written: Callable[[T], str],
        shown: Callable[[T], str],
        help_text: str | None = None,
    ) -> T:
        """A select box over `options` whose choice stands in the address as `written`."""
        key, asked = _key(name), self.values.get(name)
        wanted = next((one for one in options if written(one) == asked), default)
        known = st.session_state.get(key, wanted)
        st.session_state[key] = known if known in options else wanted
        chosen: T = st.selectbox(label, options, key=key, format_func=shown, help=help_text)
        self.put(name, written(chosen))
        return chosen

    def text(self, name: str, label: str, help_text: str | None = None) -> str:
        """A text box whose content stands in the address."""
        known = st.session_state.get(_key(name), self.values.get(name, ""))
        st.session_state[_key(name)] = known
        written = st.text_input(label, key=_key(name), help=help_text).strip()
        self.put(name, written)
        return written

    def publish(self, page: str) -> None:
        """Write the parameters that a page used into the address."""
        shown = {name: self.values[name] for name in self.values if name in self._used}
        kept = {name: value for name, value in self.values.items() if name not in self._places}
        domain = st.session_state.get(DOMAIN, "")
        st.session_state[KEPT] = {**st.session_state.get(KEPT, {}), domain: kept}
        st.session_state[SHOWN] = shown
        st.session_state[PAGE] = page
        st.session_state[ADDRESSES] = {**st.session_state.get(ADDRESSES, {}), page: shown}
        # A link to the page that is shown already leaves the browser's address as it was, and one
        # that is clicked early is overtaken by the address of the page before.
        if self._is_link or st.query_params.to_dict() != shown:
            st.query_params.from_dict(shown)


def _page_of_address() -> str | None:
    """The page that the browser's address names; parameters are not among what it tells."""
    running = get_script_run_ctx()
    info = running.context_info if running else None
    address = urlsplit(info.url if info else "")
    return address.path.rpartition("/")[2] if address.netloc else None


def _kept(domain: str) -> dict[str, str]:
    """What was chosen in a domain, on whichever of its pages."""
    found: dict[str, str] = st.session_state.get(KEPT, {}).get(domain, {})
    return found


def _forget_widgets(but: Sequence[str] = ()) -> None:
    stays = {_key(name) for name in but}
    for key in [str(key) for key in st.session_state if str(key).startswith(WIDGETS)]:
        if key not in stays:
            del st.session_state[key]


def _key(name: str) -> str:
    return f"{WIDGETS}{name}"
