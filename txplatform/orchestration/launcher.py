"""A run that starts at once: Dagster's run launcher over a warm forkserver. See docs/launcher.md.

Named under `run_launcher` in dagster.yaml. Runs of code locations that this process shares its
code and environment with are forked; all others start as ever, through their code server.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import dagster as dg
from dagster._config.config_schema import UserConfigSchema
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, RunLauncher, WorkerStatus
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    ManagedGrpcPythonEnvCodeLocationOrigin,
)
from dagster._serdes import ConfigurableClass, ConfigurableClassData, serialize_value

from txplatform.orchestration import run_process
from txplatform.orchestration.forkserver import (
    POLL_SECONDS,
    Fork,
    NoForkServerError,
    WarmForkServer,
)
from txplatform.orchestration.run_process import RunProcess

log = logging.getLogger("dagster.txplatform.launcher")

KILL_AFTER_SECONDS = 30


class ForkServerRunLauncher(RunLauncher[dg.DagsterInstance], ConfigurableClass):
    """Forks runs from a process that has imported everything they need."""

    def __init__(
        self,
        preload: Sequence[str],
        rehearsal: str | None = None,
        locations: Sequence[str] = (),
        kill_after_seconds: float = KILL_AFTER_SECONDS,
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._inst_data = inst_data
        self.forkserver = WarmForkServer(preload)
        self.rehearsal = rehearsal
        self.locations = frozenset(locations)
        self.kill_after_seconds = kill_after_seconds
        self._stock = dg.DefaultRunLauncher()
        self._told: str | None = None
        self._attendants: set[threading.Thread] = set()

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """How dagster.yaml configured this launcher."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """The fields of `config` in dagster.yaml."""
        return {
            "preload": dg.Field([str], description="Modules that the forkserver imports."),
            "rehearsal": dg.Field(
                dg.Noneable(str),
                default_value=None,
                description="`module:function` that a first fork calls, so that no run is the "
                "first to use a server.",
            ),
            "locations": dg.Field(
                [str],
                default_value=[],
                description="Code locations on TCP whose code and environment the daemon shares.",
            ),
            "kill_after_seconds": dg.Field(
                dg.Noneable(float),
                default_value=float(KILL_AFTER_SECONDS),
                description="How long a cancelled run may clean up.",
            ),
        }

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        """The launcher as dagster.yaml configures it."""
        return cls(inst_data=inst_data, **config_value)

    def register_instance(self, instance: dg.DagsterInstance) -> None:
        """Remember the instance, for the stock launcher too."""
        super().register_instance(instance)
        self._stock.register_instance(instance)

    def dispose(self) -> None:
        """End the forkserver; runs in progress go on to their end."""
        self.forkserver.stop()

    def join(self, timeout: int = 30) -> None:
        """Wait until no run launched here is in progress, at most `timeout` seconds."""
        deadline = time.monotonic() + timeout
        for thread in list(self._attendants):
            thread.join(max(0.0, deadline - time.monotonic()))
        rest = max(0, int(deadline - time.monotonic()))
        self._stock.join(rest)  # type: ignore[no-untyped-call]

    def warm_up(self) -> None:
        """Start the forkserver and rehearse, so that the first run does not wait for either."""
        began = time.monotonic()
        try:
            self.forkserver.ensure()
            if self.rehearsal:
                fork = self.forkserver.fork(run_process.rehearse, self.rehearsal)
                self.forkserver.attend(fork)
            log.info("Runs are forked from a warm process (%.1f s).", time.monotonic() - began)
        except NoForkServerError as reason:
            self._tell(reason)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Fork the run; where that is not to be had, have its code server start it."""
        run = context.dagster_run
        if not self.shares_code_of(run):
            self._stock.launch_run(context)
            return
        reference = serialize_value(self._instance.get_ref())
        try:
            fork = self.forkserver.fork(run_process.execute, reference, run.run_id)
        except NoForkServerError as reason:
            self._tell(reason)
            self._stock.launch_run(context)
            return
        self._instance.add_run_tags(run.run_id, RunProcess.here(fork.pid, fork.started).tags)
        self._attend(fork, run.run_id)

    def terminate(self, run_id: str) -> bool:
        """Ask a run to cancel itself, from whatever process of this machine; then make it."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        process = RunProcess.of(run)
        if process is None:
            return bool(self._stock.terminate(run_id))  # type: ignore[no-untyped-call]
        if not process.is_here:
            message = f"The run's process {process.pid} is on {process.host}: cancel it there."
            self._instance.report_engine_event(message, run, cls=type(self))
            return False
        self._instance.report_run_canceling(run)
        if process.is_running:
            process.interrupt()
            _in_background(self._make_sure, process)
        else:
            self._report_end(run_id, f"Its process {process.pid} had ended before.")
        return True

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Dagster's run monitoring asks `check_run_worker_health`."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a started run lives; what does not name one is not judged here."""
        process = RunProcess.of(run)
        if process is None or not process.is_here:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "It names no process here.")
        identity = f"{process.pid}@{process.host}"
        if process.is_running:
            return CheckRunHealthResult(WorkerStatus.RUNNING, run_worker_id=identity)
        message = f"its process {process.pid} has ended without a word"
        return CheckRunHealthResult(WorkerStatus.FAILED, message, run_worker_id=identity)

    def shares_code_of(self, run: dg.DagsterRun) -> bool:
        """Whether a fork of this process would execute what the run's code server has."""
        job, code = run.remote_job_origin, run.job_code_origin
        if job is None or code is None or code.repository_origin.executable_path != sys.executable:
            return False
        location = job.repository_origin.code_location_origin
        if isinstance(location, GrpcServerCodeLocationOrigin):
            # `dagster dev` serves its locations on sockets; on TCP the server may be anywhere.
            return bool(location.socket) or location.location_name in self.locations
        return isinstance(location, ManagedGrpcPythonEnvCodeLocationOrigin)

    def _attend(self, fork: Fork, run_id: str) -> None:
        def attend() -> None:
            code = self.forkserver.attend(fork)
            self._attendants.discard(threading.current_thread())
            if self.has_instance:
                self._report_end(run_id, f"Its process {fork.pid} {_ended(code)}.")

        thread = threading.Thread(target=attend, name=f"run-{run_id[:8]}", daemon=True)
        self._attendants.add(thread)
        thread.start()

    def _report_end(self, run_id: str, how: str) -> None:
        """Free what a run held, and finish one whose process ended without doing so."""
        # A step that is interrupted leaves its pool's slot claimed.
        self._instance.event_log_storage.free_concurrency_slots_for_run(run_id)
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return
        if run.status is dg.DagsterRunStatus.CANCELING:
            self._instance.report_run_canceled(run, f"The run was cancelled. {how}")
            return
        why = JobFailureData(error=None, failure_reason=RunFailureReason.UNEXPECTED_TERMINATION)
        self._instance.report_run_failed(run, f"The run ended unexpectedly. {how}", why)

    def _make_sure(self, process: RunProcess) -> None:
        deadline = time.monotonic() + self.kill_after_seconds
        while process.is_running and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        process.kill()

    def _tell(self, reason: NoForkServerError) -> None:
        """Say why runs start the slow way; once for each reason."""
        if self._told != str(reason):
            self._told = str(reason)
            log.warning("Runs are started by their code server, not forked: %s", reason)


def _ended(code: int | None) -> str:
    if code is None:
        return "and the forkserver that knew its exit code have ended"
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _in_background(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()
