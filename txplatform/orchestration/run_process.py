"""One run in one process: what a fork does, and how others find a run's process again."""

import json
import os
import signal
import socket
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple, Self

import dagster as dg
import psutil
from dagster._core.instance import InstanceRef
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX
from dagster._serdes import deserialize_value
from dagster._utils.interrupts import capture_interrupts

from txplatform.orchestration import forkserver
from txplatform.orchestration.instance import keep_connections

PROCESS_TAG = f"{HIDDEN_TAG_PREFIX}forked_process"


class RunProcess(NamedTuple):
    """Where a run's process is: the webserver, which did not start it, finds it by this.

    A pid alone is reused by the system; `started` is in seconds since 1970.
    """

    host: str
    pid: int
    started: float

    @classmethod
    def here(cls, pid: int, started: float) -> Self:
        """A process of this machine."""
        return cls(socket.gethostname(), pid, started)

    @classmethod
    def this(cls) -> Self:
        """The process that asks."""
        process = psutil.Process()
        return cls.here(process.pid, process.create_time())

    @classmethod
    def of(cls, run: dg.DagsterRun) -> Self | None:
        """The process of a run; None if something else than this platform started it."""
        tag = run.tags.get(PROCESS_TAG)
        return cls(**json.loads(tag)) if tag else None

    @property
    def tags(self) -> dict[str, str]:
        """What a run is tagged with."""
        return {PROCESS_TAG: json.dumps(self._asdict())}

    @property
    def is_here(self) -> bool:
        """Whether it is a process of this machine."""
        return self.host == socket.gethostname()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return forkserver.is_running(self.pid, self.started)

    def interrupt(self) -> None:
        """Ask it to cancel its run, as Dagster asks its own."""
        if self.is_running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it and all that it started; its connections close, and so its locks are freed."""
        if self.is_running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def execute(instance_ref: str, run_id: str) -> None:
    """Execute a run to its end, in a fork: the body of `dagster api execute_run`."""
    # Here, for the command line reads this module too: forks have it, and it takes a second.
    from dagster._cli.api import _execute_run_command_body

    # A group of its own: Ctrl-C in the daemon's terminal is not for the runs, and `kill` gets
    # the step processes too.
    os.setsid()
    with (
        capture_interrupts(),
        dg.DagsterInstance.from_ref(deserialize_value(instance_ref, InstanceRef)) as instance,
    ):
        keep_connections(instance)
        _execute_run_command_body(
            run_id, instance, lambda _event: None, set_exit_code_on_failure=False
        )


def rehearse(function: str) -> None:
    """Call `module:function` in a fork; what it fails with is the runs' own to meet and report."""
    os.setsid()
    module, _, name = function.partition(":")
    getattr(import_module(module), name)()
