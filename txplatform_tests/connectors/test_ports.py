"""The wanted port or the next one; where there is none, and where nobody answers, a sentence."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from txplatform.connectors.ports import HIGHEST, next_free_port, wait_until_listening
from txplatform.errors import ServerError

HOST = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of loopback on which somebody listens."""
    with closing(socket.create_server((HOST, 0))) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_the_wanted_one(taken: int) -> None:
    free = next_free_port(HOST, taken)

    assert next_free_port(HOST, free) == free


def test_a_taken_port_gives_way_to_the_next(taken: int) -> None:
    assert taken < next_free_port(HOST, taken) <= taken + 50


def test_where_ports_end_a_sentence_says_what_to_do() -> None:
    with closing(socket.socket()) as holder:
        with suppress(OSError):  # or somebody else listens on it
            holder.bind((HOST, HIGHEST))
            holder.listen()
        with pytest.raises(
            ServerError, match=r"No port from 65535 to 65535 of 127\.0\.0\.1 is free: say --port"
        ):
            next_free_port(HOST, HIGHEST)


def test_an_address_that_is_not_this_machines_says_so() -> None:
    with pytest.raises(ServerError, match=r"No port from 8501 to 8551 of 192\.0\.2\.7 is free"):
        next_free_port("192.0.2.7", 8501)


def test_a_process_that_ends_before_it_answers_is_a_sentence() -> None:
    with (
        subprocess.Popen([sys.executable, "-c", ""]) as ended,
        pytest.raises(ServerError, match="It did not come up"),
    ):
        wait_until_listening(ended, HOST, HIGHEST, 30, "It did not come up.")
