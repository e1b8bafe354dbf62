"""The life of an embedded server, the same for both kinds: attach or start, recover, stop.

What MongoDB and PostgreSQL do differently is in `mongod.py` and `postgres.py`.
"""

import json
import re
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar, NamedTuple

import psutil

from txplatform.connectors.private_files import write_private
from txplatform.embedded import failures, processes
from txplatform.errors import ServerError
from txplatform.settings import Settings, child_environment

_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "TMPDIR")
_START_SECONDS = 120.0  # recovery after a crash comes first
_ATTACH_SECONDS = 20.0
_STOP_SECONDS = 30.0  # then by kill -9, which both kinds survive
_PORTS_TRIED = 5
_PORT_TAKEN = "address already in use"  # what most say, of whichever of their ports


@dataclass(frozen=True)
class Record:
    """What is remembered of a server between processes.

    Its port, its last process with that one's start (seconds since 1970), and the version that
    last used its data; 0 and "" before the first start. And whether `up` asked for it, so that it
    stays when the commands end that use it.
    """

    port: int = 0
    pid: int = 0
    started: float = 0.0
    version: str = ""
    is_kept: bool = False


class Started(NamedTuple):
    """The outcome of `ensure`: the new process (None: it ran before) and a line for a person."""

    pid: int | None
    line: str


@dataclass(frozen=True)
class ServerStatus:
    """A server as `doctor` shows it; its address holds no credentials.

    Of an external server only name and address are known: `is_running` is None, `data` too.
    """

    name: str
    version: str
    is_running: bool | None
    address: str
    data: Path | None
    pid: int | None


