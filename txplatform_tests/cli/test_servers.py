"""`up` and `down`: servers that stay, are found again, and stop."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from txplatform import embedded
from txplatform.embedded import backup
from txplatform.errors import PlatformError
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests.cli.commands import Command


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An installation that was never started; whatever runs at the end is stopped."""
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(tmp_path / "a state folder"))
    for name in ("TXPLATFORM_MONGO_URI", "TXPLATFORM_POSTGRES_URL"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    yield settings
    embedded.down(settings)


def test_servers_stay_up_until_down(command: Command, bare: Settings) -> None:
    first = command("up", "--json")
    again = command("up")

    assert first.error is None
    servers = first.json
    assert [server["name"] for server in servers] == ["MongoDB", "PostgreSQL"]
    assert all(psutil.pid_exists(server["pid"]) for server in servers)
    assert again.lines[0].split() == ["server", "version", "address", "data"]
    for server, line in zip(servers, again.lines[1:], strict=True):
        assert server["name"] in line
        assert server["version"] in line
        assert server["address"] in line, "the second `up` found the servers of the first"

    down = command("down")

    assert down.out == "The embedded servers are stopped.\n"
    assert [server.pid for server in embedded.status(bare)] == [None, None]


@pytest.mark.usefixtures("bare")
def test_down_without_servers_is_no_error(command: Command) -> None:
    assert command("down").error is None


@pytest.mark.parametrize("words", ["demo --domain commerce", "doctor", "down", "restore", "up"])
def test_a_state_folder_that_is_none_is_a_sentence(
    command: Command, bare: Settings, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Catches: a stack trace where the setting names a file, or what lies below one."""
    copy = bare.state.parent / "copy"
    copy.mkdir()
    manifest = {"made_at": "2026-11-25", "txplatform": "0.1.0", "files": {}}
    (copy / backup.MANIFEST).write_text(json.dumps(manifest))
    state = bare.state.parent / "a file" / "state"
    state.parent.touch()
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(state))

    done = command(*words.split(), *([copy] if words == "restore" else []))

    assert isinstance(done.error, PlatformError | SystemExit)
    assert f"The state folder {state}" in " ".join(f"{done.error} {done.out}".split())


@pytest.mark.usefixtures("installation")
def test_servers_that_the_settings_name_are_not_started(command: Command) -> None:
    done = command("up", "--json")

    assert (done.error, done.err) == (None, "")
    assert [server["pid"] for server in done.json] == [None, None]


def test_addresses_are_shown_without_their_passwords(
    command: Command, installation: Platform
) -> None:
    shown = command("up").out + command("up", "--json").out

    for address in (installation.endpoints.mongo_uri, installation.endpoints.postgres_url):
        password = address.split("@")[0].rsplit(":", 1)[-1]
        assert len(password) > 8
        assert password not in shown
