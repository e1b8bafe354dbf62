"""Signing in to the dashboard with the API's tokens: the form, the cookie, the door.

The cookie holds the token itself, out of reach of scripts: a token that is revoked is out at the
next click, and a restart asks nobody again. While there are no tokens, whoever sits at this
machine comes in (see `access.py`).
"""

import logging
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from fastapi import HTTPException
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from txplatform.errors import PlatformError
from txplatform.platform import Platform
from txplatform.serving import headers, tokens
from txplatform.serving.access import Gate, is_of_this_site
from txplatform.serving.dashboard import answers, texts
from txplatform.serving.guards import limited
from txplatform.serving.tokens import Person, Role
from txplatform.settings.logins import Component

LOG = logging.getLogger(__name__)
COOKIE = "txplatform_sign_in"
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
OPEN_PATHS = (SIGN_IN, SIGN_OUT, "/_stcore/health", "/_stcore/host-config", "/static/", "/favicon")
REFUSED = {401: "wrong", 403: "other_site", 429: "wait", 503: "no_answer"}
"""What the form says when it is shown again, by the status of the answer."""

FORM = """{failure}
<form method="post"><input type="hidden" name="next" value="{next_path}">
<label for="token">{label}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>{button}</button></form>"""


def person_of(platform: Platform, token: str | None) -> Person | None:
    """Whom the cookie's token names; without any token ever made, the name of the settings.

    That the latter sits at this machine is what the door has seen to.
    """
    engine = platform.acting(Component.DECIDE).engine
    person = tokens.find(engine, token) if token else None
    if person is None and not tokens.are_there(engine):
        return Person(platform.settings.local_user, Role.ADMIN)
    return person


class Door:
    """Middleware: who is not signed in sees the form; pages, sockets and downloads wait behind."""

    def __init__(self, app: ASGIApp, platform: Platform, gate: Gate) -> None:
        self.app, self.engine, self.gate = app, platform.engine, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or answer it; no answer leaves without headers."""
        if scope["type"] == "http":
            await self._let(scope, limited(receive), _with_headers(scope, send))
        else:
            await self._let(scope, receive, send)

    async def _let(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == answers.ICON_PATH:
            await answers.icon()(scope, receive, send)
            return
        if scope["type"] == "lifespan" or scope["path"].startswith(OPEN_PATHS):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refusal = await _refusal(_admit, self.engine, self.gate, connection)
        if not _is_looking(scope) and not is_of_this_site(connection):
            # Streamlit would ask the internet for its own address to compare with.
            refusal = HTTPException(403, "A page of another site asks: it may not.")
        refused = _answer(refusal, scope) if refusal else None
        if refused is None and answers.is_page_unknown(scope["path"]):
            refused = answers.unknown(connection)
        if refused is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refused(scope, receive, send)


def _with_headers(scope: Scope, send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = headers.of_pages()
            message["headers"] = headers.with_added(message["headers"], added, scope)
        await send(message)

    return guarded


def _is_looking(scope: Scope) -> bool:
    """Whether a request only shows a page: other sites may link to it, and see nothing of it."""
    return scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}


async def _refusal(admit: Callable[..., object], *arguments: object) -> HTTPException | None:
    """Why somebody is not admitted: by right, or because the database cannot be asked."""
    try:
        await run_in_threadpool(admit, *arguments)
    except HTTPException as refusal:
        return refusal
    except (SQLAlchemyError, PlatformError) as error:
        LOG.error("The database does not answer: %s", error)  # noqa: TRY400 - a sentence
        return HTTPException(503)
    return None


def _admit(engine: Engine, gate: Gate, connection: HTTPConnection) -> None:
    token = connection.cookies.get(COOKIE)
    if not (token and tokens.find(engine, token)):
        gate.admit(*_origin(connection), None)


def _origin(connection: HTTPConnection) -> tuple[str, str]:
    address = connection.client.host if connection.client else ""
    return address, connection.url.hostname or ""


def _answer(refusal: HTTPException, scope: Scope) -> Response:
    if refusal.status_code == 503:
        return answers.unavailable(HTTPConnection(scope))
    if refusal.status_code != 401:
        own = answers.HEADERS
        return Response(refusal.detail, refusal.status_code, own, "text/plain")
    query = scope["query_string"].decode("latin-1")
    wanted = quote(scope["path"] + (f"?{query}" if query else ""), safe="")
    return RedirectResponse(f"{SIGN_IN}?next={wanted}", 303)


def routes(gate: Gate) -> list[Route]:
    """The form, what it sends, and the way out."""

    async def form(request: Request) -> Response:
        return _form(request, request.query_params.get("next", "/"))

    async def sign_in(request: Request) -> Response:
        fields = await request.form()
        next_path, token = str(fields.get("next", "/")), str(fields.get("token", "")).strip()
        if not is_of_this_site(request):
            return _form(request, next_path, 403)
        if refusal := await _refusal(gate.admit, *_origin(request), token):
            return _form(request, next_path, refusal.status_code)
        answer = RedirectResponse(_local(next_path), 303)
        is_secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_secure)
        return answer

    async def sign_out(_: Request) -> Response:
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(COOKIE)
        return answer

    return [
        Route(SIGN_IN, form, methods=["GET"]),
        Route(SIGN_IN, sign_in, methods=["POST"]),
        Route(SIGN_OUT, sign_out, methods=["GET"]),
    ]


def _local(path: str) -> str:
    """A path of this server; whatever leads elsewhere is the first page."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_local else "/"


def _form(request: Request, next_path: str, status: int = 200) -> Response:
    language = answers.language_of(request)
    words = {name: escape(texts.text(language, f"sign_in.{name}")) for name in ("label", "button")}
    failure = ""
    if status in REFUSED:
        sentence = escape(texts.text(language, f"sign_in.{REFUSED[status]}"))
        failure = f"<p role=alert>{sentence}</p>"
    form = FORM.format(failure=failure, next_path=escape(_local(next_path)), **words)
    return answers.page(language, texts.text(language, "sign_in.title"), form, status)
