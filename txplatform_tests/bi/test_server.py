"""Superset's environment and server: what is said when a part of it is missing."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from txplatform.bi import databases, environment
from txplatform.bi.server import Superset
from txplatform.connectors.private_files import private_folder
from txplatform.embedded import processes
from txplatform.errors import PlatformError, ServerError, SettingsError, UsageError
from txplatform.settings import Settings, load_settings
from txplatform_tests.cli.commands import Command


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """An installation without Superset's environment, on servers that nothing started."""
    return load_settings(
        state_dir=tmp_path / "state",
        superset_environment=tmp_path / "superset",
        mongo_uri=None,
        postgres_url=None,
        superset_postgres_url=None,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as listener:
        listener.bind((processes.LOOPBACK, 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def installed(settings: Settings) -> Path:
    """Make the folder look like an installed environment of this lock."""
    place = environment.folder(settings)
    place.mkdir(parents=True)
    (place / environment.STAMP).write_text(environment._digest(), encoding="utf-8")
    return place


def test_the_lock_pins_superset_and_everything_with_a_hash() -> None:
    lines = environment.LOCK.read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line and line[0].isalnum()]

    assert environment.version() == "6.1.0"
    assert len(entries) > 100
    assert all("==" in entry for entry in entries)
    assert sum("--hash=sha256:" in line for line in lines) >= len(entries)
    assert not any("://" in line for line in lines if not line.startswith("#"))


def test_no_environment_is_one_sentence(own: Settings) -> None:
    with pytest.raises(ServerError, match=r"There is no environment of Superset 6\.1\.0 in .*`txp"):
        environment.python(own)
    with pytest.raises(ServerError, match="There is no environment"):
        Superset(own, processes.free_port()).ensure()


def test_an_environment_of_another_lock_does_not_count(own: Settings) -> None:
    place = installed(own)
    assert environment.python(own) == place / "bin" / "python"

    (place / environment.STAMP).write_text("another lock", encoding="utf-8")

    with pytest.raises(ServerError, match="There is no environment"):
        environment.python(own)


def test_one_that_is_there_is_not_installed_again(own: Settings) -> None:
    """Nor locked: in an image the folder around it is somebody else's."""
    place = installed(own)
    said: list[str] = []

    assert environment.ensure(own, said.append) == environment.python(own)
    assert said == []
    assert list(place.parent.glob("*.lock")) == []


def test_without_a_setting_it_lies_beside_the_platforms_own() -> None:
    assert environment.folder(load_settings(superset_environment=None)) == (
        Path(sys.prefix).parent / ".venv-superset"
    )


@pytest.mark.bi
def test_a_registry_that_cannot_be_reached_is_one_sentence(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")

    with pytest.raises(ServerError, match=r"cannot be installed into .* registry is reachable"):
        environment.ensure(own, lambda line: None)
    with pytest.raises(ServerError, match="There is no environment"):
        environment.python(own)


def test_a_taken_port_is_one_sentence(own: Settings, taken_port: int) -> None:
    installed(own)

    with pytest.raises(ServerError, match=f"Port {taken_port} is taken by another program"):
        Superset(own, taken_port).ensure()


def test_a_host_that_it_cannot_be_asked_on_is_one_sentence(own: Settings) -> None:
    with pytest.raises(UsageError, match=r"nonsense is none of 127\.0\.0\.1 and 0\.0\.0\.0"):
        Superset(own, host="nonsense").ensure()


@pytest.mark.parametrize("verb", ["status", "down", "apply"])
def test_a_state_folder_that_is_none_is_one_sentence(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(tmp_path / "file"))

    assert "The state folder" in str(command("bi", verb).error)


def test_a_superset_that_does_not_run_is_one_sentence(own: Settings) -> None:
    with pytest.raises(ServerError, match="is not running: start it with `txplatform bi up`"):
        Superset(own).address()


def test_a_database_that_is_away_is_one_sentence(own: Settings) -> None:
    with pytest.raises(ServerError, match=r"The embedded PostgreSQL of .* is not running"):
        databases.database_url(own)
    with pytest.raises(ServerError, match="is not running"):
        databases.reader(own)


def test_superset_never_gets_the_owners_login() -> None:
    own = load_settings(postgres_url="postgresql://owner:secret@127.0.0.1:9/txplatform")

    with pytest.raises(SettingsError, match="TXPLATFORM_POSTGRES_BI_URL is not set"):
        databases.reader(own)
    with pytest.raises(SettingsError, match="TXPLATFORM_SUPERSET_POSTGRES_URL is not set"):
        databases.database_url(own)


def test_the_command_of_the_server_holds_no_password(own: Settings) -> None:
    installed(own)
    superset = Superset(own, 8088)
    secrets = [processes.secret(superset.secret_file(name)) for name in superset.secret_names]

    command = superset.command(8088)

    assert command[:3] == [str(environment.python(own)), "-m", "gunicorn"]
    assert f"{processes.LOOPBACK}:8088" in command
    assert not any(secret in word for word in command for secret in secrets)
    assert superset._is_command(command)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "superset-admin is gone: restore it, or run `txplatform bi down` and"),
        (b"", "superset-admin holds no password: restore it, or remove it and run"),
        (b"\n", "superset-admin holds no password: restore it, or remove it and run"),
        (b"\x80\xff\x00", "superset-admin holds no password: restore it, or remove it and run"),
    ],
)
def test_a_password_file_without_a_password_is_one_sentence(
    own: Settings, content: bytes | None, sentence: str
) -> None:
    superset = Superset(own)
    for name in superset.secret_names:
        processes.secret(superset.secret_file(name))
    superset.password_file.unlink()
    if content is not None:
        superset.password_file.write_bytes(content)

    with pytest.raises(ServerError) as raised:
        superset.password("superset-admin")

    assert sentence in str(raised.value)


