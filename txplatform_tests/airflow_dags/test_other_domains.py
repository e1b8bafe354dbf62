"""hourly_air and daily_commerce on Airflow 3.3: from networks and files to the tables."""

from txplatform_tests.airflow_dags.airflow_3 import Airflow
from txplatform_tests.airflow_dags.dagster_server import DagsterServer
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.airflow_dags.stations import STATION, days_ago, drop_a_shop, telling
from txplatform_tests.airflow_dags.wire import Wire
from txplatform_tests.domains.air_quality.network import Network

MEANS = (
    "SELECT local_date::text, round(mean, 2)::text FROM air_quality.air_daily"
    " WHERE station_id = '283164601' AND parameter = 'pm25' AND mean IS NOT NULL"
    " ORDER BY local_date"
)


def day(back: int) -> str:
    """The key of a day before today."""
    return f"{days_ago(back):%Y-%m-%d}"


def switched_on(airflow: Airflow, dag_id: str) -> tuple[str, str]:
    """The one run that the scheduler makes of a DAG that was off for years, and how it ends."""
    airflow.unpause(dag_id)

    def ended() -> dict[str, str] | None:
        runs = airflow.runs(dag_id)
        return runs if runs and set(runs.values()) <= {"success", "failed"} else None

    ((run_id, state),) = until(ended, 300, f"the run of {dag_id}").items()
    return run_id, state


def test_missed_hours_are_one_fetch_and_the_changed_days_one_run(
    airflow: Airflow, dagster: DagsterServer, stations: Network
) -> None:
    stations.answer = telling(3, 7.0)

    run_id, state = switched_on(airflow, "hourly_air")

    assert (run_id.startswith("scheduled"), state) == (True, "success")
    assert dagster.rows(MEANS) == [(day(back), "8.15") for back in (3, 2, 1)]
    ranges = [task for task in airflow.tasks("hourly_air", run_id) if task.map_index >= 0]
    assert [task.state for task in ranges] == ["success"]


def test_one_network_that_fails_is_told_and_keeps_nobody_waiting(
    airflow: Airflow, dagster: DagsterServer, stations: Network, hook: Wire
) -> None:
    stations.answer = telling(1, 9.0, only=STATION)

    run_id, state = airflow.run("hourly_air")

    states = {task.task_id: task.state for task in airflow.tasks("hourly_air", run_id)}
    assert (state, states["fetches"], states["today"]) == ("failed", "failed", "success")
    assert dagster.rows(MEANS)[-1] == (day(1), "10.15")
    # Where the machine is slow Airflow's scheduler tells once more, without the reason.
    assert all("fetches of hourly_air failed" in told for told in hook.bodies)
    assert ["wants a login (401)" in told for told in hook.bodies].count(True) == 1


def test_a_day_of_commerce_refreshes_gold_from_the_drop_folder(
    airflow: Airflow, dagster: DagsterServer
) -> None:
    drop_a_shop(dagster.shop_folder)

    _, state = switched_on(airflow, "daily_commerce")

    assert state == "success"
    assert dagster.rows("SELECT count(*) FROM commerce.sales_day") == [(2,)]
