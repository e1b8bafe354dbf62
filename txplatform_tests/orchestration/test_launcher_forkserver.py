"""The warm forkserver: what it forks, gives back, notices and survives. No Dagster here."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from txplatform.orchestration.forkserver import NoForkServerError, WarmForkServer, fingerprint
from txplatform_tests.architecture.source_tree import ROOT

SECONDS = 60
LEAKING = 10
"""More handles than this after a hundred forks are a leak, fewer are on their way out."""


class Package:
    """A small package of the test's own, which the forkserver imports."""

    name = "forked_package"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.name
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()

    def write(self, code: str) -> None:
        """Replace its one module."""
        text = f'"""Code that is forked."""\n{textwrap.dedent(code)}\n'
        (self.folder / "work.py").write_text(text, encoding="utf-8")

    @property
    def preload(self) -> list[str]:
        return [f"{self.name}.work"]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """An importable package, here and in the forkserver, and forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield Package(tmp_path)
    for name in [name for name in sys.modules if name.startswith(Package.name)]:
        del sys.modules[name]
    invalidate_caches()


@pytest.fixture
def server(package: Package) -> Iterator[WarmForkServer]:
    """A forkserver over that package, which says nothing yet."""
    package.write("")
    started = WarmForkServer(package.preload)
    yield started
    started.stop()


def writes_answer(package: str, path: str) -> None:
    """Write what the package answers in this process, as it was imported."""
    Path(path).write_text(str(import_module(package).ANSWER), encoding="utf-8")


def file_handles(pid: int | None) -> int:
    """How many this process and the forkserver hold."""
    return psutil.Process().num_fds() + psutil.Process(pid).num_fds()


@pytest.mark.parametrize("code", [0, 7])
def test_a_fork_ends_with_its_own_exit_code(server: WarmForkServer, code: int) -> None:
    assert server.attend(server.fork(sys.exit, code)) == code


def test_a_fork_is_a_child_of_the_forkserver_which_has_one_thread(server: WarmForkServer) -> None:
    fork = server.fork(time.sleep, SECONDS)

    assert psutil.Process(fork.pid).ppid() == server.ensure()
    assert psutil.Process(server.pid).num_threads() == 1
    os.kill(fork.pid, signal.SIGKILL)
    assert server.attend(fork) == -signal.SIGKILL


def test_a_hundred_forks_leave_no_process_and_no_file_handle(server: WarmForkServer) -> None:
    server.attend(server.fork(sys.exit, 0))
    before = file_handles(server.pid)

    for _ in range(100):
        assert server.attend(server.fork(sys.exit, 0)) == 0

    assert psutil.Process(server.pid).children() == []
    assert file_handles(server.pid) - before < LEAKING


def test_changed_code_is_what_the_next_fork_executes(
    package: Package, server: WarmForkServer, tmp_path: Path
) -> None:
    answer = tmp_path / "answer"

    def answered() -> str:
        server.attend(server.fork(writes_answer, package.preload[0], str(answer)))
        return answer.read_text(encoding="utf-8")

    package.write("ANSWER = 41")
    first, pid = answered(), server.pid
    assert (answered(), server.pid) == (first, pid)
    package.write("ANSWER = 42  # and longer")

    assert (first, answered()) == ("41", "42")
    assert server.pid != pid


def test_a_new_file_of_the_package_counts_as_a_change(
    package: Package, server: WarmForkServer
) -> None:
    pid = server.ensure()
    (package.folder / "new.toml").touch()

    assert server.ensure() != pid


def test_folders_that_go_while_the_files_are_looked_at_are_no_error(
    package: Package, tmp_path: Path
) -> None:
    """Code is replaced on disk while runs are launched."""
    folders = [package.folder / f"part_{number:03}" for number in range(300)]
    for folder in folders:
        folder.mkdir()
    is_over = Event()

    def replace() -> None:
        while not is_over.is_set():
            for folder in folders:
                folder.rename(tmp_path / "gone").rename(folder)

    replacing = Thread(target=replace)
    replacing.start()
    try:
        known = {path for _ in range(100) for path, _, _ in fingerprint(package.preload)}
    finally:
        is_over.set()
        replacing.join()

    assert known == {str(package.folder / "__init__.py")}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(:", "SyntaxError: invalid syntax"),
    ],
)
def test_code_that_cannot_be_imported_is_refused_with_the_reason_until_it_is_mended(
    package: Package, server: WarmForkServer, code: str, reason: str
) -> None:
    package.write(code)
    for _ in range(2):
        with pytest.raises(NoForkServerError, match=f"^{reason}$"):
            server.fork(sys.exit, 0)

    package.write("MENDED = True  # and longer than before")

    assert server.attend(server.fork(sys.exit, 3)) == 3


def test_a_forkserver_that_was_killed_is_started_again(server: WarmForkServer) -> None:
    pid = server.ensure()
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert server.attend(server.fork(sys.exit, 5)) == 5
    assert server.pid != pid


def test_a_fork_outlives_the_forkserver_and_is_attended_to_its_end(server: WarmForkServer) -> None:
    fork = server.fork(time.sleep, 1)
    server.stop()
    began = time.monotonic()

    assert server.attend(fork) is None
    assert time.monotonic() - began > 0.3


STARTS_A_FORK = """
import time
from txplatform.orchestration.forkserver import WarmForkServer
server = WarmForkServer(["json"])
fork = server.fork(time.sleep, 3)
print(server.pid, fork.pid, flush=True)
server.attend(fork)
"""


def test_forks_outlive_whoever_asked_for_them_and_the_forkserver_ends_with_the_last() -> None:
    command = [sys.executable, "-c", STARTS_A_FORK]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        server, fork = map(psutil.Process, map(int, daemon.stdout.readline().split()))
        daemon.kill()

    assert [server.is_running(), fork.is_running()] == [True, True]
    assert psutil.wait_procs([server, fork], timeout=SECONDS)[1] == []
