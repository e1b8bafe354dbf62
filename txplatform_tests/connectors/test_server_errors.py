"""A lost server or a missing right is one sentence that names it; other errors stay as they are."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import IntegrityError

from txplatform import embedded, migrations
from txplatform.connectors import mongo, postgres, server_errors
from txplatform.errors import PlatformError, ServerError, SourceError
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform.settings.logins import Component
from txplatform_tests.cli.commands import Command

SLEEP = text("SELECT pg_sleep(60)")
SLEEPING = "state = 'active' AND query = 'SELECT pg_sleep(60)' AND datname = current_database()"
AFTERWARDS = "`txplatform doctor` says whether it answers; then the same command finishes the work."


def until_true(ask: Callable[[], object]) -> None:
    """Ask until the answer is yes."""
    deadline = time.monotonic() + 30
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_statement_that_postgresql_ends(engine: Engine, end: str) -> None:
    def end_it() -> None:
        query = text(f"SELECT {end}(pid) FROM pg_stat_activity WHERE {SLEEPING}")  # noqa: S608

        def is_ended() -> bool:
            with engine.connect() as connection:
                return bool(connection.execute(query).scalar())

        until_true(is_ended)

    ending = threading.Thread(target=end_it)
    ending.start()
    with (
        pytest.raises(ServerError, match="PostgreSQL was lost") as raised,
        server_errors.told_in_a_sentence(),
        engine.connect() as connection,
    ):
        connection.execute(SLEEP)
    ending.join()

    assert str(raised.value).endswith(AFTERWARDS)
    assert "\n" not in str(raised.value)


def test_an_operation_that_mongodb_ends(mongo_database: Database[dict[str, Any]]) -> None:
    mongo_database["few"].insert_one({})
    admin = mongo_database.client.admin

    def ours() -> list[int]:
        running = admin.command("currentOp", ns=f"{mongo_database.name}.few")["inprog"]
        return [one["opid"] for one in running if one.get("op") != "none"]

    def kill() -> None:
        until_true(ours)
        for operation in ours():
            admin.command("killOp", op=operation)

    killing = threading.Thread(target=kill)
    killing.start()
    with (
        pytest.raises(ServerError, match=r"MongoDB was lost, .*operation was interrupted\)"),
        server_errors.told_in_a_sentence(),
    ):
        mongo_database["few"].find_one({"$where": "sleep(30000) || true"})
    killing.join()


def guest_of(settings: Settings, database: str) -> str:
    """Address of a database for a login that has its rights on another."""
    url = make_url(embedded.postgres_url(settings, Component.READ))
    return url.set(database=make_url(database).database).render_as_string(hide_password=False)


@pytest.mark.parametrize("words", ["status", "api", "spend status", "token list", "doctor"])
def test_a_login_without_rights_on_the_schema(
    installation: Platform,
    settings: Settings,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    """Catches: a stack trace where a setting names a login that may read nothing."""
    guest = guest_of(settings, installation.endpoints.postgres_url)
    monkeypatch.setenv("TXPLATFORM_POSTGRES_URL", guest)

    done = command(*words.split())

    assert isinstance(done.error, PlatformError)
    assert "PostgreSQL does not let this login do what is needed (permission denied for" in (
        f"{done.error} {done.out}"
    )


def test_a_login_that_may_not_make_the_schema(settings: Settings, empty_postgres_url: str) -> None:
    engine = postgres.connect(guest_of(settings, empty_postgres_url))

    with pytest.raises(ServerError) as raised, server_errors.told_in_a_sentence():
        migrations.upgrade(engine)
    engine.dispose()

    assert str(raised.value) == (
        "PostgreSQL does not let this login do what is needed (permission denied for schema "
        "public): name one that may in TXPLATFORM_POSTGRES_URL; `txplatform setup roles` makes "
        "one for each part of the platform."
    )


def address_for_reading(platform: Platform) -> str:
    """The reader's login, which whoever opens the platform as its owner makes."""
    assert platform.database is not None
    return embedded.mongo_uri(platform.settings, Component.READ)


@pytest.mark.usefixtures("endpoints")
def test_a_login_of_mongodb_that_may_only_read(settings: Settings) -> None:
    """Catches: a refusal that repeats what was to be written."""
    platform = Platform(settings)
    with (
        closing(platform),
        mongo.connect(address_for_reading(platform)) as client,
        pytest.raises(ServerError) as raised,
        server_errors.told_in_a_sentence(),
    ):
        client[settings.mongo_database]["transactions"].insert_one({"card": "MARKER"})

    assert "login do what is needed (not authorized on txplatform)" in str(raised.value)
    assert "TXPLATFORM_MONGO_URI" in str(raised.value)
    assert "MARKER" not in str(raised.value)


def wrap(engine: Engine) -> None:
    """What Dagster makes of an error of its storage."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SET statement_timeout = 50"))
            connection.execute(SLEEP)
    except Exception as error:
        raise RuntimeError("too many retries") from error


def test_an_error_is_found_below_those_that_wrap_it(engine: Engine) -> None:
    with pytest.raises(ServerError, match="PostgreSQL"), server_errors.told_in_a_sentence():
        wrap(engine)


def test_what_is_no_loss_stays_what_it_is(
    engine: Engine, mongo_database: Database[dict[str, Any]]
) -> None:
    mongo_database["few"].insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError), server_errors.told_in_a_sentence():
        mongo_database["few"].insert_one({"_id": 1})
    with (
        pytest.raises(IntegrityError),
        server_errors.told_in_a_sentence(),
        engine.connect() as connection,
    ):
        connection.execute(text("INSERT INTO sign_offs (week_start) VALUES (NULL)"))
    with pytest.raises(SourceError, match="empty"), server_errors.told_in_a_sentence():
        raise SourceError("empty")


@pytest.mark.parametrize(
    ("name", "message", "reason"),
    [
        (
            "OperationalError",
            "(psycopg2.OperationalError) server closed the connection unexpectedly\n\tThis",
            "(server closed the connection unexpectedly)",
        ),
        (
            "ServerSelectionTimeoutError",
            "127.0.0.1:1: connection refused, Timeout: 5.0s, Topology Description: ...",
            "(127.0.0.1:1: connection refused)",
        ),
        ("BulkWriteError", "batch op errors occurred: interrupted at shutdown", "shutdown)"),
    ],
)
def test_the_reason_is_short(name: str, message: str, reason: str) -> None:
    assert reason in str(server_errors.sentence([name], message))


def test_a_login_that_may_not_even_connect_is_refused() -> None:
    said = '(psycopg2.OperationalError) FATAL:  permission denied for database "txplatform"'

    assert "does not let this login" in str(server_errors.sentence(["OperationalError"], said))


def test_other_names_are_no_loss() -> None:
    assert server_errors.sentence(["BulkWriteError"], "E11000 duplicate key") is None
    assert server_errors.sentence(["ValueError", "Exception"], "shutdown") is None
