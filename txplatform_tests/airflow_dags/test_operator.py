"""The operator on Airflow 3.3, with every component of it, against assets that misbehave."""

import pytest

from txplatform.airflow_dags.dagster_partitions import runs
from txplatform.airflow_dags.dagster_partitions.assets import find_target
from txplatform_tests.airflow_dags.airflow_3 import Airflow
from txplatform_tests.airflow_dags.dagster_server import DagsterServer
from txplatform_tests.airflow_dags.laboratory import SENTENCE
from txplatform_tests.airflow_dags.processes import until


def wait_for_dagster(dagster: DagsterServer, asset: str, week: str, status: str) -> str:
    """The id of the newest run of an asset for a week, once it has the status."""

    def look() -> str | None:
        found = dagster.runs_of(asset, week)
        return found[0].run_id if found and found[0].status == status else None

    return until(look, 120, f"{asset} of {week} in {status}")


def log_of(airflow: Airflow, dag_id: str, run_id: str) -> str:
    """The log of the DAG's one task."""
    return airflow.log(dag_id, run_id, airflow.task(dag_id, run_id, "run"))


def test_step_events_and_warnings_arrive_in_the_task_log(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    run_id, state = airflow.run("odd", week="2025-01-06")

    log = log_of(airflow, "odd", run_id)
    assert state == "success"
    assert 'Finished execution of step \\"odd\\"' in log
    assert "the check usual of odd failed: Twice the usual total." in log
    (run,) = dagster.runs_of("odd", "2025-01-06")
    assert airflow.link("odd", run_id, "run") == dagster.client.run_url(run.run_id)


def test_warnings_fail_the_task_where_that_is_asked_for(airflow: Airflow) -> None:
    run_id, state = airflow.run("odd_strict", week="2025-01-13")

    assert state == "failed"
    assert "Twice the usual total." in log_of(airflow, "odd_strict", run_id)


def test_a_failed_check_fails_the_task_although_dagster_calls_the_run_a_success(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    run_id, state = airflow.run("wrong", week="2025-01-06")

    assert state == "failed"
    assert "the check total of wrong failed: Off by 0.01." in log_of(airflow, "wrong", run_id)
    assert [run.status for run in dagster.runs_of("wrong", "2025-01-06")] == ["SUCCESS"]


def test_a_failing_asset_passes_its_sentence_on_and_no_stack_trace(airflow: Airflow) -> None:
    run_id, state = airflow.run("broken", week="2025-01-06")

    log = log_of(airflow, "broken", run_id)
    assert state == "failed"
    assert f"broken: {SENTENCE}" in log
    assert "laboratory.py" not in log
    assert log.count("dagster_partitions/") == 1  # the frame in which every operator ends


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ("2025-01-07", "The asset odd has no partition '2025-01-07': it has 2010-01-04 to "),
        ("week 2", "The asset odd has no partition 'week 2'"),
    ],
)
def test_a_partition_that_does_not_exist_is_refused(
    airflow: Airflow, dagster: DagsterServer, week: str, sentence: str
) -> None:
    run_id, state = airflow.run("odd", week=week)

    assert state == "failed"
    assert sentence in log_of(airflow, "odd", run_id)
    assert dagster.runs_of("odd", week) == []


