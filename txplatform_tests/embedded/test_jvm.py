"""A JVM that is begun before it is needed: used if it suits, gone with its process in any case."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from txplatform.embedded import jvm
from txplatform.embedded.connect import begin_spark, keep_warm
from txplatform.embedded.processes import wait_until
from txplatform.settings import child_environment
from txplatform_tests.embedded.commands import is_gone, settings_of

END_SECONDS = 30


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where processes of the test keep temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def started(state: Path, what: str, temporary: Path) -> subprocess.Popen[str]:
    """A process that begins a JVM."""
    return subprocess.Popen(
        [sys.executable, "-m", "txplatform_tests.embedded.begun_jvm", str(state), what],
        env=child_environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What such a process prints."""
    assert process.stdout
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def ends(pid: int) -> bool:
    """Whether a process ends soon."""
    return wait_until(lambda: is_gone(pid), END_SECONDS)


def test_a_session_uses_the_begun_jvm(tmp_path: Path, temporary: Path) -> None:
    with started(tmp_path, "use", temporary) as process:
        found = answer(process)

    assert found["javas"] == found["begun"] == [found["answers"]]
    assert found["sum"] == 45
    assert ends(found["answers"])


@pytest.mark.parametrize("what", ["lose", "other"])
def test_a_session_starts_its_own_where_the_begun_one_does_not_suit(
    tmp_path: Path, temporary: Path, what: str
) -> None:
    with started(tmp_path, what, temporary) as process:
        found = answer(process)

    assert found["answers"] not in found["begun"]
    assert found["sum"] == 45
    assert all(map(ends, (found["answers"], *found["begun"])))


def test_a_jvm_that_nobody_used_ends_with_its_process(tmp_path: Path, temporary: Path) -> None:
    with started(tmp_path, "leave", temporary) as process:
        (begun,) = answer(process)["begun"]

    assert ends(begun)
    assert not list(temporary.glob("txplatform-jvm-*"))


def test_a_jvm_ends_with_a_process_that_is_killed(tmp_path: Path, temporary: Path) -> None:
    with started(tmp_path, "wait", temporary) as process:
        (begun,) = answer(process)["begun"]
        process.kill()

    assert ends(begun)


def test_none_is_begun_where_another_spark_computes(tmp_path: Path) -> None:
    warm = settings_of(tmp_path, spark_remote=None, spark_master="local[1]")
    keep_warm(warm)
    before = psutil.Process().children()

    begin_spark(warm)
    jvm.begin(settings_of(tmp_path, spark_remote="sc://127.0.0.1:1"))

    assert set(psutil.Process().children()) <= set(before)
