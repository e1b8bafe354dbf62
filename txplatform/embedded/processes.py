"""Processes, ports, locks and secrets of this machine; nothing here knows a server by name."""

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from txplatform.connectors import ports
from txplatform.connectors.private_files import private_folder, write_private

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02
_SAME_START_SECONDS = 1.0


def secret(path: Path) -> str:
    """The generated password in a file (0600, in a folder 0700); made at the first call."""
    with locked(path.parent / ".lock"):
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes; the system frees it when its holder ends, even by kill -9."""
    private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """Be one of many users of something; the system notices when one ends, even by kill -9."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def is_unused(path: Path) -> bool:
    """Whether nobody is `in_use` of it at this moment."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen on a port of the loopback address."""
    try:
        ports.probe(LOOPBACK, port)
    except OSError:
        return False
    return True


def is_listening(port: int) -> bool:
    """Whether something accepts connections on a port of the loopback address.

    A connection to a free port may be given that port itself, and then has reached nobody.
    """
    with socket.socket() as probe:
        is_open = probe.connect_ex((LOOPBACK, port)) == 0
        return is_open and probe.getsockname() != (LOOPBACK, port)


def free_port() -> int:
    """A port of the loopback address on which nothing listens now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address on which nothing listens now, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def spawn(command: list[str], environment: Mapping[str, str], log: Path) -> psutil.Process:
    """Start a server that outlives this process, its output in `log` (0600).

    It gets a session of its own: Ctrl-C reaches every process of the terminal's foreground group,
    and a server must not stop before whoever uses it does. Not `subprocess.Popen`, which warns
    about a child that still runs when the object goes.
    """
    actions: list[tuple[object, ...]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True)
    return psutil.Process(pid)


def is_alive(process: psutil.Process) -> bool:
    """Whether a process runs; one that has ended and whose parent has not noticed does not."""
    try:
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            return True
    except psutil.NoSuchProcess:
        return False
    with suppress(ChildProcessError):  # if the parent is this process, it notices now
        os.waitpid(process.pid, os.WNOHANG)
    return False


def is_running(pid: int, started: float) -> bool:
    """Whether process `pid` lives and is the one that started at `started`."""
    try:
        process = psutil.Process(pid)
        is_same = abs(process.create_time() - started) < _SAME_START_SECONDS
    except psutil.NoSuchProcess:
        return False
    return is_same and is_alive(process)


def find(pid: int, started: float, argument: str) -> psutil.Process | None:
    """The living process `pid`, if it started at `started` or has `argument` among its arguments.

    The pid alone may belong to another process by now. Either sign is enough: setting the clock
    shifts the start times (seconds since 1970), renaming the folder leaves the arguments.
    """
    try:
        process = psutil.Process(pid)
        is_same = abs(process.create_time() - started) < _SAME_START_SECONDS
        is_same = is_same or argument in process.cmdline()
    except psutil.NoSuchProcess:
        return None
    return process if is_same and is_alive(process) else None


def search(is_wanted: Callable[[list[str]], bool]) -> list[psutil.Process]:
    """The living processes whose arguments are wanted, oldest first: younger ones are forks."""
    everything = psutil.process_iter(["cmdline", "create_time"])
    found = [one for one in everything if is_wanted(one.info["cmdline"] or [""])]
    return sorted(filter(is_alive, found), key=lambda one: float(one.info["create_time"]))


def wait_until(is_done: Callable[[], bool], seconds: float) -> bool:
    """Ask until the answer is yes; False when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def stop(process: psutil.Process, signal: int, seconds: float) -> None:
    """Ask a process to end with `signal`; end it with SIGKILL if it has not after `seconds`."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal)
        if not wait_until(lambda: not is_alive(process), seconds):
            process.kill()
            wait_until(lambda: not is_alive(process), seconds)
