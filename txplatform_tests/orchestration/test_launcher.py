"""Runs that are forked: how they end, are cancelled, killed and watched.

A real Dagster instance, real processes; a code server only where the launcher falls back on one.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import dagster as dg
import psutil
import psycopg2
import pytest
import yaml
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import LaunchRunContext, WorkerStatus
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import (
    CodeLocationOrigin,
    GrpcServerCodeLocationOrigin,
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from sqlalchemy import make_url

from txplatform.orchestration.launcher import ForkServerRunLauncher
from txplatform.orchestration.run_process import RunProcess
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.orchestration import launcher_location

MODULE = launcher_location.__name__
SECONDS = 60
GRACE_SECONDS = 1.0
LAUNCHER = {
    "module": "txplatform.orchestration.launcher",
    "class": "ForkServerRunLauncher",
    "config": {
        "preload": ["txplatform.orchestration.run_process"],
        "kill_after_seconds": GRACE_SECONDS,
    },
}
MANAGED = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name=MODULE), MODULE)


class Dagster:
    """An instance with the launcher, and what a person does with it."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.launcher = cast("ForkServerRunLauncher", instance.run_launcher)

    def create(
        self,
        job: str,
        origin: CodeLocationOrigin = MANAGED,
        python: str = sys.executable,
        **more: Any,
    ) -> dg.DagsterRun:
        """A run that waits to be launched, as the webserver creates it."""
        pointer = ModuleCodePointer(MODULE, "defs", str(ROOT))
        return self.instance.create_run_for_job(
            launcher_location.defs.resolve_job_def(job),
            remote_job_origin=RemoteJobOrigin(
                RemoteRepositoryOrigin(origin, "__repository__"), job
            ),
            job_code_origin=JobPythonOrigin(job, RepositoryPythonOrigin(python, pointer)),
            **more,
        )

    def launch(self, job: str, **more: Any) -> str:
        """Launch a run in a fork: no code server is there."""
        run = self.create(job, **more)
        self.instance.launch_run(run.run_id, cast("Any", None))
        return run.run_id

    def run(self, run_id: str) -> dg.DagsterRun:
        found = self.instance.get_run_by_id(run_id)
        assert found is not None
        return found

    def process(self, run_id: str) -> RunProcess:
        found = RunProcess.of(self.run(run_id))
        assert found is not None
        return found

    def started(self, job: str, **more: Any) -> str:
        """A launched run whose step has begun."""
        run_id = self.launch(job, **more)
        wait_for(lambda: "STEP_START" in self.events(run_id))
        return run_id

    def ended(self, run_id: str) -> str:
        """How a run ended."""
        wait_for(lambda: self.run(run_id).is_finished)
        return self.run(run_id).status.value

    def events(self, run_id: str) -> list[str]:
        """Types of its events."""
        logs = self.instance.all_logs(run_id)
        return [entry.dagster_event_type.value for entry in logs if entry.dagster_event_type]

    def last_words(self, run_id: str) -> str:
        """The message with which it ended."""
        ends = {dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED}
        logs = self.instance.all_logs(run_id, of_type=ends)
        return logs[-1].dagster_event.message or "" if logs[-1].dagster_event else ""


