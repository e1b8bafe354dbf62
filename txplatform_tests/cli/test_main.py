"""The `txplatform` command as a process: exit codes, and sentences instead of stack traces."""

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from txplatform import embedded
from txplatform.settings import child_environment

COMMAND = (sys.executable, "-m", "txplatform")
SECONDS = 60


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=child_environment(**variables),
    )


def test_done_is_0() -> None:
    done = _run("spend", "layouts")

    assert (done.returncode, done.stderr) == (0, "")
    assert "delaware" in done.stdout


@pytest.mark.parametrize("arguments", [["-h"], ["spend", "layouts", "--help"]])
def test_help_is_0(arguments: list[str]) -> None:
    assert _run(*arguments).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["spend", "ingest"], "Missing argument"),
        (["spend", "layouts", "--nonsense"], "No such option"),
        (["spend", "layouts", "guess", "nowhere.csv"], "does not exist"),
        (["up", "--port", "65536"], "less than or equal to 65535"),
        (["spend", "export", "weekly-transactions", "-o", "weekly.odt"], "say --format."),
        (["run"], "Say --stale"),
        (["run", "--stale", "--domain", "nothing"], "There is no domain 'nothing' here"),
        (["spend", "run"], "Say which weeks"),
    ],
)
def test_wrong_usage_is_2_and_a_sentence(arguments: list[str], sentence: str) -> None:
    done = _run(*arguments, COLUMNS="200")

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_used_is_wrong_usage() -> None:
    done = _run("doctor", "--settings", TXPLATFORM_SPEND_FIRST_WEEK="2026-01-01")

    assert done.returncode == 2
    assert done.stderr == (
        "The setting TXPLATFORM_SPEND_FIRST_WEEK cannot be used: 2026-01-01 is a Thursday; "
        "weeks start on Monday.\n"
    )


def test_a_cause_outside_the_program_is_1_and_one_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()

    done = _run("spend", "layouts", "guess", str(empty))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "empty.csv is empty: there is nothing to ingest.\n"


def test_a_full_disk_is_1_and_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "spend", "layouts"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.startswith("The disk cannot be written: No space left on device.\n")
    assert "Traceback" not in done.stderr


AS_ORDINARY_USER = """\
import sys
import txplatform.cli.session, txplatform.settings.masking  # an ordinary user may not read them
from txplatform.__main__ import main
from txplatform_tests.connectors.ordinary_user import ordinary_user
with ordinary_user():
    main()
"""


def test_a_missing_permission_is_1_and_one_sentence(
    tmp_path: Path, endpoints: embedded.Endpoints, postgres_url: str
) -> None:
    """Catches: a state folder of somebody else, where the servers are one's own."""
    tmp_path.chmod(0o500)

    done = subprocess.run(
        [sys.executable, "-c", AS_ORDINARY_USER, "run", "--stale"],
        env=child_environment(
            TXPLATFORM_STATE_DIR=f"{tmp_path}/state",
            TXPLATFORM_MONGO_URI=endpoints.mongo_uri,
            TXPLATFORM_POSTGRES_URL=postgres_url,
        ),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(" cannot be used: Permission denied.\n")
    assert len(done.stderr.splitlines()) == 1


def test_a_name_that_comes_from_others_commands_no_terminal(tmp_path: Path) -> None:
    hostile = tmp_path / "\x1b]0;title\x07\n\u202ea.csv"
    hostile.touch()

    done = _run("spend", "layouts", "guess", str(hostile))

    assert done.returncode == 1
    assert done.stderr == (
        r"\x1b]0;title\x07\n\u202ea.csv is empty: there is nothing to ingest." "\n"
    )


def test_a_reader_that_has_seen_enough_gets_no_stack_trace() -> None:
    with subprocess.Popen(
        [*COMMAND, "spend", "layouts"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
        process.wait(SECONDS)

    assert said == b""


INTERRUPTED = "Interrupted; the same command continues where this one stopped.\n"


@pytest.mark.parametrize(
    ("stop", "code", "sentence"),
    [(signal.SIGINT, 130, INTERRUPTED), (signal.SIGTERM, 143, "")],
    ids=["Ctrl-C", "terminated"],
)
def test_a_stopped_command_says_so_without_a_stack_trace(
    tmp_path: Path, stop: signal.Signals, code: int, sentence: str
) -> None:
    """The command hangs on a pipe into which nobody writes when the signal comes.

    Python may take a signal just before it enters a blocking call, and then sees it only when
    the call ends; so the signal is repeated, as a person would.
    """
    pipe = tmp_path / "rules.toml"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [*COMMAND, "spend", "rules", "list"],
        env=child_environment(TXPLATFORM_SPEND_RULES=str(pipe)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            writer = _writer_once_it_is_read(pipe)
            said, complained = _signalled_until_it_ends(process, stop)
            os.close(writer)
        finally:
            process.kill()

    assert (process.returncode, said, complained) == (code, "", sentence)


STOPPED_EARLY = """
import sys
class Stop:
    def find_spec(self, name, *rest):
        if name == "txplatform.cli.app":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop())
from txplatform.__main__ import main
main()
"""


def test_ctrl_c_while_the_command_is_being_loaded_is_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_EARLY], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", INTERRUPTED)


def _signalled_until_it_ends(
    process: subprocess.Popen[str], stop: signal.Signals
) -> tuple[str, str]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        process.send_signal(stop)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)
    raise TimeoutError(errno.ETIME, f"{stop.name} does not end", "txplatform spend rules list")


def _writer_once_it_is_read(pipe: Path) -> int:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.05)
    raise TimeoutError(errno.ETIME, "nobody reads", str(pipe))
