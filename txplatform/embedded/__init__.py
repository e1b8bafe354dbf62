"""Real servers with no set-up below the state folder: MongoDB, PostgreSQL, S3; Java for Spark.

The demo's and the tests' ground. A server that the settings name is never started here.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from txplatform.embedded import processes
from txplatform.embedded.connect import Connect
from txplatform.embedded.failures import told_in_a_sentence
from txplatform.embedded.kafka import Kafka
from txplatform.embedded.mongod import Mongod
from txplatform.embedded.postgres import Postgres
from txplatform.embedded.processes import locked
from txplatform.embedded.s3 import BUCKET, S3
from txplatform.embedded.servers import Server, ServerStatus
from txplatform.errors import SettingsError
from txplatform.settings import Settings
from txplatform.settings.logins import Component, revealed

if TYPE_CHECKING:
    from txplatform.connectors.object_store import S3Access

__all__ = [
    "Endpoints",
    "ServerStatus",
    "down",
    "endpoints",
    "for_psycopg2",
    "lake",
    "mongo_uri",
    "postgres_url",
    "running",
    "status",
    "up",
]

Report = Callable[[str], object]


@dataclass(frozen=True, repr=False)
class Endpoints:
    """Addresses with credentials; the representation masks them.

    Those of PostgreSQL are for SQLAlchemy with psycopg2 (`postgresql+psycopg2://`).
    """

    mongo_uri: str
    postgres_url: str
    dagster_postgres_url: str

    def __repr__(self) -> str:
        masked = (f"{name}={_mask(value)!r}" for name, value in vars(self).items())
        return f"Endpoints({', '.join(masked)})"


def up(settings: Settings, report: Report = lambda line: None) -> Endpoints:
    """Start the embedded servers that do not run and attach to those that do.

    Args:
        settings: which servers are embedded, and where their data are.
        report: takes one line per server once it answers.

    Raises:
        ServerError: a server cannot be started; what this call started is stopped again.
    """
    if _embedded(settings):
        with told_in_a_sentence(settings.state), _lock(settings):
            _start(settings, report, is_kept=True)
    return endpoints(settings)


def down(settings: Settings) -> None:
    """Stop the embedded servers, also those whose parent was killed.

    Raises:
        ServerError: they belong to another user.
    """
    kinds = (Mongod, Postgres, S3, Connect, Kafka)
    servers: list[Server] = [kind(settings) for kind in kinds]
    with told_in_a_sentence(settings.state), _lock(settings), ThreadPoolExecutor() as pool:
        list(pool.map(lambda server: server.stop(), servers))
        for server in _embedded(settings):
            server.keep(False)


@contextmanager
def running(settings: Settings, report: Report = lambda line: None) -> Iterator[Endpoints]:
    """Have the servers up; whoever uses them last stops them, unless `up` had asked for them.

    A command that started them may end before another one does that found them running.
    """
    if not _embedded(settings):
        yield endpoints(settings)
        return
    using = ExitStack()
    try:
        with told_in_a_sentence(settings.state), _lock(settings):
            _start(settings, report)
            using.enter_context(processes.in_use(_users(settings)))
        yield endpoints(settings)
    finally:
        try:
            _leave(settings, using)
        except KeyboardInterrupt:
            _leave(settings, using)
            raise


def _leave(settings: Settings, using: ExitStack) -> None:
    """Use the servers no more, and stop them if nobody does."""
    with told_in_a_sentence(settings.state), _lock(settings):
        using.close()
        if processes.is_unused(_users(settings)):
            for server in _embedded(settings):
                if not server.record.is_kept:
                    server.stop()


def endpoints(settings: Settings) -> Endpoints:
    """The addresses: external ones as the settings give them, else those of running servers.

    They carry the owner's logins; where the settings know only those of parts, one of them.

    Raises:
        ServerError: an embedded server does not run.
    """
    mongo, postgres = _any(settings.mongo_uri_of), _any(settings.postgres_url_of)
    dagster = revealed(settings.dagster_postgres_url) or postgres
    with told_in_a_sentence(settings.state):
        return Endpoints(
            mongo or Mongod(settings).uri(),
            for_psycopg2(postgres or Postgres(settings).url("txplatform")),
            for_psycopg2(dagster or Postgres(settings).url("dagster")),
        )


def mongo_uri(settings: Settings, component: Component | None) -> str:
    """Address of MongoDB with a part's login (None: the owner's); raises as `postgres_url` does."""
    given = settings.mongo_uri_of(component)
    if given is None and not settings.is_mongo_embedded:
        raise _no_login("MONGO", component, "URI")
    with told_in_a_sentence(settings.state):
        return given or Mongod(settings).uri(component)


def postgres_url(settings: Settings, component: Component | None) -> str:
    """Address of PostgreSQL with a part's login (None: the owner's).

    Raises:
        ServerError: the embedded server does not run.
        SettingsError: the settings name a server, and not this login.
    """
    given = settings.postgres_url_of(component)
    if given is None and not settings.is_postgres_embedded:
        raise _no_login("POSTGRES", component, "URL")
    with told_in_a_sentence(settings.state):
        return for_psycopg2(given or Postgres(settings).url("txplatform", component))


def lake(settings: Settings) -> "tuple[str, S3Access]":
    """Address of the embedded lake and how to reach it; ServerError if it does not run."""
    with told_in_a_sentence(settings.state):
        return f"s3://{BUCKET}", S3(settings).access()


def _no_login(server: str, component: Component | None, kind: str) -> SettingsError:
    own = f"TXPLATFORM_{server}_{component.upper()}_{kind} or " if component else ""
    return SettingsError(f"{own}TXPLATFORM_{server}_{kind} is needed here and not set.")


def _any(address_of: Callable[[Component | None], str | None]) -> str | None:
    """The address that the settings give, the owner's before those of parts."""
    return next(filter(None, map(address_of, (None, *Component))), None)


