"""Superset as an embedded server: loopback only, its own database, one administrator.

It runs in its own environment and is no part of `txplatform up`: whoever wants it says `bi up`.
"""

import hashlib
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import psutil

from txplatform.bi import environment
from txplatform.bi.client import Client
from txplatform.bi.databases import database_url
from txplatform.connectors.private_files import private_folder, write_private
from txplatform.embedded import failures, processes
from txplatform.embedded.servers import Server, ServerStatus, Started
from txplatform.errors import ServerError, UsageError
from txplatform.settings import Settings, child_environment
from txplatform.settings.logins import revealed

ADMIN = "admin"
HOSTS = (processes.LOOPBACK, "0.0.0.0")  # noqa: S104 - for a proxy in another container
PORT = 8088
THREADS = 8
HEALTH_SECONDS = 5.0
DATABASE = "TXPLATFORM_SUPERSET_DATABASE"
"""The variable that tells Superset its own database's address."""

_FOLDER = Path(__file__).parent


class Superset(Server):
    """Superset under gunicorn: one process with a few threads."""

    name = "Superset"
    key = "superset"
    program_name = "python"
    oldest = 6
    secret_names = ("superset", "superset-admin")
    alternatives = "TXPLATFORM_SUPERSET_ENVIRONMENT names the folder of its environment"

    def __init__(self, settings: Settings, port: int | None = None, host: str = "") -> None:
        """A server on a port and one of `HOSTS`; without them where it listens, or did last."""
        super().__init__(settings)
        self.wanted, self.host = port, host or processes.LOOPBACK
        self._place = f"{host}:" if host else ":"
        self._lock = self.log.with_suffix(".lock")

    @property
    def program(self) -> Path:
        """Python of Superset's environment; ServerError if there is none."""
        return environment.python(self.settings)

    def program_version(self) -> str:
        """The version of the lock that the environment was made from."""
        environment.python(self.settings)
        return environment.version()

    @property
    def password_file(self) -> Path:
        """File of the administrator's generated password."""
        return self.secret_file("superset-admin")

    @property
    def memory(self) -> Path:
        """File of what was applied to it last."""
        return self.data / "applied.json"

    def locked_out(self) -> ServerError:
        """The sentence about a generated password that is not at hand."""
        lost = next((one for one in self.secret_names if not self.kept(one)), "superset-admin")
        file, remedy = self.secret_file(lost), "run `txplatform bi down` and `txplatform bi up`"
        if file.exists():
            return ServerError(
                f"{file} holds no password: restore it, or remove it and {remedy} for a new one."
            )
        return ServerError(f"{file} is gone: restore it, or {remedy} for a new one.")

    def wait(self) -> None:
        """Stay while it runs; Ctrl-C, or a service that is stopped, stops it.

        What another command started in its place, such as on another port, is that command's.
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        own = self.process()
        with suppress(KeyboardInterrupt):
            while own and processes.is_alive(own):
                time.sleep(1)
        with self.locked():
            if own and own == self.process():
                self.stop()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one command that starts or stops it; what the system refuses is a ServerError."""
        with failures.told_in_a_sentence(self.settings.state), processes.locked(self._lock):
            yield

    def status(self) -> ServerStatus:
        """As for every server; ServerError if the state folder cannot be used."""
        with failures.told_in_a_sentence(self.settings.state):
            return super().status()

    def address(self) -> str:
        """Where the running server is; ServerError if it does not run."""
        return f"http://{processes.LOOPBACK}:{self.port()}"

    def port(self) -> int:
        """Port of the running server; ServerError if it does not run."""
        if self.process() is None:
            raise ServerError(
                f"Superset of {self.settings.state} is not running: start it with "
                "`txplatform bi up`."
            )
        return self.record.port

    def ensure(self) -> Started:
        """As for every server, on the port that was asked for.

        Raises:
            ServerError: it is taken by another program, or the database is away.
            UsageError: the host is none of `HOSTS`.
        """
        if self.host not in HOSTS:
            raise UsageError(f"--host {self.host} is none of {' and '.join(HOSTS)}: say one.")
        if (running := self.running()) and not self._is_as_asked(running):
            if self.wanted and self.wanted != self.record.port:
                _require_free(self.wanted)
            self.stop()
        if not self.running():
            self._take_port()
        return super().ensure()

    def _is_as_asked(self, running: psutil.Process) -> bool:
        """Whether it listens where it should, and knows where PostgreSQL is by now."""
        place = f"{self._place}{self.wanted or self.record.port}"
        listens = any(one.endswith(place) for one in running.cmdline())
        return listens and _database_of(running) == database_url(self.settings)

    def require_database(self) -> None:
        """ServerError if it runs on an address of PostgreSQL that is no more: it would only wait.

        An embedded PostgreSQL comes back on another port when its own is taken meanwhile.
        """
        running = self.process()
        if running and _database_of(running) != database_url(self.settings):
            raise ServerError(
                "PostgreSQL has another address than when Superset started: `txplatform bi up` "
                "starts it anew."
            )

    def prepare(self, version: str) -> None:  # noqa: ARG002 - the mark knows the lock
        """Migrate Superset's database and set the administrator's password, where needed."""
        private_folder(self.data)
        is_new = [not self.secret_file(name).exists() for name in self.secret_names]
        if is_new[0]:
            self.memory.unlink(missing_ok=True)  # with the key Superset forgets its connections
        for file in map(self.secret_file, self.secret_names):
            processes.secret(file)
        secrets = [self.password(name) for name in self.secret_names]
        mark = self._mark(secrets)
        file = self.data / "prepared"
        if any(is_new) or not file.exists() or file.read_text(encoding="utf-8") != mark:
            self._prepare_database(secrets[1])
            write_private(file, mark)

    def command(self, port: int) -> list[str]:
        """Gunicorn on loopback, waiting for the answers of slow queries."""
        options = ["--bind", f"{self.host}:{port}", "--workers", "1", "--threads", str(THREADS)]
        options += ["--timeout", "120", "--worker-class", "gthread", "--chdir", str(self.data)]
        options += ["--no-control-socket", "--access-logfile", "/dev/null"]
        return [str(self.program), "-m", "gunicorn", *options, "superset.app:create_app()"]

    def is_ready(self, port: int) -> bool:
        """Whether Superset says that it is well."""
        try:
            answer = httpx.get(f"http://{processes.LOOPBACK}:{port}/health", timeout=HEALTH_SECONDS)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def last_words(self, log: list[str]) -> str:
        """The last line that tells of an error."""
        errors = [line for line in log if "Error" in line or "error" in line]
        return next(reversed(errors or log), "")

    def environment(self) -> Mapping[str, str]:
        """Where its configuration and its database are, and with which key cookies are signed."""
        own = {
            "SUPERSET_CONFIG_PATH": str(_FOLDER / "superset_config.py"),
            "SUPERSET_HOME": str(self.data),
            "PYTHONWARNINGS": "ignore",
            "FLASK_APP": "superset.app:create_app()",
            "TXPLATFORM_SUPERSET_SECRET": self.password("superset"),
            DATABASE: database_url(self.settings),
            "TXPLATFORM_SUPERSET_PROXY": "" if self.host == processes.LOOPBACK else "1",
        }
        return {**super().environment(), "LC_ALL": "C.UTF-8", **own}

    def _take_port(self) -> None:
        port = self.wanted or self.record.port or PORT
        _require_free(port)
        private_folder(self.log.parent)
        self._remember(replace(self.record, port=port))

    def _mark(self, secrets: list[str]) -> str:
        """Changes with the lock, the secrets, and the database but for its port and password."""
        given = revealed(self.settings.superset_postgres_url) or f"@{self.settings.state}"
        parts = [environment.version(), given.rpartition("@")[2], *secrets]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _prepare_database(self, password: str) -> None:
        done = subprocess.run(
            [str(self.program), str(_FOLDER / "superset_prepare.py")],
            env={**child_environment(), **self.environment()},
            cwd=self.data,
            input=f"{password}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        write_private(self.log.with_suffix(".prepare.log"), done.stdout + done.stderr)
        if done.returncode:
            said = self.last_words(done.stderr.strip().splitlines())
            log = self.log.with_suffix(".prepare.log")
            raise failures.did_not_start(self.name, self.data, log, said)


def _database_of(running: psutil.Process) -> str | None:
    return running.environ().get(DATABASE)


def _require_free(port: int) -> None:
    if not processes.is_free(port):
        raise ServerError(
            f"Port {port} is taken by another program: end that, or say another one "
            f"(`txplatform bi up --port {port + 1}`)."
        )


@contextmanager
def administrator(server: Superset) -> Iterator[Client]:
    """The API of the running server as its administrator.

    Raises:
        ServerError: Superset does not run, or not on the PostgreSQL of now, or somebody changed
            the administrator's password.
    """
    remedy = (
        f"write the one that was set in Superset into {server.password_file}, or remove that file "
        "and run `txplatform bi down` and `txplatform bi up` for a new one."
    )
    server.require_database()
    client = Client(server.address(), ADMIN, server.password("superset-admin"), remedy)
    try:
        yield client
    finally:
        client.close()
