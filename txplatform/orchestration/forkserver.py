"""A warm process that forks others: multiprocessing's forkserver, checked, watched and renewed.

Knows nothing of Dagster. multiprocessing has one forkserver per process, so make one
`WarmForkServer` per process.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import psutil

METHOD: Final = "forkserver"
SAME_START_SECONDS = 1.0
POLL_SECONDS = 0.2

Fingerprint = frozenset[tuple[str, int, int]]


class NoForkServerError(Exception):
    """Nothing can be forked here; the message is the reason."""


class Fork:
    """A process that the forkserver forked."""

    def __init__(self, process: BaseProcess) -> None:
        self.process = process
        self.pid = process.pid or 0
        self.started = start_of(self.pid)


class WarmForkServer:
    """A forkserver that has imported `preload`, started anew when it ended or its code changed."""

    def __init__(self, preload: Sequence[str]) -> None:
        self.preload = list(preload)
        self.pid: int | None = None
        self._code: Fingerprint = frozenset()
        self._refused: tuple[Fingerprint, str] | None = None
        self._lock = threading.RLock()

    def ensure(self) -> int:
        """Have a forkserver whose imports are the code on disk; its pid.

        Raises:
            NoForkServerError: there is no such start method, or an import fails. The same code
                is not tried a second time.
        """
        with self._lock:
            code = fingerprint(self.preload)
            if self._refused and self._refused[0] == code:
                raise NoForkServerError(self._refused[1])
            if self.pid is None or code != self._code or not _is_our_running_child(self.pid):
                self.stop()
                self._start(code)
            return self.pid or 0

    def fork(self, target: Callable[..., object], *arguments: object) -> Fork:
        """Run `target(*arguments)`, both picklable, in a new process.

        Raises:
            NoForkServerError: see `ensure`.
        """
        with self._lock:
            self.ensure()
            try:
                return self._fork(target, *arguments)
            except (EOFError, OSError):  # it was killed this very moment
                self.stop()
                self.ensure()
                return self._fork(target, *arguments)

    def attend(self, fork: Fork) -> int | None:
        """Wait until a fork has ended, and give back what it held here.

        Returns:
            Its exit code, negative for a signal; None if the forkserver, which would know it,
            ended before.
        """
        wait([fork.process.sentinel])
        has_outlived = is_running(fork.pid, fork.started)
        while is_running(fork.pid, fork.started):
            time.sleep(POLL_SECONDS)
        # `start` looks after all children, and two readers of one exit code disturb each other.
        with self._lock:
            fork.process.join()
            code = fork.process.exitcode
            fork.process.close()
        return None if has_outlived else code

    def stop(self) -> None:
        """End the forkserver; what it forked goes on."""
        with self._lock:
            if self.pid and _is_our_running_child(self.pid):
                os.kill(self.pid, signal.SIGKILL)
                # Left to be reaped by multiprocessing, which then knows that it must start anew.
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            self.pid = None

    def _start(self, code: Fingerprint) -> None:
        try:
            context = get_context(METHOD)
            context.set_forkserver_preload(self.preload)
            reader, writer = context.Pipe(duplex=False)
            with reader, writer:
                fork = self._fork(_report, writer, self.preload)
                writer.close()
                self.pid, missing = reader.recv()
            self.attend(fork)
        except (ValueError, EOFError, OSError) as error:
            missing = [str(error)]
        if missing:
            reason = _why_not(self.preload) or f"the forkserver does not start ({missing[0]})"
            self.stop()
            self._refused = code, reason
            raise NoForkServerError(reason)
        self._code = code

    def _fork(self, target: Callable[..., object], *arguments: object) -> Fork:
        process = get_context(METHOD).Process(target=target, args=arguments)
        process.start()
        return Fork(process)


def fingerprint(preload: Sequence[str]) -> Fingerprint:
    """Path, time of change (ns) and size of every file of the packages that `preload` belongs to.

    Some hundred `stat` calls, a few milliseconds.
    """
    files: set[tuple[str, int, int]] = set()
    for package in {name.partition(".")[0] for name in preload}:
        for path in _files(package):
            with suppress(FileNotFoundError):
                state = path.stat()
                files.add((str(path), state.st_mtime_ns, state.st_size))
    return frozenset(files)


def _files(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        # Folders may go meanwhile, for which `rglob` raises.
        for parent, _, names in os.walk(folder):
            yield from (Path(parent, name) for name in names if not name.endswith(".pyc"))
    if spec and spec.origin and not spec.submodule_search_locations:
        yield Path(spec.origin)


def start_of(pid: int) -> float:
    """When a process started (seconds since 1970), now if it has ended already."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return time.time()


def is_running(pid: int, started: float) -> bool:
    """Whether process `pid` runs and is the one that started at `started`."""
    try:
        process = psutil.Process(pid)
        is_same = abs(process.create_time() - started) < SAME_START_SECONDS
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_our_running_child(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def _report(writer: "Connection[object, object]", preload: Sequence[str]) -> None:
    """Tell which process is the forkserver, and what it could not import: it says nothing."""
    writer.send((os.getppid(), [name for name in preload if name not in sys.modules]))


def _why_not(preload: Sequence[str]) -> str:
    """The last line that Python prints when it imports `preload` in vain."""
    command = [sys.executable, "-P", "-c", f"import {', '.join(preload)}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or [""])[-1]
