"""The dashboard's process: it answers, says why it does not, takes a free port and ends."""

import contextlib
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from txplatform.embedded.processes import is_alive, wait_until
from txplatform.errors import ServerError
from txplatform.platform import Platform
from txplatform.serving.dashboard import server as dashboard
from txplatform.settings import Settings
from txplatform_tests.serving.running import stand_in


@pytest.fixture
def office(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """An installation that processes find by their environment."""
    monkeypatch.setenv("TXPLATFORM_MONGO_URI", platform.endpoints.mongo_uri)
    monkeypatch.setenv("TXPLATFORM_POSTGRES_URL", platform.endpoints.postgres_url)
    return platform


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with contextlib.closing(socket.socket()) as listening:
        listening.bind((dashboard.HOST, 0))
        listening.listen()
        port: int = listening.getsockname()[1]
        yield port


def test_it_answers_on_the_next_free_port_and_ends_with_its_block(
    office: Platform, taken: int
) -> None:
    with dashboard.started(office.settings, dashboard.HOST, taken) as (server, address):
        assert address != f"http://{dashboard.HOST}:{taken}"
        with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
            assert answer.status == 200

    assert server.poll() is not None


def test_it_ends_with_a_command_that_is_killed(office: Platform) -> None:  # noqa: ARG001 - found
    command = [sys.executable, "-m", "txplatform", "dashboard", "--port", "8720"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert "Dashboard: http://" in parent.stdout.readline()
        (server,) = psutil.Process(parent.pid).children()
        parent.send_signal(signal.SIGKILL)

    assert wait_until(lambda: not is_alive(server), 20)


def test_an_end_that_nobody_asked_for_is_told_in_a_sentence(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, dashboard.MODULE, seconds=0.5)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said: list[str] = []

    with pytest.raises(ServerError, match=r"ended by itself with 0: see .*dashboard\.log"):
        dashboard.serve(settings, dashboard.HOST, 8730, said.append)

    assert len(said) == 1


def test_a_dashboard_that_does_not_come_up_names_its_log(
    office: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXPLATFORM_POSTGRES_URL", "postgresql://nobody@127.0.0.1:9/nothing")

    with (
        pytest.raises(ServerError, match=r"did not come up: see .*dashboard\.log"),
        dashboard.started(office.settings, dashboard.HOST, dashboard.PORT),
    ):
        pass
