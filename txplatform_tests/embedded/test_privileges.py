"""PostgreSQL as root: run by another user, who reaches closed folders and can change nothing."""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from txplatform import embedded
from txplatform.embedded import privileges
from txplatform.embedded.postgres import Postgres
from txplatform.errors import ServerError
from txplatform.settings import Settings
from txplatform_tests.embedded.commands import UP, pids, python, settings_of

READ_AND_SEARCH = 1 << 2  # CAP_DAC_READ_SEARCH

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its rights away")


@pytest.fixture
def prefix(tmp_path: Path) -> tuple[str, ...]:
    """What runs a command as the unprivileged user."""
    return privileges.runner(Path("/bin/true"), tmp_path / "data").prefix


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A finished command."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


@as_root
def test_postgres_runs_as_another_user_who_only_reads_and_searches(started: Settings) -> None:
    process = psutil.Process(pids(started)[1])
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    capabilities = {line.split()[0]: line.split()[1] for line in lines if line.startswith("Cap")}

    assert process.uids().real == process.uids().effective == pwd.getpwnam("nobody").pw_uid
    assert {int(value, 16) for value in capabilities.values()} == {READ_AND_SEARCH}


@as_root
def test_the_data_belong_to_that_user_and_the_passwords_do_not(started: Settings) -> None:
    owners = {path: path.stat().st_uid for path in started.state.iterdir()}

    assert {path.name for path, uid in owners.items() if uid} == {"postgres"}


@as_root
def test_that_user_reads_a_closed_folder_and_cannot_write(
    tmp_path: Path, prefix: tuple[str, ...]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").write_text("text", encoding="utf-8")

    assert run(*prefix, "cat", str(closed / "file")).stdout == "text"
    assert "Permission denied" in run(*prefix, "touch", str(closed / "other")).stderr
    assert run(*prefix, "test", "-x", str(closed)).returncode == 0, "access(2) agrees"


@as_root
def test_that_user_gets_no_rights_back(prefix: tuple[str, ...]) -> None:
    assert run(*prefix, "setpriv", "--reuid=0", "true").returncode != 0
    assert "NoNewPrivs:\t1" in run(*prefix, "cat", "/proc/self/status").stdout


@as_root
def test_roots_data_stay_with_the_user_who_made_them(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)

    assert privileges.runner(Path("/bin/true"), tmp_path).owner == (12345, 12346)


@as_root
def test_a_root_without_setpriv_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServerError, match=r"refuses to run as root.*TXPLATFORM_POSTGRES_URL"):
        Postgres(settings_of(tmp_path / "state")).program_version()


@pytest.fixture
def state_of_nobody(tmp_path: Path) -> Iterator[Path]:
    """A state folder of an ordinary user."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    user = pwd.getpwnam("nobody")
    os.chown(state, user.pw_uid, user.pw_gid)
    yield state
    embedded.down(settings_of(state))


@as_root
def test_an_ordinary_user_runs_both_servers(state_of_nobody: Path, prefix: tuple[str, ...]) -> None:
    command = python(f"{UP}; print('up')", settings_of(state_of_nobody), *prefix)

    output, errors = command.communicate(timeout=60)

    assert (output, errors) == ("up\n", "")
    nobody = pwd.getpwnam("nobody").pw_uid
    for pid in pids(settings_of(state_of_nobody)):
        assert psutil.Process(pid).uids().real == nobody
    assert {path.stat().st_uid for path in state_of_nobody.rglob("*")} == {nobody}
    assert stat.S_IMODE((state_of_nobody / "secrets").stat().st_mode) == 0o700


@as_root
def test_a_folder_of_somebody_else_is_one_sentence(own: Settings, prefix: tuple[str, ...]) -> None:
    command = python(UP, own, *prefix)

    errors = command.communicate(timeout=60)[1]

    last = errors.strip().splitlines()[-1]
    assert last.startswith("txplatform.errors.ServerError: The state folder ")
    assert "Permission denied" in last
    assert "TXPLATFORM_STATE_DIR" in last