def wait_for(is_so: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dagster]:
    """An instance on SQLite whose launcher is that of dagster.yaml, with a short grace period."""
    home = tmp_path_factory.mktemp("dagster")
    settings = {"run_launcher": LAUNCHER, "telemetry": {"enabled": False}}
    (home / "dagster.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield Dagster(instance)


def test_a_run_is_forked_and_succeeds(dagster: Dagster) -> None:
    run_id = dagster.launch("speaks")

    assert dagster.ended(run_id) == "SUCCESS"
    assert dagster.launcher.forkserver.pid is not None
    assert dagster.process(run_id).is_here


def test_what_a_run_prints_is_shown_in_the_ui(dagster: Dagster) -> None:
    run_id = dagster.launch("speaks")
    dagster.ended(run_id)
    dagster.launcher.join()

    captured = dagster.instance.all_logs(run_id, of_type=dg.DagsterEventType.LOGS_CAPTURED)[0]
    event = captured.dagster_event
    assert event is not None
    key = [run_id, "compute_logs", event.logs_captured_data.file_key]
    logs = dagster.instance.compute_log_manager.get_log_data(key)
    assert b"said aloud" in (logs.stdout or b"")
    assert b"whispered" in (logs.stderr or b"")


def test_a_run_is_cancelled_by_a_process_that_did_not_start_it(dagster: Dagster) -> None:
    run_id = dagster.started("waits")

    # As in the webserver: all that its launcher knows is the run's tag.
    with dg.DagsterInstance.from_ref(dagster.instance.get_ref()) as webserver:
        assert webserver.run_launcher.terminate(run_id)
    assert dagster.ended(run_id) == "CANCELED"
    wait_for(lambda: not dagster.process(run_id).is_running)


def test_a_run_that_ignores_its_cancellation_is_killed_after_the_grace_period(
    dagster: Dagster,
) -> None:
    run_id = dagster.started("resists")
    began = time.monotonic()

    assert dagster.instance.run_launcher.terminate(run_id)
    assert dagster.ended(run_id) == "CANCELED"
    assert time.monotonic() - began > GRACE_SECONDS
    assert dagster.last_words(run_id).endswith("was ended by signal 9.")


def test_a_finished_run_is_not_cancelled(dagster: Dagster) -> None:
    run_id = dagster.launch("speaks")
    dagster.ended(run_id)

    assert not dagster.instance.run_launcher.terminate(run_id)


def test_a_run_on_another_machine_is_not_cancelled_from_here(dagster: Dagster) -> None:
    elsewhere = RunProcess("elsewhere", os.getpid(), 0.0).tags
    run = dagster.create("waits", tags=elsewhere, status=dg.DagsterRunStatus.STARTED)

    assert not dagster.instance.run_launcher.terminate(run.run_id)
    health = dagster.launcher.check_run_worker_health(run)
    assert health.status is WorkerStatus.RUNNING


def test_a_run_that_is_killed_fails_with_the_signal(dagster: Dagster) -> None:
    run_id = dagster.started("waits")
    process = dagster.process(run_id)
    assert (
        dagster.launcher.check_run_worker_health(dagster.run(run_id)).status is WorkerStatus.RUNNING
    )

    os.kill(process.pid, signal.SIGKILL)

    assert dagster.ended(run_id) == "FAILURE"
    ended = f"The run ended unexpectedly. Its process {process.pid} was ended by signal 9."
    assert dagster.last_words(run_id) == ended


def test_run_monitoring_sees_that_a_process_is_gone_when_its_daemon_is(dagster: Dagster) -> None:
    gone = RunProcess.here(pid=2**22, started=0.0)
    run = dagster.create("waits", tags=gone.tags, status=dg.DagsterRunStatus.STARTED)

    health = dagster.launcher.check_run_worker_health(run)

    assert health.status is WorkerStatus.FAILED
    assert str(gone.pid) in (health.msg or "")


def test_a_pid_that_another_process_has_now_is_not_the_run() -> None:
    reused = RunProcess.here(pid=os.getpid(), started=0.0)

    assert not reused.is_running
    reused.kill()


def test_run_monitoring_leaves_runs_alone_that_name_no_process(dagster: Dagster) -> None:
    run = dagster.create("waits", status=dg.DagsterRunStatus.STARTED)

    assert dagster.launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING


def test_a_run_survives_the_end_of_the_forkserver_and_the_next_gets_a_new_one(
    dagster: Dagster,
) -> None:
    run_id = dagster.started("waits")
    os.kill(dagster.launcher.forkserver.ensure(), signal.SIGKILL)

    assert dagster.ended(dagster.launch("speaks")) == "SUCCESS"
    assert dagster.process(run_id).is_running
    dagster.instance.run_launcher.terminate(run_id)
    assert dagster.ended(run_id) == "CANCELED"


def test_a_cancelled_run_frees_its_locks_and_its_slot(
    dagster: Dagster, postgres_url: str, tmp_path: Path
) -> None:
    url = make_url(postgres_url).set(drivername="postgresql").render_as_string(False)
    dagster.instance.event_log_storage.set_concurrency_slots(launcher_location.POOL, 1)
    config = {"ops": {"hold": {"config": {"url": url, "held": str(tmp_path / "held")}}}}
    run_id = dagster.started("holds", run_config=config)
    wait_for((tmp_path / "held").exists)
    assert not gets_lock(url)
    assert slots(dagster) == [run_id]

    dagster.instance.run_launcher.terminate(run_id)

    assert dagster.ended(run_id) == "CANCELED"
    wait_for(lambda: gets_lock(url))
    wait_for(lambda: slots(dagster) == [])


def slots(dagster: Dagster) -> list[str]:
    pool = dagster.instance.event_log_storage.get_concurrency_info(launcher_location.POOL)
    return [slot.run_id for slot in pool.claimed_slots]


def gets_lock(url: str) -> bool:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [launcher_location.LOCK])
            return bool(cursor.fetchone()[0])  # type: ignore[index]
    finally:
        connection.close()


def test_forks_are_gone_when_the_instance_closes(dagster: Dagster) -> None:
    dagster.ended(dagster.launch("speaks"))
    dagster.launcher.join()

    assert psutil.Process(dagster.launcher.forkserver.pid).children() == []


ON_SOCKET = GrpcServerCodeLocationOrigin("localhost", None, "/a/socket", MODULE)
ON_TCP = GrpcServerCodeLocationOrigin("code", 4000, None, MODULE)


@pytest.mark.parametrize(
    ("origin", "python", "locations", "is_forked"),
    [
        (MANAGED, sys.executable, [], True),
        (ON_SOCKET, sys.executable, [], True),
        (ON_TCP, sys.executable, [], False),
        (ON_TCP, sys.executable, [MODULE], True),
        (ON_SOCKET, "/another/python", [], False),
    ],
)
def test_only_runs_whose_code_and_environment_are_ours_are_forked(
    dagster: Dagster, origin: CodeLocationOrigin, python: str, locations: list[str], is_forked: bool
) -> None:
    launcher = ForkServerRunLauncher([], locations=locations)

    assert launcher.shares_code_of(dagster.create("speaks", origin, python)) == is_forked


def test_where_nothing_can_be_forked_the_code_server_starts_the_run_and_the_log_says_why_once(
    dagster: Dagster, caplog: pytest.LogCaptureFixture
) -> None:
    launcher = ForkServerRunLauncher(["no_such_module"])
    launcher.register_instance(dagster.instance)
    target = ModuleTarget(MODULE, None, str(ROOT), MODULE)
    logging.getLogger("dagster").propagate = True
    launcher.warm_up()
    with WorkspaceProcessContext(dagster.instance, target) as workspace:
        run = dagster.create("speaks")
        launcher.launch_run(LaunchRunContext(run, workspace.create_request_context()))
        assert dagster.ended(run.run_id) == "SUCCESS"
    assert RunProcess.of(dagster.run(run.run_id)) is None

    messages = [entry.getMessage() for entry in caplog.records]
    warnings = [message for message in messages if "not forked" in message]
    assert len(warnings) == 1
    assert warnings[0].endswith("ModuleNotFoundError: No module named 'no_such_module'")
