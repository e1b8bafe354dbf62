"""Commands of the platform as processes of their own, forked from a warm interpreter.

What runs is the installed program's `main`; only the seconds in which Python imports Dagster are
saved, so that a campaign of hundreds of faults takes minutes. The fork is a real process with its
own session, and kill -9 ends it.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
from pyspark.sql import SparkSession

from txplatform.__main__ import main
from txplatform.domains.spend import computation, planning, publishing
from txplatform.errors import PlatformError
from txplatform.orchestration.forkserver import Fork, WarmForkServer, is_running
from txplatform.periods import WEEK, mondays, ranges
from txplatform.platform import opened
from txplatform.settings import export

PRELOAD = (
    "txplatform.orchestration.preload",
    "txplatform.domains.spend.commands.session",
    "txplatform_tests.faults.campaign",  # multiprocessing imports the main module in each fork
)
COMPUTE = "compute and publish"
SECONDS = 180
POLL_SECONDS = 0.01


class Ended(NamedTuple):
    """How a command ended; a negative code is the signal that did it."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str | None:
        """What is wrong with how it failed: a failure is one sentence on standard error."""
        lines = self.err.strip().splitlines()
        if self.code in (0, -signal.SIGKILL):
            return None
        if self.code not in (1, 2) or len(lines) != 1 or "Traceback" in self.out + self.err:
            return f"exit code {self.code} with {len(lines)} lines: {self.err[-1500:]}"
        return None


class Command:
    """A running command."""

    def __init__(self, fork: Fork, log: Path) -> None:
        self.pid = fork.pid
        self._fork = fork
        self._log = log

    @property
    def is_running(self) -> bool:
        """Whether it has not ended.

        Asked of the system: a forkserver that starts anew leaves its forks running and unknown.
        """
        return is_running(self.pid, self._fork.started)

    def send(self, what: signal.Signals) -> None:
        """Send it a signal; SIGKILL cannot be caught."""
        os.kill(self.pid, what)

    def java(self) -> psutil.Process | None:
        """The Java that it has started."""
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.pid).children(recursive=True)
            return next((one for one in found if one.name() == "java"), None)
        return None

    def wait(self, seconds: float = SECONDS) -> Ended:
        """How it ended; one that hangs is killed and is an error.

        Raises:
            AssertionError: it did not end in time.
        """
        deadline = time.monotonic() + seconds
        while self.is_running:
            if time.monotonic() > deadline:
                self.send(signal.SIGKILL)
                raise AssertionError(f"a command hung for {seconds} s: {self._read('err')}")
            time.sleep(POLL_SECONDS)
        self._fork.process.join()
        return Ended(self._fork.process.exitcode or 0, self._read("out"), self._read("err"))

    def _read(self, stream: str) -> str:
        file = self._log.with_suffix(f".{stream}")
        # A command that was killed in its first moments has not opened it yet.
        return file.read_text(encoding="utf-8") if file.exists() else ""


class Shell:
    """Starts commands of one installation."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._server = WarmForkServer(PRELOAD)
        self._folder, self._environment = folder, dict(environment)
        self._count = 0
        folder.mkdir()

    def start(self, *arguments: str, **variables: str) -> Command:
        """Start `txplatform ARGUMENTS` with further variables."""
        self._count += 1
        log = self._folder / f"{self._count:05}.log"
        fork = self._server.fork(run, arguments, {**self._environment, **variables}, str(log))
        return Command(fork, log)

    def start_computing(self, **variables: str) -> Command:
        """Start what computes and publishes the stale weeks, without Dagster around it."""
        return self.start(COMPUTE, **variables)

    def close(self) -> None:
        """End the warm interpreter."""
        self._server.stop()


def run(arguments: tuple[str, ...], environment: dict[str, str], log: str) -> None:
    """Be the command, in a fork."""
    os.setsid()
    for stream, descriptor in (("out", 1), ("err", 2)):
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
        os.dup2(os.open(Path(log).with_suffix(f".{stream}"), flags, 0o600), descriptor)
    export(**environment)
    if arguments == (COMPUTE,):
        return compute()
    sys.argv = ["txplatform", *arguments]
    return main()


def compute() -> None:
    """Compute and publish the stale weeks as the asset does; a failure is a sentence here too."""
    try:
        with opened() as platform:
            for first, last in ranges(planning.stale_weeks(platform), WEEK, at_most=3):
                computed = computation.compute(platform, _no_spark, mondays(first, last))
                publishing.publish(platform.engine, computed, COMPUTE)
    except PlatformError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def _no_spark() -> SparkSession:
    raise AssertionError("this engine opens no session")
