"""Every Monday: take in what is new, compute the week that has just closed, and find its alerts.

Settings come from the Airflow Variable `spend` (JSON); docs/airflow.md lists them.
"""

from datetime import date, timedelta
from typing import Any

from dagster_partitions.assets import reported_partitions
from dagster_partitions.compat import AirflowFailException, Param, task
from dagster_partitions.dags import WITH_AN_INTERVAL, Plan
from dagster_partitions.hook import DagsterHook
from dagster_partitions.operator import DagsterPartitionOperator

PLAN = Plan("spend")
ASSETS = ["transactions", "weekly_aggregates", "weekly_transactions"]
ALERTS = ["alerts", "benford"]
NO_WEEK = (
    "A run that somebody triggers says its week, by its Monday: "
    'airflow dags trigger weekly_spend --conf \'{"week": "2026-11-16"}\'.'
)


@task
def week(dag_run: Any = None, data_interval_start: Any = None, params: Any = None) -> str:
    """The Monday of the week to compute: that of the data interval, or the one asked for.

    The interval that Airflow invents for a manual run is nobody's wish, so it is not used.
    """
    if params["week"]:
        return str(params["week"])
    if dag_run.run_type not in WITH_AN_INTERVAL:
        raise AirflowFailException(NO_WEEK)
    return str(data_interval_start.astimezone(PLAN.zone).date())


@task
def stale_week_after(monday: str) -> list[str]:
    """The week after, if it was computed before and shows the change from what this week was.

    txplatform says so, as it does in `late_spend`.
    """
    after = str(date.fromisoformat(monday) + timedelta(weeks=1))
    stale = reported_partitions(DagsterHook().get_conn(), "stale_weeks", "weekly_transactions")
    return [after] if after in stale else []


with PLAN.scheduled(
    "weekly_spend",
    PLAN.get("cron", "0 6 * * 1"),
    __doc__,
    first=PLAN.get("first_week"),
    max_active_runs=PLAN.get("at_a_time", 2),
    params={
        "week": Param(
            None, type=["null", "string"], format="date", description="Monday of the week."
        )
    },
):
    monday = week()
    computed = DagsterPartitionOperator(
        task_id="weekly_transactions",
        assets=ASSETS,
        partition_key=monday,  # type: ignore[arg-type]
    )
    computed >> DagsterPartitionOperator(
        task_id="alerts",
        assets=ALERTS,
        partition_key=monday,  # type: ignore[arg-type]
    )
    after = stale_week_after(monday)  # type: ignore[arg-type]
    computed >> DagsterPartitionOperator(task_id="stale_weeks", assets="stale_weeks") >> after
    DagsterPartitionOperator.partial(task_id="week_after", assets=ASSETS).expand(
        partition_key=after
    )
    if ingestion := PLAN.get("ingestion", "source_files"):
        monday >> DagsterPartitionOperator(task_id="ingestion", assets=ingestion) >> computed
