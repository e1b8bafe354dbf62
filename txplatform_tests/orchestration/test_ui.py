"""Dagster's UI on one's own machine: on loopback, until Ctrl-C, and nothing left behind."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest
from pymongo.database import Database

from txplatform import embedded
from txplatform.embedded.processes import wait_until
from txplatform.errors import ServerError
from txplatform.orchestration.ui import HOST, serve, stop_left_over
from txplatform.settings import Settings, child_environment
from txplatform_tests.serving.running import stand_in

SECONDS = 90
STATE = "TXPLATFORM_STATE_DIR"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of loopback on which somebody listens."""
    with closing(socket.create_server((HOST, 0))) as server:
        yield server.getsockname()[1]


def test_an_end_that_nobody_asked_for_is_told_in_a_sentence(
    settings: Settings,
    endpoints: embedded.Endpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Catches: `up --ui` ends as if all were well when Dagster has lost its daemon."""
    stand_in(tmp_path, "dagster.__main__", seconds=0.5)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said: list[str] = []

    with pytest.raises(ServerError, match=r"UI ended because a part of it did \(see .*ui\.log\)"):
        serve(settings, endpoints, 3700, said.append)

    assert len(said) == 1
    assert not (settings.state / "dagster" / "ui.json").exists()


def test_an_end_that_another_command_asks_for_is_none_to_tell(
    settings: Settings,
    endpoints: embedded.Endpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in(tmp_path, "dagster.__main__", seconds=60)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said: list[str] = []

    with ThreadPoolExecutor() as pool:
        serving = pool.submit(serve, settings, endpoints, 3710, said.append)
        assert wait_until(lambda: bool(said), 30)
        stop_left_over(settings)
        serving.result(timeout=30)

    assert len(said) == 1


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder, by which the processes of the test are known."""
    return tmp_path / "state"


@pytest.fixture
def served(
    state: Path,
    taken: int,
    endpoints: embedded.Endpoints,
    mongo_database: Database[dict[str, Any]],
    postgres_url: str,
) -> Iterator[subprocess.Popen[str]]:
    """`txplatform up --ui` on a port that is taken."""
    variables = {
        STATE: str(state),
        "TXPLATFORM_MONGO_URI": endpoints.mongo_uri,
        "TXPLATFORM_MONGO_DATABASE": mongo_database.name,
        "TXPLATFORM_POSTGRES_URL": postgres_url,
        "TXPLATFORM_DAGSTER_POSTGRES_URL": "",
        "TXPLATFORM_SPARK_IDLE_MINUTES": "0",
    }
    command = [sys.executable, "-m", "txplatform", "up", "--ui", "--port", str(taken)]
    environment = child_environment(**variables)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()
    for orphan in _processes_of(state):
        orphan.kill()


def _processes_of(state: Path) -> list[psutil.Process]:
    """Every process that was started for the state folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(STATE) == str(state):
                found.append(process)
    return found


def _address(served: subprocess.Popen[str]) -> str:
    """The address that is printed once the UI answers."""
    assert served.stdout
    for line in served.stdout:
        if line.startswith("Dagster's UI: "):
            return line.split()[2]
    raise AssertionError("the UI did not come up")


def test_the_ui_is_served_on_loopback_and_stopped_without_orphans(
    served: subprocess.Popen[str], state: Path, taken: int
) -> None:
    address = _address(served)

    assert address.startswith(f"http://{HOST}:")
    assert not address.endswith(f":{taken}")
    with urlopen(f"{address}/server_info", timeout=SECONDS) as answer:
        assert "dagster_webserver_version" in json.load(answer)
    processes = _processes_of(state)
    assert len(processes) > 2, "webserver, daemon and code server"
    assert _listening_addresses(processes) == {HOST}

    served.send_signal(signal.SIGINT)
    said, _ = served.communicate(timeout=SECONDS)

    assert (served.returncode, said) == (0, "Stopping.\n")
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive + _processes_of(state) == []


def _listening_addresses(processes: list[psutil.Process]) -> set[str]:
    """Addresses on which the processes listen to TCP."""
    found = set()
    for process in processes:
        with suppress(psutil.Error):
            sockets = process.net_connections("tcp")
            found |= {one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN}
    return found
