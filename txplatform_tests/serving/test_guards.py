"""What surrounds a request: headers, limits of size and time, measures, errors that say nothing."""

import re
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pymongo import MongoClient
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import InterfaceError

from txplatform import embedded
from txplatform.errors import PlatformError, ServerError, UsageError
from txplatform.platform import Platform
from txplatform.serving.api import problems
from txplatform.serving.api.app import build
from txplatform.serving.guards import LARGEST_BODY, Guard
from txplatform.settings import Settings
from txplatform.settings.logins import Component
from txplatform_tests.serving.running import calling

TOO_LARGE = b"x" * (LARGEST_BODY + 1)


@pytest.mark.parametrize("path", ["/health", "/spend/weeks", "/nowhere", "/openapi.json"])
def test_every_answer_carries_security_headers(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "cache-control" in headers
    assert "server" not in headers


def pieces() -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for start in range(0, len(TOO_LARGE), 10_000):
        yield TOO_LARGE[start : start + 10_000]


def test_a_body_that_is_too_large_is_refused(http: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (TOO_LARGE, pieces()):
        answer = http.post("/spend/decisions", content=content, headers=headers)

        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_and_what_is_not_allowed_are_problems(http: httpx.Client) -> None:
    assert http.get("/nowhere").json()["status"] == 404
    assert http.delete("/spend/weeks").json()["status"] == 405


def test_prometheus_counts_by_route_and_not_by_path(http: httpx.Client) -> None:
    for name in ("x1", "x2"):
        http.get(f"/spend/alerts/{name}")
    http.get("/nowhere")

    said = http.get("/metrics").text

    assert (
        'txplatform_requests_total{method="GET",route="/spend/alerts/{alert_id}",status="404"} 2.0'
        in said
    )
    assert "x1" not in said
    assert re.search(r'request_seconds_count\{method="GET",route="unknown"\} 1\.0', said)
    assert "txplatform_spend_signed_weeks_changed 0.0" in said
    assert 'txplatform_periods{domain="spend",state="stale"} 0.0' in said


def test_the_server_cancels_what_takes_too_long(served: Platform) -> None:
    app = build(served, seconds=0.3)

    @app.get("/slow")
    def slow() -> None:
        with served.engine.connect() as connection:
            connection.execute(text("SELECT pg_sleep(5)"))

    began = time.monotonic()
    with calling(app) as client:
        answer = client.get("/slow")

    assert answer.status_code in (503, 504)
    assert time.monotonic() - began < 4
    build(served)  # with the usual limit again


def test_a_login_without_the_right_is_told_in_a_sentence(
    served: Platform, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches: a stack trace and 500, and "does not answer" for what answers with a refusal."""
    with closing(Platform(settings)) as owner:
        assert owner.database is not None  # makes the logins of its parts
    stranger = make_url(embedded.postgres_url(settings, Component.READ))
    guest = create_engine(stranger.set(database=served.engine.url.database))
    reader = MongoClient[dict[str, object]](embedded.mongo_uri(settings, Component.READ))
    app = build(served)

    @app.get("/postgres")
    def postgres() -> None:
        with guest.connect() as connection:
            connection.execute(text("CREATE TABLE public.secret (id int)"))

    @app.get("/mongo")
    def mongo() -> None:
        reader[settings.mongo_database]["secret"].insert_one({"card": "secret"})

    with reader, calling(app) as client:
        for path, server in (("/postgres", "PostgreSQL"), ("/mongo", "MongoDB")):
            caplog.clear()
            answer = client.get(path)

            assert answer.status_code == 503
            assert answer.json()["detail"].startswith("A database does not let the platform's")
            assert "secret" not in answer.text
            assert f"{server} does not let this login do what is needed" in caplog.text
            assert "Traceback" not in caplog.text
    guest.dispose()


@pytest.fixture
def failing() -> Iterator[httpx.Client]:
    """A guarded app of endpoints that fail, each in its way."""
    app = FastAPI()
    failures = {
        "usage": UsageError("Say which."),
        "server": ServerError("secret address"),
        "platform": PlatformError("It does not work: do this."),
        "lost": InterfaceError("SELECT secret", {}, Exception("connection already closed")),
        "bug": ZeroDivisionError("secret"),
    }

    @app.get("/{kind}")
    async def fail(kind: str) -> None:
        raise failures[kind]

    problems.install(app, {})
    app.add_middleware(Guard, seconds=5, registry=CollectorRegistry())
    with calling(app) as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "status", "detail"),
    [
        ("usage", 422, "Say which."),
        ("platform", 503, "It does not work: do this."),
        ("server", 503, "A database does not answer in time"),
        ("lost", 503, "A database does not answer in time"),
        ("bug", 500, "Something unexpected went wrong"),
    ],
)
def test_failures_say_what_helps_and_no_more(
    failing: httpx.Client, kind: str, status: int, detail: str
) -> None:
    answer = failing.get(f"/{kind}")

    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert "secret" not in answer.text
