"""Jobs of the tests' own: an installation with a log, and processes that are killed."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.stream.job import job_of
from txplatform.settings import Settings, child_environment, load_settings
from txplatform_tests.domains.clickstream.shop import rows

CHILD = "txplatform_tests.domains.clickstream.streaming_child"
WAITING = (
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'txplatform clickstream' AND wait_event_type = 'Lock'"
)
SECONDS = 240.0
"""A machine on which others work takes ten times as long as a quiet one."""


@dataclass(frozen=True)
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

    def start(self, *arguments: str) -> "Child":
        """Start a job in a process of its own."""
        command = [sys.executable, "-m", CHILD, str(self.said), *arguments]
        with (self.folder / "child.log").open("ab") as output:
            process = subprocess.Popen(
                command,
                env=child_environment(**self.variables),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return Child(process)


def installation(
    folder: Path, endpoints: embedded.Endpoints, engine: Engine, **more: object
) -> Installation:
    """An installation on a database of the test's, with a folder of its own."""
    values: dict[str, object] = {
        "state_dir": folder / "state",
        "mongo_uri": endpoints.mongo_uri,
        "postgres_url": engine.url.render_as_string(False),
        **more,
    }
    variables = {f"TXPLATFORM_{name.upper()}": str(value) for name, value in values.items()}
    rows_per_batch = 400
    variables["TXPLATFORM_CLICKSTREAM_ROWS_PER_BATCH"] = str(rows_per_batch)
    settings = load_settings(**values).having(ClickstreamSettings, rows_per_batch=rows_per_batch)
    (folder / "state").mkdir(parents=True, exist_ok=True)
    return Installation(folder, variables, settings)


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
        psutil.wait_procs(family[1:], timeout=30)
        self.process.wait()

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


def waiting(engine: Engine) -> list[str]:
    """The statements of jobs that wait for a lock."""
    return [query for (query,) in rows(engine, WAITING)]
