"""A copy of everything that the embedded servers keep, and the way back from it.

Both servers stop while their files are copied, so the copy is one moment of the purchases, the
table, the decisions and Dagster's history together. Every file is kept with its checksum.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from txplatform import __version__
from txplatform.connectors.private_files import private_folder, write_private
from txplatform.embedded import processes
from txplatform.embedded.failures import told_in_a_sentence
from txplatform.embedded.mongod import Mongod
from txplatform.embedded.postgres import Postgres
from txplatform.embedded.s3 import S3
from txplatform.embedded.servers import Server
from txplatform.errors import ServerError, UsageError
from txplatform.settings import Settings

MANIFEST = "backup.json"
CHUNK = 1 << 20
DATABASES: tuple[type[Server], ...] = (Mongod, Postgres)
SERVERS: tuple[type[Server], ...] = (*DATABASES, S3)
FOLDERS = ("mongo", "postgres", "s3", "secrets", "dagster")
LEFT_OUT = frozenset({"postmaster.pid", "postmaster.opts", "mongod.lock"})
"""What names a running process."""

Progress = Callable[[int, int], object]
"""Told how many bytes of how many are copied."""


class Copied(NamedTuple):
    """What a backup or a restoration copied."""

    folder: Path
    files: int
    size_bytes: int
    made_at: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: by file its size in bytes and its SHA-256."""

    made_at: str
    txplatform: str
    files: dict[str, tuple[int, str]]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(size for size, _ in self.files.values())

    def copied(self, folder: Path) -> Copied:
        """In numbers."""
        return Copied(folder, len(self.files), self.size_bytes, self.made_at)


def backup(settings: Settings, destination: Path, on_progress: Progress) -> Copied:
    """Copy the servers' data, the passwords, the lake and Dagster's home into a new folder.

    Servers that run are stopped for as long as it takes, and started again.

    Raises:
        UsageError: the servers are external ones, or the destination is there already, or lies
            in the state folder.
        ServerError: there is nothing to back up, or the destination cannot be written.
    """
    _require_embedded(settings)
    target = _require_free(destination, "say a new folder")
    if target.is_relative_to(settings.state.resolve()):
        raise UsageError(
            f"{target} lies in the state folder and would be lost with it: say a folder elsewhere."
        )
    servers = _servers(settings)
    with told_in_a_sentence(settings.state):
        if any(kind(settings).is_new for kind in DATABASES):
            raise ServerError(
                f"There is nothing to back up: {settings.state} holds no data of embedded servers."
            )
        lock = processes.locked(settings.state / "servers" / "lock")
        with lock, _stopped(servers), _draft(target) as draft:
            manifest = _copy_parts(settings, draft, on_progress)
    return manifest.copied(target)


def restore(settings: Settings, source: Path, on_progress: Progress) -> Copied:
    """Make a state folder from a backup; there is none before, or an empty one.

    Raises:
        UsageError: the servers are external ones, the state folder holds something, or the source
            is no backup.
        ServerError: a file of the backup is missing or damaged, or the folder cannot be written.
    """
    _require_embedded(settings)
    manifest = _manifest(source)
    state = _require_free(settings.state, "move it away, or set TXPLATFORM_STATE_DIR to another")
    lake = settings.lake
    is_lake_apart = not lake.is_relative_to(state)
    if is_lake_apart:
        _require_free(lake, "move it away, or set TXPLATFORM_LAKE_DIR to another")
    with told_in_a_sentence(state):
        for server in _servers(settings):
            server.stop()  # one whose folder was removed while it ran
    with _draft(state) as draft:
        _copy_back(source, draft, manifest, on_progress)
        if is_lake_apart and (draft / "lake").exists():
            shutil.copytree(draft / "lake", lake, dirs_exist_ok=True)
            shutil.rmtree(draft / "lake")
    return manifest.copied(state)


def _servers(settings: Settings) -> tuple[Server, ...]:
    return tuple(kind(settings) for kind in SERVERS)


def _require_embedded(settings: Settings) -> None:
    own = []
    if not settings.is_mongo_embedded:
        own.append("MongoDB (mongodump, mongorestore)")
    if not settings.is_postgres_embedded:
        own.append("PostgreSQL (pg_dump, pg_restore)")
    if own:
        raise UsageError(
            f"Only embedded servers are backed up here, and yours have tools of their own: "
            f"{' and '.join(own)}; docs/operations.md says how."
        )


