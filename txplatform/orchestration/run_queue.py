"""Dagster's run queue; in the daemon, it has the launcher warmed before the first run arrives."""

import sys
import threading
from collections.abc import Sequence
from multiprocessing import parent_process
from pathlib import Path

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator

from txplatform.orchestration.backfills import prepare_daemon
from txplatform.orchestration.launcher import ForkServerRunLauncher


class WarmRunQueue(QueuedRunCoordinator[dg.DagsterInstance]):
    """The queue of `dagster.yaml`, with all its settings.

    Dagster makes the launcher only when the first run is launched; the queue is what the daemon
    makes at its start.
    """

    def register_instance(self, instance: dg.DagsterInstance) -> None:
        """Remember the instance; warm its launcher in the background if this is the daemon."""
        super().register_instance(instance)
        # A fork of the daemon has its arguments too.
        if parent_process() is None and is_daemon(sys.argv):
            prepare_daemon(instance)
            launcher = instance.run_launcher
            if isinstance(launcher, ForkServerRunLauncher):
                threading.Thread(target=launcher.warm_up, name="warm-up", daemon=True).start()


def is_daemon(arguments: Sequence[str]) -> bool:
    """Whether a command line is that of Dagster's daemon: the webserver launches no queued run."""
    program = Path(arguments[0] if arguments else "")
    is_program = program.name == "dagster-daemon" or program.parts[-2:] == (
        "_daemon",
        "__main__.py",
    )
    return is_program and "run" in arguments[1:]
