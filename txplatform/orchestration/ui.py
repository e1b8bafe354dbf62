"""Dagster's webserver and daemon for one's own machine, on loopback, until Ctrl-C."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from txplatform.connectors import ports
from txplatform.connectors.private_files import write_private
from txplatform.embedded import Endpoints
from txplatform.embedded.failures import told_in_a_sentence
from txplatform.embedded.processes import find, stop
from txplatform.errors import ServerError
from txplatform.orchestration.instance import environment, home
from txplatform.settings import Settings, child_environment

HOST = "127.0.0.1"
START_SECONDS = 180
STOP_SECONDS = 20
ASKED = "is_asked_to_end"
"""In the record of a UI that another command stops."""


def serve(
    settings: Settings, endpoints: Endpoints, port: int, report: Callable[[str], None]
) -> None:
    """Serve the UI until Ctrl-C or `txplatform down`, then stop its processes.

    Raises:
        ServerError: the UI does not come up, or ends by itself; the message names its log.
    """
    stop_left_over(settings)
    port = ports.next_free_port(HOST, port)
    log_path = home(settings) / "ui.log"
    command = [sys.executable, "-P", "-m", "dagster", "dev", "-m", "txplatform.definitions"]
    variables = child_environment(**environment(settings, endpoints))
    with log_path.open("wb") as log:
        server = subprocess.Popen(
            [*command, "-h", HOST, "-p", str(port)],
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _remember(settings, server.pid)
    try:
        sentence = f"Dagster's UI did not come up: see {log_path}."
        ports.wait_until_listening(server, HOST, port, START_SECONDS, sentence)
        report(f"Dagster's UI: http://{HOST}:{port}  (Ctrl-C stops it)")
        server.wait()
        _require_asked_to_end(settings, server.pid, log_path)
    except KeyboardInterrupt:
        report("Stopping.")
    finally:
        _stop(server)
        if _record(settings).get("pid") == server.pid:  # else another command serves by now
            _record_path(settings).unlink(missing_ok=True)


def stop_left_over(settings: Settings) -> None:
    """Stop the UI of this state folder whose command was killed, so that no second daemon runs."""
    path = _record_path(settings)
    with told_in_a_sentence(settings.state):
        if not (record := _record(settings)):
            return
        if process := find(record["pid"], record["started"], str(path)):
            write_private(path, json.dumps({**record, ASKED: True}))
            family = [process, *process.children(recursive=True)]
            for member in family:
                stop(member, signal.SIGINT, STOP_SECONDS)
        path.unlink(missing_ok=True)


def _require_asked_to_end(settings: Settings, pid: int, log_path: Path) -> None:
    """Tell an end that nobody asked for: Dagster ends all of its parts when it loses one."""
    record = _record(settings)
    if record.get("pid") == pid and not record.get(ASKED):
        raise ServerError(
            f"Dagster's UI ended because a part of it did (see {log_path}): the same command "
            "starts it again."
        )


def _remember(settings: Settings, pid: int) -> None:
    record = {"pid": pid, "started": psutil.Process(pid).create_time()}
    write_private(_record_path(settings), json.dumps(record))


def _record(settings: Settings) -> dict[str, Any]:
    """What is remembered of the UI that is served; nothing if none is."""
    try:
        found: dict[str, Any] = json.loads(_record_path(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _record_path(settings: Settings) -> Path:
    return settings.state / "dagster" / "ui.json"


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
            return
    # Its webserver, daemon and code servers too, which one that was killed leaves behind.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
