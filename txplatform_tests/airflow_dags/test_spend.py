"""weekly_spend and late_spend on Airflow 3.3: from a file in the drop folder to the table.

Every component of Airflow and of Dagster is there; the tasks wait in the triggerer.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from txplatform_tests.airflow_dags.airflow_3 import Airflow
from txplatform_tests.airflow_dags.conftest import Weeks, purchases_of, roads
from txplatform_tests.airflow_dags.dagster_server import DagsterServer
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.domains.spend.oracle import weekly_rows

ASSET = "weekly_transactions"


@pytest.fixture(scope="module")
def caught_up(airflow: Airflow, weeks: Weeks) -> dict[str, str]:
    """State of the runs that the scheduler makes once the DAG is switched on."""
    airflow.unpause("weekly_spend")

    def ended() -> dict[str, str] | None:
        found = airflow.runs("weekly_spend")
        scheduled = {run: state for run, state in found.items() if run.startswith("scheduled")}
        is_over = all(state in {"success", "failed"} for state in scheduled.values())
        return scheduled if is_over and len(scheduled) >= len(weeks.caught_up) else None

    return until(ended, 900, "the end of catch-up")


def manual_run(airflow: Airflow, **conf: str) -> tuple[str, str]:
    """A run that somebody triggers: its id and how it ended."""
    return airflow.run("weekly_spend", **conf)


def weeks_run(dagster: DagsterServer, weeks: list[str]) -> dict[str, list[str]]:
    """How the runs of each week ended."""
    found = {week: [run.status for run in dagster.runs_of(ASSET, week)] for week in weeks}
    return {week: statuses for week, statuses in found.items() if statuses}


def test_catch_up_computes_exactly_the_weeks_since_the_first(
    caught_up: dict[str, str], airflow: Airflow, dagster: DagsterServer, weeks: Weeks
) -> None:
    assert list(caught_up.values()) == ["success"] * 3
    before = str(date.fromisoformat(weeks.caught_up[0]) - timedelta(weeks=1))
    computed = weeks_run(dagster, [before, *weeks.caught_up])
    assert list(computed) == weeks.caught_up
    first = min(caught_up)
    states = {task.task_id: task.state for task in airflow.tasks("weekly_spend", first)}
    assert states == {
        "week": "success",
        "ingestion": "success",
        "weekly_transactions": "success",
        "alerts": "success",
        "stale_weeks": "success",
        "stale_week_after": "success",
        "week_after": "skipped",
    }


@pytest.fixture(scope="module")
def late_spend(caught_up: dict[str, str], airflow: Airflow) -> str:
    """The DAG, after the run that the scheduler makes once it is switched on."""
    assert caught_up
    airflow.unpause("late_spend")
    until(lambda: airflow.runs("late_spend"), 120, "the first run of late_spend")
    airflow.wait_for_run("late_spend", next(iter(airflow.runs("late_spend"))))
    return "late_spend"


def test_late_purchases_are_repaired_with_the_week_after_and_nothing_else(
    late_spend: str, airflow: Airflow, dagster: DagsterServer, weeks: Weeks, tmp_path: Path
) -> None:
    _, late, last = weeks.caught_up
    file = tmp_path / "late.csv"
    too_late = roads(late, 5_00)
    dagster.write(file, [too_late])
    dagster.txplatform("spend", "ingest", str(file))
    runs_before = weeks_run(dagster, weeks.all)

    run_id, state = airflow.run(late_spend)

    tasks = airflow.tasks(late_spend, run_id)
    repaired, alerts = ([t.state for t in tasks if t.task_id == name] for name in (ASSET, "alerts"))
    assert (state, repaired, alerts) == ("success", ["success", "success"], ["success"])
    runs_after = weeks_run(dagster, weeks.all)
    assert [week for week in weeks.all if runs_after.get(week) != runs_before.get(week)] == [
        late,
        last,
    ]
    expected = weekly_rows([*purchases_of(weeks.caught_up), too_late])
    rows = dagster.exported(weeks.caught_up, tmp_path / "table.csv")
    assert [{name: row[name] for name in expected[0]} for row in rows] == [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in expected
    ]


def test_nothing_stale_nothing_started(
    late_spend: str, airflow: Airflow, dagster: DagsterServer, weeks: Weeks
) -> None:
    runs_before = weeks_run(dagster, weeks.all)

    run_id, state = airflow.run(late_spend)

    assert state == "success"
    assert airflow.task(late_spend, run_id, ASSET).state == "skipped"
    assert weeks_run(dagster, weeks.all) == runs_before


@pytest.mark.usefixtures("caught_up")
def test_a_backfill_computes_exactly_its_weeks(
    airflow: Airflow, dagster: DagsterServer, weeks: Weeks
) -> None:
    first, last = weeks.backfill

    airflow.cli(
        *("backfill", "create", "--dag-id", "weekly_spend"),
        *("--from-date", first, "--to-date", last),
    )

    def ended() -> list[str] | None:
        found = airflow.runs("weekly_spend")
        states = [state for run, state in found.items() if run.startswith("backfill")]
        return states if states and not {"queued", "running"} & set(states) else None

    assert until(ended, 600, "the end of the backfill") == ["success", "success"]
    week = timedelta(weeks=1)
    around = [str(date.fromisoformat(first) + n * week) for n in (-1, 0, 1, 2)]
    assert list(weeks_run(dagster, around)) == [first, last]


@pytest.mark.usefixtures("caught_up")
def test_a_manual_run_without_a_week_is_refused(airflow: Airflow) -> None:
    run_id, state = manual_run(airflow)

    task = airflow.task("weekly_spend", run_id, "week")
    assert (state, task.state, task.try_number) == ("failed", "failed", 1)
    sentence = "A run that somebody triggers says its week, by its Monday"
    assert sentence in airflow.log("weekly_spend", run_id, task)
    assert airflow.task("weekly_spend", run_id, "ingestion").state == "upstream_failed"


@pytest.mark.usefixtures("caught_up")
def test_a_manual_run_computes_the_week_that_it_says(
    airflow: Airflow, dagster: DagsterServer, weeks: Weeks
) -> None:
    (week,) = weeks.asked_for

    _, state = manual_run(airflow, week=week)

    assert state == "success"
    assert weeks_run(dagster, weeks.all)[week] == ["SUCCESS"]
    assert dagster.table([week]) == [(week, "10.00", "None")]


@pytest.mark.usefixtures("caught_up")
def test_a_poisoned_week_fails_with_its_reason(
    airflow: Airflow, dagster: DagsterServer, weeks: Weeks
) -> None:
    (week,) = weeks.poisoned

    with dagster.poisoned(week):
        run_id, state = manual_run(airflow, week=week)

    task = airflow.task("weekly_spend", run_id, ASSET)
    assert (state, task.state) == ("failed", "failed")
    assert f"Week {week} cannot be computed" in airflow.log("weekly_spend", run_id, task)
    assert dagster.table([week]) == []