def test_a_password_file_that_somebody_edited_ends_with_a_newline(own: Settings) -> None:
    superset = Superset(own)
    password = processes.secret(superset.password_file)
    superset.password_file.write_text(f"{password}\r\n", encoding="utf-8")

    assert superset.password("superset-admin") == password


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("bi", "apply"), "is not running"),
        (("bi", "pull"), "is not running"),
        (("bi", "analyst", "ada"), "is not running"),
        (("bi", "analyst", "ada", "--only", "department"), "is not running|is not COLUMN=VALUE"),
    ],
)
def test_commands_without_a_server_are_one_sentence(
    own: Settings,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(own.state))

    error = command(*arguments).error

    assert isinstance(error, PlatformError)
    assert any(part in str(error) for part in sentence.split("|"))


def test_status_and_down_say_that_it_does_not_run(
    own: Settings, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(own.state))

    assert command("bi", "status").lines == [
        "Superset is not running: `txplatform bi up` starts it."
    ]
    assert command("bi", "status", "--json").json["is_running"] is False
    assert command("bi", "down").lines == ["Superset is stopped."]


STAYING = """
import sys
from pathlib import Path
from txplatform.bi.server import Superset
from txplatform.settings import load_settings
server = Superset(load_settings(state_dir=Path(sys.argv[1])))
print("ready", flush=True)
server.wait()
"""


def started(server: Superset) -> psutil.Process:
    """A process that is remembered as the server's."""
    private_folder(server.log.parent)
    process = processes.spawn(["/bin/sleep", "60"], {}, server.log)
    server._remember_process(process)
    return process


@contextmanager
def staying(server: Superset) -> Iterator[subprocess.Popen[str]]:
    """A command that stays with the server."""
    command = [sys.executable, "-c", STAYING, str(server.settings.state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.5)
            yield process
        finally:
            process.kill()


def test_who_stays_with_a_server_stops_it(own: Settings) -> None:
    server = Superset(own)
    process = started(server)

    with staying(server) as command:
        command.send_signal(signal.SIGTERM)
        assert command.wait(10) == 0

    assert not processes.is_alive(process)


def test_who_stays_with_a_server_leaves_the_one_that_took_its_place(own: Settings) -> None:
    server = Superset(own)
    first = started(server)

    with staying(server) as command:
        second = started(server)
        first.kill()
        assert command.wait(10) == 0

    assert processes.is_alive(second)
    second.kill()
