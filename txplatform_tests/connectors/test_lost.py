"""The loss of a server is one sentence that names it; other errors stay what they are."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from txplatform.connectors import lost
from txplatform.errors import ServerError, SourceError

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
        lost.told_in_a_sentence(),
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
        lost.told_in_a_sentence(),
    ):
        mongo_database["few"].find_one({"$where": "sleep(30000) || true"})
    killing.join()


def wrap(engine: Engine) -> None:
    """What Dagster makes of an error of its storage."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SET statement_timeout = 50"))
            connection.execute(SLEEP)
    except Exception as error:
        raise RuntimeError("too many retries") from error


def test_an_error_is_found_below_those_that_wrap_it(engine: Engine) -> None:
    with pytest.raises(ServerError, match="PostgreSQL"), lost.told_in_a_sentence():
        wrap(engine)


def test_what_is_no_loss_stays_what_it_is(
    engine: Engine, mongo_database: Database[dict[str, Any]]
) -> None:
    mongo_database["few"].insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError), lost.told_in_a_sentence():
        mongo_database["few"].insert_one({"_id": 1})
    with pytest.raises(IntegrityError), lost.told_in_a_sentence(), engine.connect() as connection:
        connection.execute(text("INSERT INTO sign_offs (week_start) VALUES (NULL)"))
    with pytest.raises(SourceError, match="empty"), lost.told_in_a_sentence():
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
    assert reason in str(lost.sentence([name], message))


def test_other_names_are_no_loss() -> None:
    assert lost.sentence(["BulkWriteError"], "E11000 duplicate key") is None
    assert lost.sentence(["ValueError", "Exception"], "shutdown") is None
