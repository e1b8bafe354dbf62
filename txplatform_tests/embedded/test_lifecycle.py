"""`up`, `down` and `running`: who starts the servers, who attaches to them, who stops them."""

import os
import signal
import sys
from types import FrameType

import psutil
import pytest

from txplatform import embedded
from txplatform.settings import Settings
from txplatform_tests.embedded.commands import (
    RUNNING,
    UP,
    has_purchase,
    is_gone,
    pids,
    python,
    write_purchase,
)

WATCHED = """
with embedded.running(settings):
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        time.sleep(1)
        print([server.is_running for server in embedded.status(settings)])
"""


def test_up_says_what_it_started_and_where(own: Settings) -> None:
    embedded.down(own)
    lines: list[str] = []

    embedded.up(own, lines.append)

    addresses = [server.address for server in embedded.status(own)]
    assert [line.split(" (")[0] for line in lines] == [
        f"MongoDB 6.0.5 is up on {addresses[0]}",
        f"PostgreSQL 18.4 is up on {addresses[1]}",
    ]


def test_a_second_up_attaches(started: Settings) -> None:
    before, addresses = pids(started), embedded.endpoints(started)
    lines: list[str] = []

    assert embedded.up(started, lines.append) == addresses
    assert pids(started) == before
    assert all(" runs on 127.0.0.1:" in line for line in lines)


def test_down_stops_both_and_data_and_addresses_stay(started: Settings) -> None:
    addresses, before = embedded.endpoints(started), pids(started)
    write_purchase(addresses, 1)

    embedded.down(started)

    assert [is_gone(pid) for pid in before] == [True, True]
    assert [server.is_running for server in embedded.status(started)] == [False, False]
    assert embedded.up(started) == addresses
    assert has_purchase(addresses, 1)


def test_down_twice_is_down(own: Settings) -> None:
    embedded.down(own)
    embedded.down(own)

    assert pids(own) == [None, None]


def test_running_stops_what_it_started(own: Settings) -> None:
    embedded.down(own)

    with embedded.running(own):
        inside = pids(own)

    assert None not in inside
    assert [is_gone(pid) for pid in inside] == [True, True]


def interrupted_at(function: str) -> None:
    """Be interrupted, as by Ctrl-C, when this thread calls a function of that name."""

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == function:
            sys.setprofile(None)
            raise KeyboardInterrupt

    sys.setprofile(watch)


def test_ctrl_c_while_they_stop_leaves_none_of_them(own: Settings) -> None:
    """Catches: one server that runs on, because the other was being stopped at that moment."""
    embedded.down(own)

    with pytest.raises(KeyboardInterrupt), embedded.running(own):
        interrupted_at("stop")

    assert pids(own) == [None, None]


def test_ctrl_c_just_after_they_started_leaves_none_of_them(own: Settings) -> None:
    embedded.down(own)

    interrupted_at("in_use")
    with pytest.raises(KeyboardInterrupt), embedded.running(own):
        pass

    assert pids(own) == [None, None]


def test_running_leaves_what_ran_before(started: Settings) -> None:
    before = pids(started)

    with embedded.running(started):
        pass

    assert pids(started) == before


def test_running_leaves_a_server_that_another_has_started_again(own: Settings) -> None:
    embedded.down(own)

    with embedded.running(own):
        embedded.down(own)
        embedded.up(own)
        again = pids(own)

    assert pids(own) == again


def test_a_command_that_started_the_servers_leaves_them_to_one_that_came_later(
    own: Settings,
) -> None:
    """Catches: the first command of two stops them while the second still works."""
    embedded.down(own)
    first = python(RUNNING, own)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    inside = pids(own)

    with embedded.running(own):
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
        assert pids(own) == inside

    assert [is_gone(pid) for pid in inside] == [True, True]


def test_a_command_that_started_the_servers_leaves_them_to_an_up_that_came_later(
    own: Settings,
) -> None:
    """Catches: `up` says that they run, and a command that ends takes them away."""
    embedded.down(own)

    with embedded.running(own):
        embedded.up(own)
        inside = pids(own)

    assert pids(own) == inside


def test_a_kept_server_that_died_is_kept_when_a_command_starts_it_again(started: Settings) -> None:
    mongo, _ = pids(started)
    os.kill(mongo or 0, signal.SIGKILL)

    with embedded.running(started):
        pass

    assert None not in pids(started)


def test_what_a_killed_command_left_goes_with_the_next_one(own: Settings) -> None:
    embedded.down(own)
    parent = python(RUNNING, own)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    parent.communicate()
    orphans = pids(own)

    with embedded.running(own):
        assert pids(own) == orphans

    assert [is_gone(pid) for pid in orphans] == [True, True]


def test_two_commands_at_the_same_moment_get_the_same_servers(own: Settings) -> None:
    embedded.down(own)
    both = [python(f"{UP}; print(embedded.status(settings))", own) for _ in range(2)]

    first, second = (command.communicate(timeout=60) for command in both)

    assert first == second
    assert str(embedded.status(own)) == first[0].strip()


def test_two_checkouts_run_side_by_side(
    started: Settings, settings: Settings, endpoints: embedded.Endpoints
) -> None:
    write_purchase(embedded.endpoints(started), 2)

    assert not set(pids(started)) & set(pids(settings))
    assert endpoints.mongo_uri != embedded.endpoints(started).mongo_uri


def test_ctrl_c_stops_the_servers_once_their_user_is_done(own: Settings) -> None:
    embedded.down(own)
    command = python(WATCHED, own)
    assert command.stdout is not None
    assert command.stdout.readline() == "ready\n"
    before = pids(own)

    os.killpg(command.pid, signal.SIGINT)

    said = command.communicate(timeout=60)[0]
    assert said == "[True, True]\n", "a server ended before its user did"
    assert [is_gone(pid) for pid in before] == [True, True]
    assert not (own.state / "postgres" / "postmaster.pid").exists(), "a clean end removes it"


def test_kill_9_of_the_parent_leaves_servers_that_up_adopts_and_down_stops(own: Settings) -> None:
    embedded.down(own)
    parent = python(RUNNING, own)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    write_purchase(embedded.endpoints(own), 3)
    orphans = pids(own)

    parent.kill()
    parent.communicate()

    assert [psutil.pid_exists(pid or 0) for pid in orphans] == [True, True]
    assert has_purchase(embedded.up(own), 3)
    assert pids(own) == orphans
    embedded.down(own)
    assert [is_gone(pid) for pid in orphans] == [True, True]
