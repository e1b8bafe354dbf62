"""The faults themselves: what each does to the servers and processes of an installation."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psutil
import psycopg2
from pymongo.errors import PyMongoError

from txplatform.embedded.connect import Connect
from txplatform_tests.faults.forked import Command
from txplatform_tests.faults.installation import APPLICATION, World
from txplatform_tests.faults.proxy import CuttingProxy

STOPPED_SECONDS = 5.0
JAVA_SECONDS = 3.0
"""What a command needs its own Java for, at least."""
BLOCK, LAST_BYTES = 4_096, 4_000_000
SERVERS = ("MongoDB", "PostgreSQL")
ACTIVE = """
    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE state = 'active' AND application_name <> %s AND backend_type = 'client backend'
    AND datname = current_database()"""


@dataclass
class Scene:
    """What a fault is aimed at."""

    world: World
    random: Random
    victim: Command | None
    """The command under way; None where a controller decides."""
    is_over: Callable[[], bool]
    proxy: CuttingProxy | None = None
    undo: list[Callable[[], object]] = field(default_factory=list)
    """What ends the fault once the victim has ended."""


def kill_command(scene: Scene) -> bool:
    """Kill -9 of the command."""
    if scene.victim and not scene.is_over():
        scene.victim.send(signal.SIGKILL)
        return True
    return False


def kill_mongod(scene: Scene) -> bool:
    """Kill -9 of MongoDB."""
    return _kill(scene.world.pid("MongoDB"))


def kill_postgres(scene: Scene) -> bool:
    """Kill -9 of PostgreSQL's first process."""
    return _kill(scene.world.pid("PostgreSQL"))


def kill_jvm(scene: Scene) -> bool:
    """Kill -9 of the command's own Java, or of the warm Spark that it uses."""
    while scene.victim and not scene.is_over():
        if java := scene.victim.java():
            time.sleep(scene.random.uniform(0, JAVA_SECONDS))
            with suppress(psutil.NoSuchProcess):
                java.kill()
                return not scene.is_over()
            return False
        if warm := Connect(scene.world.settings).process():
            return _kill(warm.pid)
        time.sleep(0.01)
    return False


def stop_server(scene: Scene) -> bool:
    """SIGSTOP of MongoDB or PostgreSQL for five seconds."""
    pid = scene.world.pid(scene.random.choice(SERVERS))
    sessions = psutil.Process(pid).children()
    for process in (psutil.Process(pid), *sessions):
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    time.sleep(STOPPED_SECONDS)
    for process in (*sessions, psutil.Process(pid)):
        with suppress(psutil.NoSuchProcess):
            process.resume()
    return True


def cut_connection(scene: Scene) -> bool:
    """The proxy cuts by itself, in the middle of a COPY."""
    while scene.proxy and not scene.is_over():
        if scene.proxy.has_cut.wait(0.05):
            return True
    return bool(scene.proxy and scene.proxy.has_cut.is_set())


def fill_disk(scene: Scene) -> bool:
    """Fill the disk of the state folder; it has room again once the command has ended."""
    filler = scene.world.disk / "filler"
    scene.undo.append(filler.unlink)
    room = os.statvfs(scene.world.disk)
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - LAST_BYTES)
        file.seek(0, os.SEEK_END)
        while file.write(bytes(BLOCK)):
            pass
    return True


def cancel_statement(scene: Scene) -> bool:
    """Cancel whatever PostgreSQL or MongoDB is doing for the command."""
    ways = (_cancel_in_postgres, _kill_in_mongodb)
    cancel = scene.random.choice(ways) if scene.victim else _cancel_in_postgres
    return cancel(scene)


def _cancel_in_postgres(scene: Scene) -> bool:
    session = scene.world.postgres(is_superuser=True)
    try:
        with session.cursor() as cursor:
            while not scene.is_over():
                cursor.execute(ACTIVE, (APPLICATION,))
                if any(cancelled for (cancelled,) in cursor.fetchall()):
                    return True
    except psycopg2.Error:
        return False
    finally:
        session.close()
    return False


def _kill_in_mongodb(scene: Scene) -> bool:
    with scene.world.mongo() as client, suppress(PyMongoError):
        while not scene.is_over():
            for operation in _operations(client):
                client.admin.command("killOp", op=operation)
                return True
    return False


def _operations(client: Any) -> Iterator[int]:
    for one in client.admin.command("currentOp", active=True)["inprog"]:
        is_ours = one.get("ns", "").startswith("txplatform.")
        if is_ours and one.get("appName") != APPLICATION:
            yield one["opid"]


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
