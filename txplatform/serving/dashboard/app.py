"""The dashboard as Streamlit runs it: one run of `main` per click of a reader.

`program.py` is the process that does so. What a page shows is its domain's.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from txplatform.serving.dashboard import blocks, links, start, texts
from txplatform.serving.dashboard.answers import failures_told
from txplatform.serving.dashboard.formats import as_text, known_locale
from txplatform.serving.dashboard.installation import installation
from txplatform.serving.dashboard.links import address
from txplatform.serving.dashboard.pages import Page, pages_of_domains
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.dashboard.sign_in import COOKIE, SIGN_IN, SIGN_OUT, person_of
from txplatform.serving.tokens import Person

LOCALES = ("en_GB", "en_US", "fr_FR", "fr_CA")
"""What a reader may choose instead of the browser's own locale. No two options of a select box may
look alike: Streamlit tells them apart by what is written on them."""

COLUMNS = 16
STYLE = """<style>
[data-testid="stMetricValue"] { font-size: 1.15rem; }
[data-testid="stMetricValue"] > div { white-space: normal; overflow: visible; }
[data-testid="stMetricLabel"] p { white-space: normal; }
.stMain [data-testid="stPageLink-NavLink"] * { white-space: normal; font-weight: 400; }
.stMain [data-testid="stPageLink-NavLink"] [data-testid="stIconMaterial"] { display: none; }
[data-testid="stCaptionContainer"], [data-testid="stTable"] th { color: #55595f; opacity: 1; }
[data-testid="stAlertContentSuccess"] { color: #0f5c27; }
.stMarkdownBadge { color: #31333f !important; }
.stMain h2 { font-size: 1.5rem; }
.stMain h3 { font-size: 1.25rem; }
.stMainBlockContainer { padding: 4rem 2rem 2.5rem; }
.stMain [data-testid="stTable"] :is(td, th) { padding: 0.25rem 0.45rem !important; }
.stMain [data-testid="stTable"] td p { overflow-wrap: break-word !important; }
.stMain [data-testid="stTable"] td:last-child p { overflow-wrap: anywhere !important; }
[class*="st-key-table"][class*="-wide"] :is(td, th) { padding: 0.2rem 0.25rem !important; }
[class*="st-key-table"][class*="-wide"] [data-testid="stTable"] * { font-size: 0.72rem; }
[class*="st-key-table"][class*="-broad"] :is(td, th) { padding: 0.2rem 0.35rem !important; }
[class*="st-key-table"][class*="-broad"] [data-testid="stTable"] * { font-size: 0.8rem; }
@media (max-width: 1000px) {
  .stMain [data-testid="stHorizontalBlock"]:has([data-testid="stMetric"]) { flex-wrap: wrap; }
  .stMain [data-testid="stColumn"]:has([data-testid="stMetric"]) { min-width: max-content; }
  .stMain [data-testid="stColumn"]:has([data-testid="stText"]) { min-width: max-content; }
  .stMain [data-testid="stTable"] td:last-child p { overflow-wrap: break-word !important; }
  [class*="st-key-table"][class*="-broad"] :is(td, th) { padding: 0.2rem 0.2rem !important; }
  [class*="st-key-table"][class*="-broad"] [data-testid="stTable"] * { font-size: 0.72rem; }
}
"""
"""Six figures beside each other and thirteen columns at 1280 pixels, every digit of them; at 800
figures go under each other, and no number breaks inside itself."""

CELLS = """
[class*="st-key-table"][class*="-n{n}-"] :is(td, th):nth-child({n}) {{
  text-align: right !important;
}}
[class*="st-key-table"][class*="-n{n}-"] td:nth-child({n}) p {{ white-space: nowrap !important; }}
[class*="st-key-table"][class*="-n{n}-"]:not([class*="-n{after}-"])
  :is(td, th):nth-child({after}) {{ padding-left: 0.9rem !important; }}
@media (min-width: 1001px) {{
  [class*="st-key-table"][class*="-s{n}-"] td:nth-child({n}) p {{ white-space: nowrap !important; }}
}}"""
"""Numbers stand right, and away from the text after them; where there is room, short names stay
whole too."""

SHEET = STYLE + "".join(CELLS.format(n=n, after=n + 1) for n in range(1, COLUMNS + 1)) + "</style>"


def main() -> None:
    """Show the page that the address names to whoever the cookie names."""
    token = st.context.cookies.get(COOKIE)
    locale = known_locale(st.context.locale)
    with failures_told(texts.language_of(locale)):
        person = person_of(installation(), token)
        if person is None:
            _lead_to_sign_in(texts.language_of(locale))
        else:
            show(person, locale, is_signed_in=token is not None)


def _lead_to_sign_in(language: str) -> None:
    """A page that was open when its token expired or was revoked."""
    st.warning(texts.text(language, "shell.not_signed_in"), icon=":material/lock:")
    st.html(f'<a href="{SIGN_IN}">{escape(texts.text(language, "sign_in.button"))}</a>')


def show(person: Person, browser_locale: str, is_signed_in: bool) -> None:
    """Show the page that the address names to a person.

    Args:
        person: who looks.
        browser_locale: what the browser asks for; the address wins over it.
        is_signed_in: whether there is something to sign out of.
    """
    st.set_page_config("txplatform", layout="wide")
    st.html(SHEET)
    st.session_state[blocks.TABLES] = 0
    view = View()
    locale = known_locale(view.now("lang") or browser_locale)
    shown = ""
    try:
        sections = _sections(Reader(installation(), person.name, person.role, locale), view)
        chosen = st.navigation(sections, position="top")  # the sidebar is for what is chosen
        shown = chosen.url_path
        pages = [page for section in sections.values() for page in section]
        st.session_state[links.PAGES] = {page.url_path: page for page in pages}
        with failures_told(texts.language_of(locale)):
            chosen.run()
        _foot(view, browser_locale, person, is_signed_in)
    finally:
        view.publish(shown)


def _sections(reader: Reader, view: View) -> dict[str, list[StreamlitPage]]:
    """The menu: the start page, then a section of pages per domain."""
    found = {"": list(_menu(reader, view, [start.PAGE]))}
    for name, pages in pages_of_domains().items():
        of_domain = replace(reader, domain=name)
        found[of_domain.text("domain.title")] = list(_menu(of_domain, view, pages))
    return found


def _menu(reader: Reader, view: View, pages: Iterable[Page]) -> Iterable[StreamlitPage]:
    for page in pages:
        path = address(reader.domain, page.path)
        yield st.Page(
            partial(_show, page, reader, view),
            title=reader.text(page.title),
            icon=page.icon,
            url_path=path,
            default=not path,
            visibility="visible" if page.is_in_menu else "hidden",
        )


def _show(page: Page, reader: Reader, view: View) -> None:
    view.enter(reader.domain)
    if reader.domain:
        st.caption(reader.text("domain.title"))  # two domains may have an overview
    page.show(reader, view)


def _foot(view: View, browser_locale: str, person: Person, is_signed_in: bool) -> None:
    language = texts.language_of(known_locale(view.now("lang") or browser_locale))
    with st.sidebar:
        view.choice(
            "lang",
            texts.text(language, "shell.language"),
            ("", *(one for one in LOCALES if one != browser_locale)),
            "",
            str,
            lambda one: texts.locale_name(one or browser_locale),
        )
        role = texts.text(language, f"role.{person.role}")
        st.caption(as_text(texts.text(language, "shell.signed_in", name=person.name, role=role)))
        if is_signed_in:
            st.html(f'<a href="{SIGN_OUT}">{escape(texts.text(language, "shell.sign_out"))}</a>')
        st.caption(texts.text(language, "shell.link"))
        st.caption(texts.text(language, "shell.times", zone=installation().settings.time_zone))


if __name__ == "__main__":
    main()
