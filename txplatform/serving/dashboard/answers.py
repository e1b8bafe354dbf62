"""What the dashboard answers without a page: its icon, an unknown page, a server that is down.

Streamlit would show its main page under any address, in English, with a dialog over it.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st
from pymongo.errors import PyMongoError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from txplatform.connectors import server_errors
from txplatform.errors import PlatformError
from txplatform.serving.dashboard import pages, texts
from txplatform.serving.dashboard.formats import as_text

LOG = logging.getLogger(__name__)
NO_ANSWER = (OperationalError, InterfaceError)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'",
}
"""Of every page that is not Streamlit's."""

ICON_PATH = "/favicon.png"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="6" fill="#0072B2"/>'
    '<path d="M7 25V17M13 25V11M19 25V14M25 25V7" stroke="#fff" stroke-width="4"/></svg>'
)
PAGE_PATH = re.compile(r"/([\w-]+)/?")
OWN = ("sign-in", "sign-out")
STYLE = """
body { font: 16px/1.5 sans-serif; color: #31333f; max-width: 26rem; margin: 15vh auto; }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; }
button { margin-top: 1rem; background: #0072b2; color: #fff; border: 0; cursor: pointer; }
a { color: #0072b2; }
[role=alert] { color: #a31515; }
"""
PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>{style}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"""


def icon() -> Response:
    """The dashboard's icon; Streamlit's server cannot send the one it has."""
    return Response(ICON, headers={"Cache-Control": "max-age=86400"}, media_type="image/svg+xml")


def language_of(connection: HTTPConnection) -> str:
    """The language of the pages for what a browser accepts."""
    return texts.language_of(connection.headers.get("accept-language", "").partition(",")[0])


def page(language: str, title: str, body: str, status: int = 200) -> HTMLResponse:
    """A page of the dashboard's own.

    Args:
        language: of its words.
        title: as text.
        body: as HTML.
        status: of the answer.
    """
    written = PAGE.format(language=language, title=escape(title), style=STYLE, body=body)
    return HTMLResponse(written, status, HEADERS)


def is_page_unknown(path: str) -> bool:
    """Whether a path looks like that of a page and is none."""
    found = PAGE_PATH.fullmatch(path)
    return found is not None and found[1] not in (*pages.addresses(), *OWN)


def unknown(connection: HTTPConnection) -> Response:
    """That there is no such page, and the way to the first one."""
    language = language_of(connection)
    sentence = escape(texts.text(language, "shell.unknown", path=connection.url.path))
    link = escape(texts.text(language, "start.title"))
    title = texts.text(language, "shell.title")
    return page(language, title, f'<p role="alert">{sentence}</p><a href="/">{link}</a>', 404)


def failure(language: str, error: Exception) -> str:
    """A failure of the servers in one sentence; the log has the driver's own words."""
    if isinstance(error, PlatformError):
        return str(error)
    server = "PostgreSQL" if isinstance(error, SQLAlchemyError) else "MongoDB"
    if refusal := server_errors.refusal(error):
        LOG.error("%s", refusal)
        return texts.text(language, "shell.no_right", server=server)
    LOG.error("A server does not answer: %s", error)
    if isinstance(error, SQLAlchemyError) and not isinstance(error, NO_ANSWER):
        return str(error.__cause__ or error).strip().splitlines()[0]
    return texts.text(language, "shell.no_answer", server=server)


@contextmanager
def failures_told(language: str) -> Iterator[None]:
    """Show a failure of the servers as one sentence; a mistake of ours keeps its traceback."""
    try:
        yield
    except (PlatformError, SQLAlchemyError, PyMongoError) as error:
        sentence = as_text(failure(language, error))
    else:
        return
    st.error(texts.text(language, "shell.failed", sentence=sentence), icon=":material/error:")


def unavailable(connection: HTTPConnection) -> Response:
    """That the database does not answer."""
    language = language_of(connection)
    sentence = texts.text(language, "shell.no_answer", server="PostgreSQL")
    said = escape(texts.text(language, "shell.failed", sentence=sentence))
    title = texts.text(language, "shell.title")
    link = f'<a href="">{escape(texts.text(language, "shell.again"))}</a>'
    return page(language, title, f'<p role="alert">{said}</p>{link}', 503)
