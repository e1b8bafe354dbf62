"""A backup of the embedded servers: whole, of one moment, and the way back to equal checksums."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from bson import encode
from pymongo import MongoClient
from sqlalchemy import create_engine, inspect, text

from txplatform import embedded
from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.spend import computation, measuring, publishing, tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.embedded import backup
from txplatform.embedded.mongod import Mongod
from txplatform.embedded.postgres import Postgres
from txplatform.errors import ServerError, UsageError
from txplatform.periods import mondays
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written
from txplatform_tests.domains.spend.alert_rows import raise_alerts, settle
from txplatform_tests.embedded.commands import pids, settings_of
from txplatform_tests.end_to_end import environments


def unheard(_done: int, _total: int) -> None:
    """Takes progress and tells nobody."""


class Installation(NamedTuple):
    """A state folder that held everything, its backup, and what was seen on the way."""

    settings: Settings
    copy: Path
    before: dict[str, str]
    after: dict[str, str]
    restored: dict[str, str]
    pids_after: list[int | None]
    told: list[tuple[int, int]]


def fill(platform: Platform, file: Path) -> None:
    """Purchases, refused rows, weeks, a lake, alerts and a decision."""
    write_sample(file, rows=400)
    arrival.take(platform, str(file), "delaware")
    first, last = measuring.span(platform.database) or (date.min, date.min)
    computed = computation.compute(platform, lambda: 1 / 0, mondays(first, last))  # type: ignore[arg-type,return-value]
    publishing.publish(platform.engine, computed, "a run")
    for week, table in computed.items():
        platform.lake.write("weekly_aggregates", f"{week}", table)
    raise_alerts(platform.engine, "alert_id\nodd")
    settle(platform.engine, "odd", State.ABUSIVE)
    sell(platform, file.parent)


def sell(platform: Platform, folder: Path) -> None:
    """A shop in a lake of its own, and its copies."""
    clients = written(folder / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France")
    achats = written(folder / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse")
    refresh.ingest(platform, [clients, achats], None)
    with refresh.engine_of(platform) as engine:
        refresh.compute(platform, engine, None, "a run")
    refresh.copy_to_mongo(platform)
    refresh.copy_to_postgres(platform)


def checksums(settings: Settings) -> dict[str, str]:
    """Of every collection, every table and both lakes: a checksum over all rows."""
    addresses = embedded.endpoints(settings)
    found = {}
    with MongoClient[dict[str, object]](addresses.mongo_uri) as client:
        database = client[settings.mongo_database]
        for name in database.list_collection_names():
            documents = database[name].find(sort=[("_id", 1)])
            found[name] = _sum(encode(one) for one in documents)
    for url in (addresses.postgres_url, addresses.dagster_postgres_url):
        engine = create_engine(url)
        with engine.connect() as connection:
            for schema in ("public", "commerce"):
                for name in inspect(engine).get_table_names(schema):
                    query = text(f'SELECT t::text FROM "{schema}"."{name}" t ORDER BY 1')  # noqa: S608
                    rows = connection.execute(query)
                    where = f"{engine.url.database}.{name}"
                    found[where] = _sum(str(row[0]).encode() for row in rows)
        engine.dispose()
    files = sorted(path for path in settings.lake.rglob("*") if path.is_file())
    store = open_lake(settings).store
    return {
        **found,
        "lake": _sum(path.read_bytes() for path in files),
        "s3": _sum(store.get(name) for name in store.names("")),
    }


def _sum(parts: Iterator[bytes]) -> str:
    total, count = hashlib.sha256(), 0
    for part in parts:
        total.update(part)
        count += 1
    return f"{count} {total.hexdigest()}"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that was backed up, destroyed while its servers ran, and restored."""
    folder = tmp_path_factory.mktemp("installation")
    settings, copy = settings_of(folder / "state", lake_url="embedded"), folder / "copy"
    with ended(settings):
        embedded.up(settings)
        platform = Platform(settings.having(SpendSettings, engine="mongo"))
        fill(platform, folder / "sample.csv")
        platform.close()
        before, told = checksums(settings), list[tuple[int, int]]()
        backup.backup(settings, copy, lambda *done: told.append(done))
        after, pids_after = checksums(settings), pids(settings)
        with lost(settings):
            backup.restore(settings, copy, unheard)
            embedded.up(settings)
        yield Installation(settings, copy, before, after, checksums(settings), pids_after, told)


@contextmanager
def ended(settings: Settings) -> Iterator[None]:
    """Servers that are down after the block, however it ends."""
    try:
        yield
    finally:
        embedded.down(settings)


@contextmanager
def lost(settings: Settings) -> Iterator[None]:
    """A state folder that is destroyed while its servers run: nobody finds them but by their pids.

    Restoring ends them; where that fails, nothing else would.
    """
    servers = [psutil.Process(pid) for pid in pids(settings) if pid]
    shutil.rmtree(settings.state)
    try:
        yield
    finally:
        for server in servers:
            if server.is_running():  # no other process that has its pid by now
                server.kill()