def status(settings: Settings) -> list[ServerStatus]:
    """The servers as `up` shows them; external ones are not asked."""
    with told_in_a_sentence(settings.state):
        databases = [
            _external(server.name, url) if url else server.status()
            for server, url in (
                (Mongod(settings), _any(settings.mongo_uri_of)),
                (Postgres(settings), _any(settings.postgres_url_of)),
            )
        ]
        lakes = [S3(settings).status()] if settings.is_lake_embedded else []
        return [*databases, *lakes]


def _start(settings: Settings, report: Report, is_kept: bool = False) -> None:
    """Ensure the embedded servers, side by side; kept ones stay. Call it under the lock."""
    servers = _embedded(settings)
    for server in servers:
        if not server.process():
            server.program_version()
    _ensure(servers, report, is_kept)


def _ensure(servers: list[Server], report: Report, is_kept: bool) -> None:
    started: dict[Server, int] = {}

    def ensure(server: Server) -> str:
        pid, line = server.ensure()
        if pid:
            started[server] = pid
        if is_kept:
            server.keep(True)
        return line

    try:
        with ThreadPoolExecutor(len(servers)) as pool:
            for line in pool.map(ensure, servers):
                report(line)
    except BaseException:
        for server in started:
            server.stop()
            if is_kept:
                server.keep(False)
        raise


def _embedded(settings: Settings) -> list[Server]:
    kinds: dict[type[Server], bool] = {
        Mongod: settings.is_mongo_embedded,
        Postgres: settings.is_postgres_embedded,
        S3: settings.is_lake_embedded,
    }
    return [kind(settings) for kind, is_embedded in kinds.items() if is_embedded]


def _lock(settings: Settings) -> AbstractContextManager[None]:
    return locked(settings.state / "servers" / "lock")


def _users(settings: Settings) -> Path:
    """A file that every command holds open while it uses the servers."""
    return settings.state / "servers" / "users"


def _external(name: str, url: str) -> ServerStatus:
    address = re.sub(r"^.*?//(.*@)?([^/?]*).*$", r"\2", url)
    return ServerStatus(name, "", None, address, None, None)


def for_psycopg2(url: str) -> str:
    """The address with the driver that is installed."""
    # SQLAlchemy 2.1 reads a bare postgresql:// as psycopg 3, which is not installed.
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", url)


def _mask(url: str) -> str:
    in_query = re.sub(r"(?i)([?&][^=&]*(?:password|token)[^=&]*=)[^&]*", r"\1***", url)
    return re.sub(r"//.*@", "//***@", in_query)
