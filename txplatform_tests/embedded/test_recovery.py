"""After a crash the next `up` finds what runs, repairs what does not, and loses nothing."""

import json
import os
import signal
import socket
import threading
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from txplatform import embedded
from txplatform.embedded import privileges, processes
from txplatform.embedded.postgres import Postgres
from txplatform.settings import Settings
from txplatform_tests.embedded.commands import (
    bystander,
    has_purchase,
    is_gone,
    pids,
    write_purchase,
)

SERVERS = pytest.mark.parametrize(("key", "index"), [("mongo", 0), ("postgres", 1)])


def kill(settings: Settings, index: int) -> None:
    """End a server as a crash would."""
    pid = pids(settings)[index]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    processes.wait_until(lambda: is_gone(pid), 10)


def record_file(settings: Settings, key: str) -> Path:
    """Where a server's pid and port are remembered."""
    return settings.state / "servers" / f"{key}.json"


def change_record(settings: Settings, key: str, **changes: object) -> None:
    """Make what is remembered of a server wrong."""
    file = record_file(settings, key)
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@SERVERS
def test_kill_9_of_a_server_loses_nothing(started: Settings, key: str, index: int) -> None:
    number, before = 10 + index, pids(started)
    write_purchase(embedded.endpoints(started), number)

    kill(started, index)

    assert has_purchase(embedded.up(started), number)
    assert [pid == old for pid, old in zip(pids(started), before, strict=True)] == [
        key != "mongo",
        key != "postgres",
    ]


@SERVERS
def test_an_orphan_whose_pid_nobody_noted_is_found(started: Settings, key: str, index: int) -> None:
    before = pids(started)
    change_record(started, key, pid=0)
    assert pids(started)[index] is None

    embedded.up(started)

    assert pids(started) == before


@SERVERS
def test_an_orphan_of_a_damaged_record_is_replaced(started: Settings, key: str, index: int) -> None:
    orphan = pids(started)[index]
    record_file(started, key).write_text("{")

    embedded.up(started)

    assert is_gone(orphan)
    assert None not in pids(started)


@SERVERS
def test_a_remembered_pid_that_is_another_process_by_now_is_left_alone(
    own: Settings, key: str, index: int
) -> None:
    embedded.down(own)
    with bystander() as other:
        change_record(own, key, pid=other.pid, started=1.0)

        assert pids(own)[index] is None
        embedded.down(own)
        embedded.up(own)

        assert other.poll() is None
        assert other.pid not in pids(own)


def test_a_stale_lock_file_with_the_pid_of_a_living_process_does_not_stop_postgres(
    started: Settings,
) -> None:
    """PostgreSQL refuses to start if a process of its own user has the pid of its lock file."""
    write_purchase(embedded.endpoints(started), 20)
    lock = started.state / "postgres" / "postmaster.pid"
    of_the_dead = lock.read_text()
    kill(started, 1)
    prefix = privileges.runner(Postgres(started).program, lock.parent).prefix
    with bystander(*prefix) as other:
        lock.write_text(f"{other.pid}\n{of_the_dead.partition(chr(10))[2]}")

        assert has_purchase(embedded.up(started), 20)

        assert other.poll() is None


def test_a_session_that_outlives_a_killed_postgres_does_not_block_the_next(
    started: Settings,
) -> None:
    """Such a session keeps the shared memory of the dead server, next to which none may start."""
    engine = create_engine(embedded.endpoints(started).postgres_url)
    session = engine.connect()
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()

    def count_for_hours() -> None:
        with pytest.raises(OperationalError):
            session.execute(text("SELECT count(*) FROM generate_series(1, 1000000000000)"))

    busy = threading.Thread(target=count_for_hours)
    busy.start()
    kill(started, 1)
    assert psutil.pid_exists(pid)

    embedded.up(started)

    busy.join(timeout=10)
    assert is_gone(pid)
    session.invalidate()
    session.close()
    engine.dispose()


@SERVERS
def test_a_port_that_was_taken_meanwhile_is_chosen_anew(
    started: Settings, key: str, index: int
) -> None:
    embedded.down(started)
    with socket.create_server((processes.LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        change_record(started, key, port=taken)

        embedded.up(started)

        assert embedded.status(started)[index].address not in {"", f"127.0.0.1:{taken}"}
