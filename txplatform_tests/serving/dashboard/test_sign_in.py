"""The dashboard's door: the form, the cookie, who is let through and who is not."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from txplatform.embedded import Endpoints
from txplatform.platform import Platform
from txplatform.serving import tokens
from txplatform.serving.access import Gate
from txplatform.serving.dashboard.sign_in import COOKIE, Door, person_of, routes
from txplatform.serving.guards import LARGEST_BODY
from txplatform.serving.tokens import Person, Role
from txplatform_tests.conftest import END_SESSIONS

SOCKET = "ws://127.0.0.1/_stcore/stream"
HERE = ("127.0.0.1", 50_000)
ELSEWHERE = ("192.0.2.7", 50_000)


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"the page {request.url.path}")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("open")
    await socket.close()


@pytest.fixture
def app(platform: Platform) -> Starlette:
    """Pages and a socket behind the door, as Streamlit's are."""
    gate = Gate(platform.engine, "Ada")
    return Starlette(
        routes=[
            *routes(gate),
            WebSocketRoute("/_stcore/stream", _socket),
            Route("/{path:path}", _page),
        ],
        middleware=[Middleware(Door, platform=platform, gate=gate)],
    )


@pytest.fixture
def browser(app: Starlette) -> Iterator[TestClient]:
    """A browser on this machine."""
    with TestClient(app, "http://127.0.0.1", follow_redirects=False, client=HERE) as client:
        yield client


@pytest.fixture
def token(platform: Platform) -> str:
    """A reader's token."""
    return tokens.create(platform.engine, "Grace", Role.READER)[0]


def test_without_tokens_whoever_sits_here_comes_in(browser: TestClient) -> None:
    assert browser.get("/spend-alerts").text == "the page /spend-alerts"


def test_without_tokens_nobody_else_comes_in(app: Starlette) -> None:
    with TestClient(app, "http://127.0.0.1", client=ELSEWHERE) as client:
        assert client.get("/spend-alerts").status_code == 403
    with TestClient(app, "http://evil.example", client=HERE) as client:
        assert client.get("/spend-alerts").status_code == 403


@pytest.mark.usefixtures("token")
def test_with_tokens_a_page_leads_to_the_form_and_back(browser: TestClient) -> None:
    answer = browser.get("/spend-alerts?from=2026-11-09&alert=x")

    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/sign-in?next=%2Fspend-alerts%3Ffrom%3D2026-11-09%26alert%3Dx"
    )
    form = browser.get(answer.headers["location"]).text
    assert 'value="/spend-alerts?from=2026-11-09&amp;alert=x"' in form


@pytest.mark.usefixtures("token")
def test_no_socket_and_no_download_without_a_token(browser: TestClient) -> None:
    """Catches: a door for pages only; all numbers come through the socket."""
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(SOCKET):
        pass
    assert browser.get("/media/export.csv").status_code == 303
    assert browser.get("/_stcore/health").status_code == 200


def test_a_token_opens_pages_and_sockets_until_it_is_revoked(
    browser: TestClient, platform: Platform, token: str
) -> None:
    answer = browser.post("/sign-in", data={"token": f" {token} ", "next": "/spend-alerts?alert=x"})

    assert answer.headers["location"] == "/spend-alerts?alert=x"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/spend-alerts").text == "the page /spend-alerts"
    with browser.websocket_connect(SOCKET) as socket:
        assert socket.receive_text() == "open"
    tokens.revoke(platform.engine, token.split("_")[1])
    assert browser.get("/spend-alerts").status_code == 303


def test_signing_out_forgets_the_token(browser: TestClient, token: str) -> None:
    browser.post("/sign-in", data={"token": token})

    browser.get("/sign-out")

    assert browser.get("/").status_code == 303


def test_no_page_leaves_without_security_headers(browser: TestClient) -> None:
    for path in ("/spend-alerts", "/sign-in", "/_stcore/health"):
        found = browser.get(path).headers

        assert found["x-content-type-options"] == "nosniff"
        assert found["x-frame-options"] == "DENY"
        assert "referrer-policy" in found
        assert "frame-ancestors 'none'" in found["content-security-policy"]
        assert "strict-transport-security" not in found


def test_over_tls_the_cookie_is_secure_and_browsers_stay_there(app: Starlette, token: str) -> None:
    with TestClient(app, "https://127.0.0.1", follow_redirects=False, client=HERE) as client:
        answer = client.post("/sign-in", data={"token": token})

    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_page_runs_no_script_but_streamlits(browser: TestClient) -> None:
    policy = browser.get("/spend-alerts").headers["content-security-policy"]
    scripts = next(one for one in policy.split(";") if "script-src" in one)

    assert "'unsafe-inline'" not in scripts
    assert scripts.count("'sha256-") == 1
    assert "*" not in policy
    assert "http" not in policy


