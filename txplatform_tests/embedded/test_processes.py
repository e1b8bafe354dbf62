"""Processes, ports, locks and secrets: told apart, shared and kept private."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from txplatform.embedded import processes
from txplatform_tests.embedded.commands import bystander

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
)


def test_a_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "state" / "secrets" / "mongo"

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: processes.secret(file), range(8)))

    assert made == {file.read_text(encoding="utf-8")}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    folders = [file.parent, file.parent.parent]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]


def test_a_lock_is_held_by_one_and_freed_by_kill_9(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from txplatform.embedded import processes\n"
        "with processes.locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    lock = tmp_path / "lock"
    command = [sys.executable, "-B", "-c", code, str(lock)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(take, lock)
            time.sleep(0.2)
            assert not waiting.done()
            holder.kill()
            assert waiting.result(timeout=10)


def take(lock: Path) -> bool:
    """Hold a lock for a moment."""
    with processes.locked(lock):
        return True


def test_a_port_is_free_until_somebody_listens() -> None:
    port = processes.free_port()
    assert (processes.is_free(port), processes.is_listening(port)) == (True, False)

    with socket.create_server((processes.LOOPBACK, port)):
        assert (processes.is_free(port), processes.is_listening(port)) == (False, True)


def test_a_spawned_process_has_a_session_and_a_private_log_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "a log"
    script = "echo to the log; echo errors too >&2; read line; sleep 60"

    process = processes.spawn(["/bin/sh", "-c", script], {"PATH": os.defpath}, log)

    assert processes.wait_until(lambda: log.read_text() == "to the log\nerrors too\n", 10)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert set(process.environ()) <= {"PATH", "PWD", "SHLVL", "_", "OLDPWD"}
    processes.stop(process, signal.SIGTERM, 10)
    assert not processes.is_alive(process)


def test_an_ended_child_is_not_alive_before_its_parent_waited_for_it(tmp_path: Path) -> None:
    process = processes.spawn(["/bin/true"], {}, tmp_path / "log")

    assert processes.wait_until(lambda: not processes.is_alive(process), 10)
    assert not psutil.pid_exists(process.pid), "and it was waited for"


def test_a_process_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", f"{STUBBORN}; time.sleep(60)"]
    process = processes.spawn(command, {}, log)
    processes.wait_until(lambda: log.read_text() == "1\n", 10)

    processes.stop(process, signal.SIGTERM, 0.2)

    assert not processes.is_alive(process)


def test_stopping_what_has_ended_does_nothing() -> None:
    with subprocess.Popen(["/bin/true"]) as ended:
        process = psutil.Process(ended.pid)
        ended.wait()

    processes.stop(process, signal.SIGTERM, 1)


@pytest.mark.parametrize(
    ("shift", "argument", "is_found"),
    [
        (0.0, "/another/folder", True),  # the folder was renamed
        (-7200.0, "60", True),  # the clock was set
        (-7200.0, "/another/folder", False),  # another process has the pid by now
        (-7200.0, "6", False),
    ],
)
def test_a_process_is_known_by_its_start_or_by_an_argument(
    shift: float, argument: str, is_found: bool
) -> None:
    with bystander() as child:
        process = psutil.Process(child.pid)
        assert processes.wait_until(lambda: bool(process.cmdline()), 10)  # empty for a moment

        found = processes.find(child.pid, process.create_time() + shift, argument)

        assert (found is not None) == is_found


def test_a_pid_that_nobody_has_is_nobody() -> None:
    with subprocess.Popen(["/bin/true"]) as ended:
        ended.wait()

    assert processes.find(ended.pid, 0.0, "") is None


def test_a_search_finds_the_oldest_first() -> None:
    mark = "60.25"
    with bystander(seconds=mark) as old:
        time.sleep(0.1)
        with bystander(seconds=mark) as young:
            found = processes.search(lambda arguments: mark in arguments)

            assert [process.pid for process in found] == [old.pid, young.pid]


def test_waiting_ends_with_the_time() -> None:
    began = time.monotonic()

    assert not processes.wait_until(lambda: False, 0.1)

    assert 0.1 < time.monotonic() - began < 5


def test_a_connection_that_reaches_itself_is_no_server() -> None:
    """Catches: a server that is said to be up before it is; the system gives even ports in turn."""
    port = processes.free_port()

    assert not any(processes.is_listening(port + port % 2) for _ in range(30_000))
