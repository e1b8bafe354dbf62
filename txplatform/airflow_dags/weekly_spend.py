"""Every Monday: take in what is new, compute the week that has just closed, and find its alerts.

Settings come from the Airflow Variable `spend` (JSON); docs/airflow.md lists them.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pendulum

from dagster_partitions.assets import stale_partitions
from dagster_partitions.compat import (
    DAG,
    AirflowFailException,
    CronDataIntervalTimetable,
    Param,
    Variable,
    task,
)
from dagster_partitions.hook import DagsterHook
from dagster_partitions.operator import DagsterPartitionOperator

SETTINGS: dict[str, Any] = Variable.get("spend", {}, deserialize_json=True)
TIME_ZONE = pendulum.timezone(SETTINGS.get("time_zone", "UTC"))
FIRST_WEEK = SETTINGS.get("first_week")
ASSETS = ["transactions", "weekly_aggregates", "weekly_transactions"]
ALERTS = ["alerts", "benford"]
WITH_AN_INTERVAL = ("scheduled", "backfill")
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
    return str(data_interval_start.astimezone(TIME_ZONE).date())


@task
def stale_week_after(monday: str) -> list[str]:
    """The week after, if it was computed before and shows the change from what this week was."""
    after = str(date.fromisoformat(monday) + timedelta(weeks=1))
    stale = stale_partitions(DagsterHook().get_conn(), ASSETS)
    return [after] if after in stale else []


with DAG(
    "weekly_spend",
    description="The week that has just closed, from new purchases to weekly_transactions.",
    schedule=CronDataIntervalTimetable(SETTINGS.get("cron", "0 6 * * 1"), timezone=TIME_ZONE),
    start_date=datetime.fromisoformat(FIRST_WEEK or "2010-01-04").replace(tzinfo=TIME_ZONE),
    catchup=FIRST_WEEK is not None,
    max_active_runs=SETTINGS.get("at_a_time", 2),
    default_args={"retries": 2},
    params={
        "week": Param(
            None, type=["null", "string"], format="date", description="Monday of the week."
        )
    },
    tags=["spend"],
    doc_md=__doc__,
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
    computed >> after
    DagsterPartitionOperator.partial(task_id="week_after", assets=ASSETS).expand(
        partition_key=after
    )
    if ingestion := SETTINGS.get("ingestion", "source_files"):
        monday >> DagsterPartitionOperator(task_id="ingestion", assets=ingestion) >> computed
