"""The dashboard as Streamlit runs it: one run of `main` per click of a reader.

`dashboard.py` starts the server that does so. What a page shows is its domain's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from html import escape
from types import ModuleType

import streamlit as st
from pymongo.errors import PyMongoError
from sqlalchemy.exc import SQLAlchemyError
from streamlit.navigation.page import StreamlitPage

from txplatform import domains
from txplatform.domains.spend.pages import links, texts
from txplatform.domains.spend.pages.formats import as_text, known_locale
from txplatform.domains.spend.pages.view import View
from txplatform.errors import PlatformError
from txplatform.platform import Platform
from txplatform.serving.dashboard_sign_in import COOKIE, SIGN_OUT, person_of
from txplatform.serving.tokens import Person
from txplatform.settings import load_settings

LOCALES = ("", "en_GB", "en_US", "fr_FR", "fr_CA")
"""What a reader may choose instead of the browser's own locale, the first."""

STYLE = """<style>
[data-testid="stMetricValue"] { font-size: 1.15rem; }
[data-testid="stMetricValue"] > div { white-space: normal; overflow: visible; }
[data-testid="stMetricLabel"] p { white-space: normal; }
.stMain [data-testid="stPageLink-NavLink"] * { white-space: normal; font-weight: 400; }
.stMainBlockContainer { padding: 2.5rem 2rem; }
</style>"""
"""Six figures beside each other at 1280 pixels, every digit of them."""


@cache
def installation() -> Platform:
    """The platform of the environment's settings; its connections serve all readers."""
    return Platform(load_settings())


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config("txplatform", ":material/policy:", layout="wide")
    st.html(STYLE)
    view = View()
    locale = known_locale(view.values.get("lang") or st.context.locale)
    with failures_told(texts.language_of(locale)):
        visitor = person_of(installation(), st.context.cookies.get(COOKIE))
        if visitor is None:
            st.warning(texts.text(texts.language_of(locale), "shell.not_signed_in"))
            return
        try:
            _show(view, locale, visitor)
        finally:
            view.publish()


def _show(view: View, locale: str, visitor: Person) -> None:
    pages = [
        page for part in domains.modules("pages") for page in _pages(part, view, locale, visitor)
    ]
    chosen = st.navigation(pages)
    st.session_state[links.PAGES] = {page.url_path: page for page in pages}
    chosen.run()
    _foot(view, locale, visitor)


def _pages(part: ModuleType, view: View, locale: str, visitor: Person) -> list[StreamlitPage]:
    desk = part.open_desk(installation(), visitor.name, visitor.role, locale)
    return [
        st.Page(
            partial(page.show, desk, view),
            title=desk.text(page.title),
            icon=page.icon,
            url_path=page.path,
            default=not page.path,
        )
        for page in part.PAGES
    ]


def _foot(view: View, locale: str, visitor: Person) -> None:
    language = texts.language_of(locale)
    with st.sidebar:
        view.choice(
            "lang",
            texts.text(language, "shell.language"),
            LOCALES,
            "",
            str,
            lambda one: texts.locale_name(one or known_locale(st.context.locale)),
        )
        role = texts.text(language, f"role.{visitor.role}")
        st.caption(as_text(texts.text(language, "shell.signed_in", name=visitor.name, role=role)))
        if COOKIE in st.context.cookies:
            st.html(f'<a href="{SIGN_OUT}">{escape(texts.text(language, "shell.sign_out"))}</a>')
        st.caption(texts.text(language, "shell.link"))


@contextmanager
def failures_told(language: str) -> Iterator[None]:
    """Show a failure of the servers as one sentence; a mistake of ours keeps its traceback."""
    try:
        yield
    except PlatformError as error:
        sentence = as_text(error)
    except (SQLAlchemyError, PyMongoError) as error:
        sentence = as_text(str(error.__cause__ or error).strip().splitlines()[0])
    else:
        return
    st.error(texts.text(language, "shell.failed", sentence=sentence), icon=":material/error:")


if __name__ == "__main__":
    main()
