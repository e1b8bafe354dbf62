"""Jobs of the tests' own: an installation with a log, and processes that are killed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.stream.job import job_of
from txplatform.embedded import processes
from txplatform.settings import Settings, child_environment, load_settings
from txplatform_tests.domains.clickstream.shop import rows

CHILD = "txplatform_tests.domains.clickstream.streaming_child"
WAITING = (
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'txplatform clickstream' AND wait_event_type = 'Lock'"
)
ROWS, KILL_SECONDS = 400, 3.0
QUICK_JAVA = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}
"""A job of a few seconds has nothing of what a job of days compiles."""
SECONDS = 240.0
"""A machine on which others work takes ten times as long as a quiet one."""


@dataclass(frozen=True, eq=False)
class Installation:
    """Where a job of a test finds everything."""

    folder: Path
    variables: dict[str, str]
    settings: Settings

    @property
    def said(self) -> Path:
        """Where a child notes its batches."""
        return self.folder / "said"

    def checkpoint(self, log: EventLog) -> Path:
        """Where Spark remembers how far it came."""
        return job_of(self.settings, log).checkpoint

    def start(self, **variables: str) -> "Child":
        """Start a job in a process of its own, with further variables."""
        return started({self: "go"}, **variables)


def installation(
    folder: Path,
    endpoints: embedded.Endpoints,
    engine: Engine,
    topic: str = "shop-events",
    **more: object,
) -> Installation:
    """An installation on a database of the test's, with a folder of its own."""
    values: dict[str, object] = {
        "state_dir": folder / "state",
        "mongo_uri": endpoints.mongo_uri,
        "postgres_url": engine.url.render_as_string(False),
        **more,
    }
    variables = {f"TXPLATFORM_{name.upper()}": str(value) for name, value in values.items()}
    own: dict[str, object] = {"rows_per_batch": ROWS, "topic": topic}
    variables |= {f"TXPLATFORM_CLICKSTREAM_{key.upper()}": str(own[key]) for key in own}
    settings = load_settings(**values).having(ClickstreamSettings, **own)
    (folder / "state").mkdir(parents=True, exist_ok=True)
    (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    return Installation(folder, variables, settings)


def started(plays: Mapping[Installation, str], **variables: str) -> "Child":
    """Start a process with a job of each installation: `go`, or `hold` after its first commit."""
    command = [sys.executable, "-m", CHILD, *(f"{how}:{one.folder}" for one, how in plays.items())]
    with (next(iter(plays)).folder / "child.log").open("ab") as output:
        process = subprocess.Popen(
            command, env=child_environment(**variables), stdout=output, stderr=subprocess.STDOUT
        )
    return Child(process)


@dataclass(frozen=True)
class Child:
    """A job that runs in a process of its own."""

    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End driver, JVM and Python workers at once, as a loss of power would."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()
        # Not psutil's own wait: the dead of a dead parent may stay zombies for a while.
        assert processes.wait_until(lambda: not any(map(processes.is_alive, family)), 30)

    def wait_for(self, is_there: Callable[[], object]) -> None:
        """Wait for a moment of this job's; it may not end before."""
        deadline = time.monotonic() + SECONDS
        while not is_there():
            assert self.process.poll() is None, "the job ended"
            assert time.monotonic() < deadline, "the moment did not come"
            time.sleep(0.1)

    def finish(self) -> int:
        """Wait for its end; its exit code."""
        return self.process.wait(SECONDS)


def killed_at_random(ours: Installation, log: EventLog, random: Random) -> bool:
    """Start a job and kill it at some moment of its life; whether it had work left then."""
    offsets = ours.checkpoint(log) / "offsets"
    known = _batches(offsets)
    child = ours.start(**QUICK_JAVA)
    child.wait_for(lambda: _batches(offsets) - known or child.process.poll() is not None)
    time.sleep(random.uniform(0, KILL_SECONDS))
    is_struck = child.process.poll() is None
    child.kill()
    return is_struck


def _batches(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("[0-9]*")}


def waiting(engine: Engine) -> list[str]:
    """The statements of jobs that wait for a lock."""
    return [query for (query,) in rows(engine, WAITING)]
