"""Operator and DAGs on Airflow 2.11, through the commands that run a DAG in one process."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from txplatform_tests.airflow_dags.airflow_2 import Airflow2
from txplatform_tests.airflow_dags.conftest import Weeks, roads
from txplatform_tests.airflow_dags.dagster_server import DagsterServer
from txplatform_tests.airflow_dags.laboratory import SENTENCE
from txplatform_tests.airflow_dags.stations import drop_a_shop, telling
from txplatform_tests.domains.air_quality.network import Network

ASSET = "weekly_transactions"
DAY = str(datetime.now(UTC).date())
"""Any day on which the DAGs have begun: a manual run does not look at it."""


def of_week(week: str) -> str:
    """The configuration of a manual run."""
    return json.dumps({"week": week})


def test_warnings_are_logged_and_the_task_is_green(
    airflow2: Airflow2, dagster: DagsterServer
) -> None:
    printed = airflow2.dags_test("odd", DAY, of_week("2023-01-02"))

    assert "state=success" in printed
    assert "the check usual of odd failed: Twice the usual total." in printed
    assert [run.status for run in dagster.runs_of("odd", "2023-01-02")] == ["SUCCESS"]


def test_a_failed_check_fails_the_task(airflow2: Airflow2) -> None:
    printed = airflow2.dags_test("wrong", DAY, of_week("2023-01-02"))

    assert "state=failed" in printed
    assert "the check total of wrong failed: Off by 0.01." in printed


def test_a_failing_asset_passes_its_sentence_on(airflow2: Airflow2) -> None:
    printed = airflow2.dags_test("broken", DAY, of_week("2023-01-02"))

    assert "state=failed" in printed
    assert f"broken: {SENTENCE}" in printed
    assert "laboratory.py" not in printed


def test_a_deferred_task_is_resumed(airflow2: Airflow2, dagster: DagsterServer) -> None:
    week = "2023-01-09"
    dagster.laboratory.release(week)

    printed = airflow2.dags_test("held_deferred", DAY, of_week(week))

    assert "state=success" in printed
    assert [run.status for run in dagster.runs_of("held", week)] == ["SUCCESS"]


def test_a_manual_run_without_a_week_is_refused(airflow2: Airflow2) -> None:
    printed = airflow2.dags_test("weekly_spend", DAY)

    assert "A run that somebody triggers says its week, by its Monday" in printed
    assert "state=failed" in printed


def test_the_week_after_comes_along_where_it_shows_the_change(
    airflow2: Airflow2, dagster: DagsterServer, weeks: Weeks, tmp_path: Path
) -> None:
    """Catches: a week that was reported in Dagster's UI, and so is not stale there any more."""
    first, after = weeks.changed_2
    for week in (first, after):
        assert "state=success" in airflow2.dags_test("weekly_spend", DAY, of_week(week))

    file = tmp_path / "late.csv"
    dagster.write(file, [roads(first, 2_50)])
    dagster.txplatform("spend", "ingest", str(file))
    dagster.report("weekly_aggregates", after)  # which hides from Dagster that it is stale
    printed = airflow2.dags_test("weekly_spend", DAY, of_week(first))

    assert "state=success" in printed
    assert dagster.table([first, after]) == [(first, "12.50", "None"), (after, "10.00", "12.50")]


def test_a_backfill_computes_exactly_its_weeks(
    airflow2: Airflow2, dagster: DagsterServer, weeks: Weeks
) -> None:
    first, last = weeks.backfill_2

    with airflow2.triggerer():
        airflow2.cli("dags", "backfill", "weekly_spend", "-s", first, "-e", last)

    week = timedelta(weeks=1)
    around = [str(date.fromisoformat(first) + n * week) for n in (-1, 0, 1, 2)]
    assert [day for day in around if dagster.runs_of(ASSET, day)] == [first, last]


def test_late_spend_repairs_exactly_what_is_stale(
    airflow2: Airflow2, dagster: DagsterServer, weeks: Weeks, tmp_path: Path
) -> None:
    late, after = weeks.late_2
    for week in (late, after):
        assert "state=success" in airflow2.dags_test("weekly_spend", DAY, of_week(week))
    file = tmp_path / "late.csv"
    dagster.write(file, [roads(late, 5_00)])
    dagster.txplatform("spend", "ingest", str(file))

    printed = airflow2.dags_test("late_spend", DAY)

    assert "state=success" in printed
    assert [len(dagster.runs_of(ASSET, week)) for week in (late, after)] == [2, 2]
    assert dagster.table([late, after]) == [(late, "15.00", "None"), (after, "10.00", "15.00")]


def test_an_hour_of_air_is_fetched_and_computed(
    airflow2: Airflow2, dagster: DagsterServer, stations: Network
) -> None:
    stations.answer = telling(2, 7.0)

    printed = airflow2.dags_test("hourly_air", DAY)

    assert "state=success" in printed
    counted = "SELECT count(*) FROM air_quality.air_daily WHERE parameter = 'pm25'"
    assert dagster.rows(f"{counted} AND mean IS NOT NULL") == [(4,)]


def test_a_day_of_commerce_is_refreshed(airflow2: Airflow2, dagster: DagsterServer) -> None:
    drop_a_shop(dagster.shop_folder)

    printed = airflow2.dags_test("daily_commerce", DAY)

    assert "state=success" in printed
    assert dagster.rows("SELECT count(*) FROM commerce.sales_day") == [(2,)]
