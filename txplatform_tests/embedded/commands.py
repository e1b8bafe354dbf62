"""What the tests of embedded servers ask and do: settings, pids, purchases, commands of a shell."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient
from sqlalchemy import create_engine, text

from txplatform import embedded
from txplatform.connectors.private_files import private_folder
from txplatform.embedded.s3 import S3
from txplatform.settings import Settings, load_settings

UP = "embedded.up(settings)"
RUNNING = "with embedded.running(settings): print('ready', flush=True); time.sleep(60)"


def settings_of(state: Path, **others: object) -> Settings:
    """Settings with embedded servers below `state`, whatever the environment names."""
    servers = {"mongo_uri": None, "postgres_url": None, "dagster_postgres_url": None}
    return load_settings(state_dir=state, **{**servers, **others})


def pids(settings: Settings) -> list[int | None]:
    """Pids of MongoDB and PostgreSQL."""
    return [server.pid for server in embedded.status(settings)]


@contextmanager
def running_s3(folder: Path, *flags: str) -> Iterator[S3]:
    """An S3 server of its own for as long as the block runs; its bucket is `lake`."""

    class Flagged(S3):
        def command(self, port: int) -> list[str]:
            return [*super().command(port), *flags]

    server = Flagged(settings_of(folder, lake_url="embedded"))
    private_folder(server.log.parent)
    server.ensure()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def uninstalled(package: str) -> Iterator[None]:
    """As on a machine where a package is not installed: Python looks among loaded modules first."""
    loaded: dict[str, Any] = sys.modules
    assert package not in loaded
    loaded[package] = None
    try:
        yield
    finally:
        del loaded[package]


@contextmanager
def bystander(*before: str, seconds: str = "60") -> Iterator[subprocess.Popen[bytes]]:
    """A process that is no server; it ends with the test, however that ends."""
    with subprocess.Popen([*before, "sleep", seconds]) as process:
        try:
            yield process
        finally:
            process.kill()


def is_gone(pid: int | None) -> bool:
    """Whether a process has ended."""
    try:
        return pid is None or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def python(code: str, settings: Settings, *before: str) -> subprocess.Popen[str]:
    """Another command of the same state folder: `code` sees `settings`, `embedded` and `time`."""
    script = (
        "import sys, time; from txplatform import embedded; from txplatform.settings import *\n"
        "settings = load_settings(state_dir=sys.argv[1], mongo_uri=None, postgres_url=None)\n"
    )
    command = [*before, sys.executable, "-B", "-c", script + code, str(settings.state)]
    return subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # like a shell's job: a group of its own gets Ctrl-C
    )


def write_purchase(endpoints: embedded.Endpoints, number: int) -> None:
    """One acknowledged document and one committed row."""
    with MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        client["kept"]["purchases"].insert_one({"_id": number})
    engine = create_engine(endpoints.postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS purchases (number int PRIMARY KEY)"))
        connection.execute(text("INSERT INTO purchases VALUES (:number)"), {"number": number})
    engine.dispose()


def has_purchase(endpoints: embedded.Endpoints, number: int) -> bool:
    """Whether both servers still know a purchase."""
    with MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        document = client["kept"]["purchases"].find_one({"_id": number})
    engine = create_engine(endpoints.postgres_url)
    with engine.connect() as connection:
        found = text("SELECT number FROM purchases WHERE number = :number")
        row = connection.execute(found, {"number": number}).one_or_none()
    engine.dispose()
    return document is not None and row is not None
