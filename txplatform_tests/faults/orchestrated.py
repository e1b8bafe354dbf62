"""Faults that need Dagster's UI, a Spark cluster or Airflow around the installation."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import psutil

from txplatform.embedded.java import java_home
from txplatform.orchestration.instance import Instance
from txplatform.orchestration.run_process import RunProcess
from txplatform_tests.airflow_dags.airflow_3 import Airflow
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.end_to_end.spark_cluster import spark_cluster
from txplatform_tests.faults import moments, promises
from txplatform_tests.faults.accounts import MONDAYS
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import STALE, Fault, Stage, recover

RUN_SECONDS = 300
WARM_RUN_SECONDS = 1.2
"""What a forked run takes: it has imported all before."""


def run_worker_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Kill -9 of the process of a Dagster run; Dagster says so, and retries by itself."""
    with _ready(stage, fault) as (random, instance):
        run_id = stage.ground.launch()

        def worker() -> RunProcess | None:
            run = instance.get_run_by_id(run_id)
            return RunProcess.of(run) if run else None

        process = until(worker, RUN_SECONDS, "the run's process", pause=0.05)
        is_over = partial(_is_over, process)
        moments.wait_for(fault.moment, stage.world, random, is_over, WARM_RUN_SECONDS)
        is_struck = process.is_running
        process.kill()
        until(lambda: _is_finished(instance, run_id), RUN_SECONDS, "the end of the run")
        run = instance.get_run_by_id(run_id)
        is_struck = is_struck and run is not None and not run.is_success
        return _finish(stage, fault, lambda: _wait_for_retries(instance)) if is_struck else None


def daemon_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Kill -9 of Dagster's daemon; `up --ui` says so, and given again starts another."""
    with _ready(stage, fault) as (random, instance):
        stage.ground.launch()
        time.sleep(random.uniform(0, 3))
        daemons = [one for one in stage.ground.family() if _is_daemon(one)]
        if not daemons:
            return None
        daemons[0].kill()
        found = stage.ground.wait_for_end()
        return _finish(
            stage,
            fault,
            lambda: _wait_for_retries(instance),
            lambda: stage.ground.ensure().dispose(),
            found,
        )


def spark_worker_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Kill -9 of one of two workers of a Spark cluster; the command ends as if nothing was."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    stage.world.must(*stage.ingest(stage.new_file(fault)))
    folder = stage.world.folder / f"cluster-{fault.seed.replace(':', '-')}"
    folder.mkdir()
    with spark_cluster(folder, java_home(stage.world.settings)) as cluster:
        variables = {"TXPLATFORM_SPEND_ENGINE": "spark", "SPARK_MASTER": cluster.url}
        victim = stage.world.shell.start(*STALE, SPARK_LOCAL_IP="127.0.0.1", **variables)
        until(
            lambda: not victim.is_running or any(one["coresused"] for one in _workers(cluster)),
            RUN_SECONDS,
            "the application on the cluster",
            pause=0.05,
        )
        time.sleep(random.uniform(0, 4))
        is_struck = victim.is_running
        random.choice(cluster.workers).kill()
        ended = victim.wait(RUN_SECONDS)
    found = [f"the command failed: {ended.err[-500:]}"] if ended.code else []
    return _finish(stage, fault, found=found) if is_struck else None


def airflow_worker_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Kill -9 of an Airflow task and its supervisor; the retry finishes the DAG run."""
    with _ready(stage, fault) as (random, instance):
        airflow = stage.ground.airflow()
        airflow.unpause("weekly_spend")
        run_id = airflow.trigger("weekly_spend", week=str(random.choice(MONDAYS)))
        time.sleep(random.uniform(0, 6))
        struck: list[bool] = []

        def strike() -> bool:
            struck.append(_kill_a_task(airflow))
            return struck[-1] or airflow.runs("weekly_spend")[run_id] == "success"

        until(strike, RUN_SECONDS, "a task of Airflow", pause=0.02)
        began = time.monotonic()
        state = airflow.wait_for_run("weekly_spend", run_id, RUN_SECONDS)
        seconds = round(time.monotonic() - began, 1)
        found = [] if state == "success" else [f"the DAG run ended as {state}"]
        outcome = _finish(stage, fault, lambda: _wait_for_retries(instance), found=found)
        return replace(outcome, seconds=seconds) if struck[-1] else None


@contextmanager
def _ready(stage: Stage, fault: Fault) -> Iterator[tuple[Random, Instance]]:
    """The UI is up and there is something to compute."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    with stage.ground.ensure() as instance:
        stage.world.must(*stage.ingest(stage.new_file(fault)))
        yield random, instance


def _finish(
    stage: Stage,
    fault: Fault,
    before_judging: Callable[[], object] = lambda: None,
    start: Callable[[], object] = lambda: None,
    found: list[str] | None = None,
) -> Outcome:
    began = time.monotonic()
    start()
    recover(stage.world, (), "ingesting")
    seconds = round(time.monotonic() - began, 1)
    before_judging()
    broken = [*(found or ()), *promises.broken(stage.world, has_alerts=False)]
    broken += stage.reader.take_broken()
    return Outcome(fault.seed, fault.kind, fault.moment, seconds, tuple(broken))


def _is_daemon(process: psutil.Process) -> bool:
    with suppress(psutil.Error):  # it may have ended meanwhile
        return "dagster._daemon" in process.cmdline()
    return False


def _is_over(process: RunProcess) -> bool:
    return not process.is_running


def _is_finished(instance: Instance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is not None and run.is_finished


def _wait_for_retries(instance: Instance) -> None:
    """What Dagster has started again by itself has ended as well."""
    until(
        lambda: all(run.is_finished for run in instance.get_runs(limit=10)),
        RUN_SECONDS,
        "the end of all runs",
    )


def _workers(cluster: Any) -> list[dict[str, Any]]:
    workers: list[dict[str, Any]] = cluster.state()["workers"]
    return workers


def _kill_a_task(airflow: Airflow) -> bool:
    for child in airflow.processes["scheduler"].children():
        with suppress(psutil.NoSuchProcess):
            if " ".join(child.cmdline()).startswith("airflow worker -- LocalExecutor: "):
                for victim in (child, *child.children(recursive=True)):
                    victim.kill()
                return True
    return False