def test_a_killed_worker_and_its_retry_leave_one_run(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    week = "2025-01-06"
    airflow.unpause("held")
    run_id = airflow.trigger("held", week=week)
    started = wait_for_dagster(dagster, "held", week, "STARTED")

    airflow.kill_worker("held", run_id, "run")
    until(lambda: airflow.task("held", run_id, "run").try_number == 2, 120, "the second try")
    airflow.wait_for_task("held", run_id, "run", {"running"})
    dagster.laboratory.release(week)

    assert airflow.wait_for_run("held", run_id) == "success"
    assert f"Attached to the run {started}" in log_of(airflow, "held", run_id)
    assert [run.run_id for run in dagster.runs_of("held", week)] == [started]


def test_a_retry_takes_over_a_run_that_has_ended_meanwhile(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    week = "2025-01-13"
    airflow.unpause("held_patient")
    run_id = airflow.trigger("held_patient", week=week)
    started = wait_for_dagster(dagster, "held", week, "STARTED")

    airflow.kill_worker("held_patient", run_id, "run")
    dagster.laboratory.release(week)
    wait_for_dagster(dagster, "held", week, "SUCCESS")

    assert airflow.wait_for_run("held_patient", run_id) == "success"
    assert f"the run {started} of a try that was lost" in log_of(airflow, "held_patient", run_id)
    assert [run.run_id for run in dagster.runs_of("held", week)] == [started]


@pytest.mark.parametrize(
    ("dag_id", "week", "waiting"),
    [("held", "2025-02-03", "running"), ("held_deferred", "2025-02-10", "deferred")],
)
def test_a_killed_task_cancels_its_run(
    airflow: Airflow, dagster: DagsterServer, dag_id: str, week: str, waiting: str
) -> None:
    airflow.unpause(dag_id)
    run_id = airflow.trigger(dag_id, week=week)
    wait_for_dagster(dagster, "held", week, "STARTED")
    airflow.wait_for_task(dag_id, run_id, "run", {waiting})

    airflow.mark_failed(dag_id, run_id, "run")

    wait_for_dagster(dagster, "held", week, "CANCELED")


@pytest.mark.parametrize(
    ("dag_id", "week"), [("held_late", "2025-02-17"), ("held_deferred_late", "2025-02-24")]
)
def test_a_timeout_cancels_the_run(
    airflow: Airflow, dagster: DagsterServer, dag_id: str, week: str
) -> None:
    _, state = airflow.run(dag_id, week=week)

    assert state == "failed"
    wait_for_dagster(dagster, "held", week, "CANCELED")


def test_the_triggerer_waits_for_the_run_and_shows_its_events(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    week = "2025-03-03"
    airflow.unpause("held_deferred")
    run_id = airflow.trigger("held_deferred", week=week)
    airflow.wait_for_task("held_deferred", run_id, "run", {"deferred"})
    started = wait_for_dagster(dagster, "held", week, "STARTED")
    assert airflow.link("held_deferred", run_id, "run") == dagster.client.run_url(started)

    dagster.laboratory.release(week)

    assert airflow.wait_for_run("held_deferred", run_id) == "success"
    assert "Materialized value held." in log_of(airflow, "held_deferred", run_id)


def test_a_run_that_somebody_else_has_started_is_followed_and_never_cancelled(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    week = "2025-03-10"
    target = find_target(dagster.client, ["held"], week)
    theirs = runs.launch(dagster.client, target, {"who": "somebody else"}, None)
    airflow.unpause("held")
    run_id = airflow.trigger("held", week=week)
    until(
        lambda: (
            f"Attached to the run {theirs}, which somebody else" in log_of(airflow, "held", run_id)
        ),
        120,
        "the task attached to their run",
    )

    airflow.mark_failed("held", run_id, "run")
    until(lambda: airflow.runs("held")[run_id] == "failed", 60, "the end of the DAG run")

    dagster.laboratory.release(week)
    assert wait_for_dagster(dagster, "held", week, "SUCCESS") == theirs


def test_retries_that_dagster_makes_are_followed(airflow: Airflow, dagster: DagsterServer) -> None:
    week = "2025-01-06"
    dagster.laboratory.break_once(week)

    run_id, state = airflow.run("fragile", week=week)

    log = log_of(airflow, "fragile", run_id)
    retry, lost = dagster.runs_of("fragile", week)
    assert (state, retry.status, lost.status) == ("success", "SUCCESS", "FAILURE")
    assert f"Dagster runs it again: {dagster.client.run_url(retry.run_id)}" in log
    assert airflow.link("fragile", run_id, "run") == dagster.client.run_url(retry.run_id)


def test_a_cleared_task_runs_anew(airflow: Airflow, dagster: DagsterServer) -> None:
    week = "2025-01-20"
    run_id, _ = airflow.run("odd", week=week)

    body = {"dry_run": False, "dag_run_id": run_id, "only_failed": False}
    airflow.api("POST", "dags/odd/clearTaskInstances", body)
    until(lambda: airflow.task("odd", run_id, "run").try_number == 2, 60, "the second try")
    airflow.wait_for_run("odd", run_id)

    assert [run.status for run in dagster.runs_of("odd", week)] == ["SUCCESS", "SUCCESS"]