def _require_free(folder: Path, remedy: str) -> Path:
    """The folder as an absolute path, which is not there or empty."""
    path = folder.expanduser().resolve()
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(f"{path} is there already and would be overwritten: {remedy}.")
    return path


def _manifest(source: Path) -> Manifest:
    with suppress(OSError, ValueError, TypeError):
        found = Manifest(**json.loads((source / MANIFEST).read_text(encoding="utf-8")))
        if all(map(_is_inside, found.files)):
            return found
    raise UsageError(f"{source} is no backup: name a folder that `txplatform backup` has made.")


def _is_inside(name: str) -> bool:
    """Whether a file of a list cannot lie outside of the folder that has the list."""
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


@contextmanager
def _stopped(servers: tuple[Server, ...]) -> Iterator[None]:
    running = [server for server in servers if server.running()]
    for server in servers:
        server.stop()
    try:
        yield
    finally:
        for server in running:
            server.ensure()


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder beside the target that takes its place at the end, or is gone."""
    draft = target.with_name(f".{target.name}.unfinished")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft)
        yield draft
        os.sync()
        draft.rename(target)
    except OSError as error:
        raise ServerError(
            f"{target} cannot be written ({error.strerror}): nothing was left there; make room, "
            "or choose another disk."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _parts(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every file of the installation with its name in a backup."""
    state = settings.state
    folders = {name: state / name for name in FOLDERS}
    for part, folder in {**folders, "lake": settings.lake}.items():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in LEFT_OUT and not path.is_symlink():
                yield f"{part}/{path.relative_to(folder)}", path


def _copy_parts(settings: Settings, draft: Path, on_progress: Progress) -> Manifest:
    found = dict(_parts(settings))
    total, done = sum(path.stat().st_size for path in found.values()), 0
    files = {}
    _copy_folders(settings, draft)
    for name, path in found.items():
        files[name] = _copy(path, draft / name)
        done += files[name][0]
        on_progress(done, total)
    for server in _servers(settings):
        record = replace(server.record, pid=0, started=0.0)
        name = f"servers/{server.key}.json"
        private_folder(draft / "servers")
        (draft / name).write_text(json.dumps(asdict(record)), encoding="utf-8")
        files[name] = _measured(draft / name)
    manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), __version__, files)
    write_private(draft / MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _copy_folders(settings: Settings, draft: Path) -> None:
    """Empty folders matter to PostgreSQL, and so do the owner and the mode of each."""
    for part in FOLDERS:
        folder = settings.state / part
        for path in (folder, *(one for one in sorted(folder.rglob("*")) if one.is_dir())):
            if path.is_dir():
                (draft / part / path.relative_to(folder)).mkdir(parents=True)
                _copy_owner(path, draft / part / path.relative_to(folder))


def _copy_back(source: Path, draft: Path, manifest: Manifest, on_progress: Progress) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_dir():
            (draft / path.relative_to(source)).mkdir()
            _copy_owner(path, draft / path.relative_to(source))
    done = 0
    for name, expected in manifest.files.items():
        if not (source / name).is_file() or _copy(source / name, draft / name) != tuple(expected):
            raise ServerError(
                f"{source / name} is not what was backed up on {manifest.made_at}: take another "
                "backup; nothing was restored."
            )
        done += expected[0]
        on_progress(done, manifest.size_bytes)


def _copy(path: Path, target: Path) -> tuple[int, str]:
    """Copy a file with its owner and mode; its size in bytes and SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    checksum, size = hashlib.sha256(), 0
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(CHUNK):
            size += copy.write(chunk)
            checksum.update(chunk)
    _copy_owner(path, target)
    return size, checksum.hexdigest()


def _measured(path: Path) -> tuple[int, str]:
    content = path.read_bytes()
    return len(content), hashlib.sha256(content).hexdigest()


def _copy_owner(path: Path, target: Path) -> None:
    state = path.stat()
    if os.geteuid() == 0:
        os.chown(target, state.st_uid, state.st_gid)
    target.chmod(state.st_mode & 0o7777)