class Server(ABC):
    """One embedded server of one state folder; `ensure` and `stop` are called under its lock."""

    name: ClassVar[str]
    key: ClassVar[str]
    program_name: ClassVar[str]
    oldest: ClassVar[int]  # major version that the platform supports
    secret_names: ClassVar[tuple[str, ...]]
    alternatives: ClassVar[str]  # what to set where the embedded server cannot be used
    stop_signal: ClassVar[int] = signal.SIGTERM

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.data = settings.state / self.key
        self.log = settings.state / "servers" / f"{self.key}.log"
        self._record_file = self.log.with_suffix(".json")

    @property
    @abstractmethod
    def program(self) -> Path:
        """The server's program; ServerError if this platform has none."""

    @abstractmethod
    def prepare(self, version: str) -> None:
        """Make the data folder ready for a program; ServerError if it cannot be."""

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """The program and its arguments; never a password, which everybody could read."""

    @abstractmethod
    def is_ready(self, port: int) -> bool:
        """Whether the server lets us in; a new one is first told the generated password."""

    @abstractmethod
    def last_words(self, log: list[str]) -> str:
        """The line of its log that says why it ended."""

    def ensure(self) -> Started:
        """Attach to the server if it runs and answers, else start it."""
        running = self.running()
        if running and self.record.port and self._answers(running, _ATTACH_SECONDS):
            if self.record.pid != running.pid:
                self._remember_process(running)
            return Started(None, f"{self.name} {self.record.version} runs on {self._address}.")
        self.stop()
        return self._start()

    def stop(self) -> None:
        """Stop the server, also one whose parent was killed; nothing happens if none runs."""
        if running := self.running():
            processes.stop(running, self.stop_signal, _STOP_SECONDS)

    def keep(self, is_kept: bool) -> None:
        """Remember whether it stays when the commands end that use it."""
        if self.record.is_kept != is_kept:
            self._remember(replace(self.record, is_kept=is_kept))

    def running(self) -> psutil.Process | None:
        """The server's process, also if its parent was killed before it noted the pid."""
        return self.process() or next(iter(processes.search(self._is_command)), None)

    def process(self) -> psutil.Process | None:
        """The remembered process, if it still is this server."""
        record = self.record
        return processes.find(record.pid, record.started, str(self.data)) if record.pid else None

    @property
    def record(self) -> Record:
        """What is remembered; nothing if the file is missing or damaged."""
        try:
            return Record(**json.loads(self._record_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return Record()

    def status(self) -> ServerStatus:
        """What `doctor` shows of this server."""
        process = self.process()
        address, pid = (self._address, process.pid) if process else ("", None)
        version = self.record.version
        return ServerStatus(self.name, version, process is not None, address, self.data, pid)

    def port(self) -> int:
        """Port of the running server; ServerError if it does not run."""
        if self.process() is None:
            raise ServerError(
                f"The embedded {self.name} of {self.settings.state} is not running: start it with "
                "`txplatform up`."
            )
        return self.record.port

    def program_version(self) -> str:
        """Version of the program; ServerError if it does not run here or is too old."""
        try:
            command = [str(self.program), "--version"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise self.unusable(f"{self.program} does not run: {error.strerror}") from error
        found = re.search(r"\d[\d.]*", done.stdout)
        if done.returncode or not found:
            said = done.stderr.strip().partition("\n")[0] or f"exit code {done.returncode}"
            raise self.unusable(f"{self.program} does not run: {said}")
        if major(found[0]) < self.oldest:
            raise self.unusable(f"{self.program} is version {found[0]}, below {self.oldest}")
        return found[0]

    def unusable(self, reason: str) -> ServerError:
        """The sentence about a machine on which the program cannot be used."""
        return ServerError(f"No embedded {self.name} here ({reason}): {self.alternatives}.")

    def environment(self) -> Mapping[str, str]:
        """The little that a server inherits.

        Variables such as PGPORT would change it, and passwords are none of its business.
        """
        ours = child_environment()
        return {"LC_ALL": "C", **{name: ours[name] for name in _INHERITED if name in ours}}

    def secret_file(self, name: str) -> Path:
        """File of a generated password."""
        return self.settings.state / "secrets" / name

    def password(self, name: str) -> str:
        """A generated password; ServerError if it was lost."""
        found = self.kept(name)
        if not found:
            raise self.locked_out()
        return found

    def kept(self, name: str) -> str:
        """What the file of a generated password holds; nothing if it is gone or no text."""
        try:
            return self.secret_file(name).read_text(encoding="utf-8").rstrip("\r\n")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def locked_out(self) -> ServerError:
        """The sentence about data whose password is not at hand."""
        return ServerError(
            f"The embedded {self.name} cannot be entered with the passwords in "
            f"{self.secret_file(self.key).parent}: restore them, or run `txplatform down` and "
            f"remove {self.data} to begin anew without its data."
        )

    def _is_command(self, arguments: list[str]) -> bool:
        is_program = Path(arguments[0]).name.startswith(self.program_name)
        return is_program and str(self.data) in arguments

    @property
    def is_new(self) -> bool:
        """Whether there are no data yet."""
        return not self.data.is_dir() or not any(self.data.iterdir())

    @property
    def _address(self) -> str:
        return f"{processes.LOOPBACK}:{self.record.port}"

    def _start(self) -> Started:
        began, version = time.monotonic(), self.program_version()
        failures.require_space(self.data)
        if self.is_new:
            for name in self.secret_names:
                processes.secret(self.secret_file(name))
        self.prepare(version)
        process = self._launch()
        self._remember(replace(self.record, version=version))
        seconds = time.monotonic() - began
        line = f"{self.name} {version} is up on {self._address} ({seconds:.1f} s)."
        return Started(process.pid, line)

    def _launch(self) -> psutil.Process:
        for _ in range(_PORTS_TRIED):
            process = self._spawn()
            try:
                if self._answers(process, _START_SECONDS):
                    return process
            except BaseException:
                processes.stop(process, self.stop_signal, _STOP_SECONDS)
                raise
            processes.stop(process, self.stop_signal, _STOP_SECONDS)
            log = self.log.read_text(encoding="utf-8", errors="replace")
            if processes.is_free(self.record.port) and _PORT_TAKEN not in log.lower():
                break
        words = self.last_words(log.strip().splitlines())
        raise failures.did_not_start(self.name, self.data, self.log, words)

    def _spawn(self) -> psutil.Process:
        last = self.record.port
        port = last if last and processes.is_free(last) else processes.free_port()
        self._remember(replace(self.record, port=port, pid=0))
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        process = processes.spawn(self.command(port), self.environment(), self.log)
        self._remember_process(process)
        return process

    def _answers(self, process: psutil.Process, seconds: float) -> bool:
        port = self.record.port

        def is_decided() -> bool:
            return not processes.is_alive(process) or self.is_ready(port)

        return processes.wait_until(is_decided, seconds) and processes.is_alive(process)

    def _remember_process(self, process: psutil.Process) -> None:
        started = process.create_time()
        self._remember(replace(self.record, pid=process.pid, started=started))

    def _remember(self, record: Record) -> None:
        write_private(self._record_file, json.dumps(asdict(record)))


def major(version: str) -> int:
    """The first number of a version."""
    return int(version.partition(".")[0])