def test_a_form_that_is_too_large_is_refused(browser: TestClient) -> None:
    answer = browser.post("/sign-in", data={"token": "x" * (LARGEST_BODY + 1)})

    assert answer.status_code == 413


@pytest.mark.usefixtures("token")
def test_a_wrong_token_is_told_and_guessing_waits(browser: TestClient) -> None:
    answers = [browser.post("/sign-in", data={"token": "<b>"}) for _ in range(11)]

    assert [one.status_code for one in answers] == [401] * 10 + [429]
    assert "unknown, expired or revoked" in answers[0].text
    assert COOKIE not in browser.cookies


@pytest.mark.usefixtures("token")
def test_a_wrong_token_is_told_in_the_readers_language(browser: TestClient) -> None:
    headers = {"Accept-Language": "fr-FR"}

    assert "inconnu" in browser.post("/sign-in", data={"token": "x"}, headers=headers).text


def test_a_page_that_does_not_exist_says_so_and_leads_to_the_first(browser: TestClient) -> None:
    """Catches: any address that shows the overview as if it were its own."""
    answer = browser.get("/alert<b>s", headers={"Accept-Language": "fr-FR"})
    unknown = browser.get("/nonsense", headers={"Accept-Language": "fr-FR"})

    assert answer.text == "the page /alert<b>s"  # not the form of a page's path: Streamlit's
    assert unknown.status_code == 404
    assert "Il n’y a pas de page /nonsense." in unknown.text
    assert '<a href="/">' in unknown.text
    assert all(browser.get(path).status_code == 200 for path in ("/", "/spend", "/spend-case"))


def test_the_icon_is_a_picture(browser: TestClient) -> None:
    """Catches: Streamlit's own picture, which its server cannot send: 500 on every page."""
    answer = browser.get("/favicon.png")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_a_sign_in_leads_nowhere_else(browser: TestClient, token: str, path: str) -> None:
    answer = browser.post("/sign-in", data={"token": token, "next": path})

    assert answer.headers["location"] == "/"


def test_a_form_of_another_site_signs_nobody_in(browser: TestClient, token: str) -> None:
    headers = {"Origin": "http://evil.example"}

    answer = browser.post("/sign-in", data={"token": token}, headers=headers)

    assert answer.status_code == 403
    assert COOKIE not in browser.cookies


def test_a_page_of_another_site_opens_no_socket_and_uploads_nothing(browser: TestClient) -> None:
    """Catches: without tokens, a page on another site that reads numbers through the socket."""
    foreign = {"Origin": "http://evil.example"}

    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(SOCKET, headers=foreign):
        pass
    with browser.websocket_connect(SOCKET, headers={"Origin": "http://127.0.0.1"}) as socket:
        assert socket.receive_text() == "open"
    assert browser.put("/_stcore/upload_file/a/b", headers=foreign).status_code == 403
    assert browser.get("/spend-alerts", headers=foreign).status_code == 200


def test_a_database_that_lets_nobody_in_is_told_in_a_sentence(
    browser: TestClient, endpoints: Endpoints, postgres_url: str
) -> None:
    """Catches: "Internal Server Error", and a stack trace in the log at every look."""
    name = make_url(postgres_url).database
    engine = create_engine(endpoints.postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(END_SESSIONS, {"name": name})
    engine.dispose()

    answer = browser.get("/spend-alerts")

    form = browser.post("/sign-in", data={"token": "txp_00000000_x"})
    for one in (answer, form):
        assert one.status_code == 503
        assert "PostgreSQL does not answer" in one.text
    assert "content-security-policy" in answer.headers
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(SOCKET):
        pass


def test_what_the_address_says_is_text_on_the_form(browser: TestClient) -> None:
    form = browser.get('/sign-in?next=/"><script>', headers={"Accept-Language": "fr-CA"}).text

    assert "<script>" not in form
    assert '<html lang="fr">' in form


def test_whom_the_cookie_names(platform: Platform) -> None:
    unnamed = person_of(platform, None)
    token = tokens.create(platform.engine, "Grace", Role.CONTROLLER)[0]

    assert unnamed == Person(platform.settings.local_user, Role.ADMIN)
    assert person_of(platform, token) == Person("Grace", Role.CONTROLLER)
    assert person_of(platform, None) is None
    assert person_of(platform, "txp_x_y") is None
