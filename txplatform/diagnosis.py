"""What `txplatform doctor` says: every setting, or one finding each with the remedy if it fails."""

import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypeVar

import psutil
from sqlalchemy import Engine, text

from txplatform import domains, embedded, migrations
from txplatform.connectors import mongo, postgres, server_errors
from txplatform.embedded import Endpoints
from txplatform.embedded.java import java_home
from txplatform.errors import PlatformError
from txplatform.settings import Setting, Settings, explain, variable_of
from txplatform.settings.domain import declared
from txplatform.settings.environment import variables
from txplatform.settings.reading import PREFIX, ReadSettings
from txplatform.settings.secret_files import SUFFIX

Result = TypeVar("Result")

OLDEST_PYTHON = (3, 11)
FREE_DISK_GB, FREE_MEMORY_GB = 2, 2
GIGABYTE = 1 << 30
UI_PORT = 3000
PACKAGES = ("txplatform", "dagster", "pyspark", "pymongo", "sqlalchemy", "pyarrow")


class Finding(NamedTuple):
    """One check: what it looked at, whether it is well, what it found, what to do if not."""

    subject: str
    is_ok: bool
    found: str
    remedy: str = ""


def settings_by_domain(settings: Settings) -> dict[str, list[Setting]]:
    """Every setting, secrets masked: the machine's under an empty name, then those of domains."""
    kinds = declared(domains.modules("settings"))
    of_domains = {name: list(explain(settings.of(kind))) for name, kind in kinds.items()}
    return {"": list(explain(settings)), **of_domains}


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check in the order in which a failure explains those below it."""
    yield _python()
    yield _packages()
    yield _of("java", lambda: _java_version(java_home(settings)))
    yield _disk(settings.state)
    yield _memory()
    yield _port()
    yield _settings()
    yield _secrets(settings.state)
    try:
        with embedded.running(settings) as endpoints:
            yield from _servers(endpoints)
    except PlatformError as error:
        yield Finding("servers", False, "not available", str(error))


def _of(subject: str, look: Callable[[], str]) -> Finding:
    """A finding from a look that raises the remedy."""
    try:
        return Finding(subject, True, look())
    except PlatformError as error:
        return Finding(subject, False, "not usable", str(error))


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "python",
        sys.version_info >= OLDEST_PYTHON,
        found,
        "Install Python 3.11 or newer and make the virtual environment again.",
    )


def _packages() -> Finding:
    return Finding("packages", True, ", ".join(f"{name} {version(name)}" for name in PACKAGES))


def _java_version(home: Path) -> str:
    command = [str(home / "bin" / "java"), "-version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return f"{said.splitlines()[0] if said else 'unknown version'} at {home}"


def _disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / GIGABYTE
    return Finding(
        "disk",
        free >= FREE_DISK_GB,
        f"{free:.1f} GB free for {folder}",
        f"Make room for at least {FREE_DISK_GB} GB, or set TXPLATFORM_STATE_DIR elsewhere.",
    )


def _memory() -> Finding:
    free = psutil.virtual_memory().available / GIGABYTE
    return Finding(
        "memory",
        free >= FREE_MEMORY_GB,
        f"{free:.1f} GB available",
        f"Close other programs: Spark and the servers take {FREE_MEMORY_GB} GB.",
    )


def _port() -> Finding:
    with socket.socket() as probe:
        is_taken = probe.connect_ex(("127.0.0.1", UI_PORT)) == 0
    note = f"{UI_PORT} is taken, the UI takes the next one" if is_taken else f"{UI_PORT} is free"
    return Finding("port of the UI", True, note)


def _settings() -> Finding:
    """Whether somebody sets what nobody reads: a misspelt name is silent otherwise."""
    kinds: tuple[type[ReadSettings], ...] = (
        Settings,
        *declared(domains.modules("settings")).values(),
    )
    known = {variable_of(kind, field) for kind in kinds for field in kind.model_fields}
    named = (name for name in variables() if name.startswith(PREFIX))
    unknown = sorted(name for name in named if name.removesuffix(SUFFIX) not in known)
    found = f"nobody reads {', '.join(unknown)}" if unknown else "every variable is one"
    return Finding("settings", True, found)


def _secrets(folder: Path) -> Finding:
    """Whether nobody but the owner can enter the state folder's secrets."""
    secrets = folder / "secrets"
    if not secrets.exists():
        return Finding("secrets", True, "none generated yet")
    open_to_others = [
        path.name
        for path in (secrets, *secrets.iterdir())
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    return Finding(
        "secrets",
        not open_to_others,
        f"others can read {', '.join(open_to_others)}" if open_to_others else "yours only",
        f"Run chmod -R go= {secrets}.",
    )


def _servers(endpoints: Endpoints) -> Iterator[Finding]:
    yield _of("mongodb", lambda: _mongo_version(endpoints.mongo_uri))
    yield _of("postgresql", lambda: _postgres_version(endpoints.postgres_url))
    yield _schema(endpoints.postgres_url)


def _mongo_version(uri: str) -> str:
    with mongo.connect(uri) as client:
        return str(client.server_info()["version"])


def _postgres_version(url: str) -> str:
    def look(engine: Engine) -> str:
        with engine.connect() as connection:
            return str(connection.execute(text("SHOW server_version")).scalar_one())

    return _with_engine(url, look)


def _schema(url: str) -> Finding:
    def look(engine: Engine) -> Finding:
        with engine.connect() as connection:
            current = migrations.current(connection)
        found = f"version {current or 'none yet'}"
        is_ok = current in (None, migrations.newest())
        return Finding("schema", is_ok, found, "Run txplatform status: it upgrades the schema.")

    try:
        return _with_engine(url, look)
    except PlatformError as error:
        return Finding("schema", False, "not readable", str(error))


def _with_engine(url: str, look: Callable[[Engine], Result]) -> Result:
    engine = postgres.connect(url)
    try:
        with server_errors.told_in_a_sentence():
            return look(engine)
    finally:
        engine.dispose()