def txplatform(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the platform on the embedded servers of a state folder."""
    return subprocess.run(
        [sys.executable, "-m", "txplatform", *arguments],
        env=environments.clean(
            TXPLATFORM_STATE_DIR=str(settings.state), TXPLATFORM_LAKE=settings.lake_url or ""
        ),
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_something_to_lose(installation: Installation) -> None:
    names = {*tables.INDEXES, *(f"txplatform.{name}" for name in tables.metadata.tables)}

    assert names <= installation.before.keys()
    filled = ("weekly_transactions", "decisions", "sales_month", "refreshes")
    databases = (f"txplatform.{name}" for name in filled)
    for name in ("transactions", "gold_clients", *databases, "lake", "s3"):
        assert not installation.before[name].startswith("0 "), name


def test_a_backup_leaves_the_servers_up_and_the_data_alone(installation: Installation) -> None:
    assert None not in installation.pids_after
    assert installation.after == installation.before


def test_a_destroyed_state_folder_comes_back_to_equal_checksums(
    installation: Installation,
) -> None:
    assert installation.restored == installation.before


def test_nothing_is_left_beside_it_and_progress_was_told(installation: Installation) -> None:
    beside = {path.name for path in installation.copy.parent.iterdir()}
    done, total = installation.told[-1]

    assert beside == {"state", "copy", "sample.csv", "clients.csv", "achats.csv"}
    assert 0 < done == total


def test_only_the_owner_reads_a_backup(installation: Installation) -> None:
    folders = (installation.copy, installation.copy / "mongo", installation.copy / "secrets")

    assert [oct(path.stat().st_mode & 0o777) for path in folders] == ["0o700"] * 3
    secrets = [path for path in (installation.copy / "secrets").iterdir() if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in secrets} == {"0o600"}


def test_nothing_is_overwritten(installation: Installation) -> None:
    with pytest.raises(UsageError, match=r"copy is there already .*: say a new folder"):
        backup.backup(installation.settings, installation.copy, unheard)
    with pytest.raises(UsageError, match=r"x lies in the state folder and would be lost with it"):
        backup.backup(installation.settings, installation.settings.state / "x", unheard)
    with pytest.raises(UsageError, match=r"state is there already .*: move it away"):
        backup.restore(installation.settings, installation.copy, unheard)
    for command in ("backup", "restore"):
        done = txplatform(installation.settings, command, str(installation.copy))
        assert (done.returncode, done.stdout) == (2, "")
        assert "is there already and would be overwritten" in done.stderr


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A backup of a few bytes."""
    copy = tmp_path / "copy"
    files = {}
    for name in ("secrets/postgres", "lake/a/b.parquet"):
        (copy / name).parent.mkdir(parents=True)
        (copy / name).write_text(name)
        files[name] = (len(name), hashlib.sha256(name.encode()).hexdigest())
    manifest = {"made_at": "2026-11-25", "txplatform": "0.1.0", "files": files}
    (copy / backup.MANIFEST).write_text(json.dumps(manifest))
    return copy


@pytest.mark.parametrize("harm", ["altered", "missing"])
def test_a_damaged_backup_restores_nothing(harm: str, small: Path, tmp_path: Path) -> None:
    file = small / "secrets" / "postgres"
    if harm == "altered":
        file.write_text("x" * len(file.read_text()))
    else:
        file.unlink()

    with pytest.raises(ServerError, match="secrets/postgres is not what was backed up on 2"):
        backup.restore(settings_of(tmp_path / "state"), small, unheard)

    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


@pytest.mark.parametrize("name", ["../outside", "/etc/outside"])
def test_a_backup_writes_nowhere_else(name: str, small: Path, tmp_path: Path) -> None:
    """Catches: a folder from others whose list leads out of the state folder."""
    manifest = json.loads((small / backup.MANIFEST).read_text())
    manifest["files"][name] = manifest["files"]["secrets/postgres"]
    (small / backup.MANIFEST).write_text(json.dumps(manifest))

    with pytest.raises(UsageError, match="is no backup"):
        backup.restore(settings_of(tmp_path / "state"), small, unheard)

    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_what_is_no_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no backup: name a folder that `txplatform backup`"):
        backup.restore(settings_of(tmp_path / "state"), tmp_path, unheard)


def test_a_destination_that_cannot_be_written_leaves_the_servers_up(
    installation: Installation,
) -> None:
    with pytest.raises(ServerError, match=r"/proc/copy cannot be written .*: nothing was left"):
        backup.backup(installation.settings, Path("/proc/copy"), unheard)

    assert None not in pids(installation.settings)


def test_servers_of_ones_own_have_tools_of_their_own(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "state", mongo_uri="mongodb://db/", postgres_url="")

    with pytest.raises(UsageError, match=r"MongoDB \(mongodump, mongorestore\); docs/operations"):
        backup.backup(settings, tmp_path / "copy", unheard)
    with pytest.raises(UsageError, match="docs/operations"):
        backup.restore(settings, tmp_path / "copy", unheard)


def test_without_data_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="There is nothing to back up"):
        backup.backup(settings_of(tmp_path / "state"), tmp_path / "copy", unheard)


def test_a_lake_that_lies_elsewhere_goes_back_there(small: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "state", lake_dir=tmp_path / "lake")

    backup.restore(settings, small, unheard)

    assert (tmp_path / "lake" / "a" / "b.parquet").read_text() == "lake/a/b.parquet"
    assert not (tmp_path / "state" / "lake").exists()


def test_no_process_is_named_in_a_backup(installation: Installation) -> None:
    for server in (Mongod(installation.settings), Postgres(installation.settings)):
        record = json.loads((installation.copy / "servers" / f"{server.key}.json").read_text())
        assert (record["pid"], record["version"]) == (0, server.record.version)
    assert not (installation.copy / "postgres" / "postmaster.pid").exists()
