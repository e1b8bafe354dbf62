"""Every hour: ask the stations' networks for what is new, compute today and the changed days.

A missed hour needs no run of its own: the next fetch starts at the last stored hour. What did not
answer leaves the run red, and keeps no other station's figures waiting.
Settings come from the Airflow Variable `air_quality` (JSON); docs/airflow.md lists them.
"""

from datetime import UTC, datetime
from typing import Any

from dagster_partitions.compat import task
from dagster_partitions.dags import WITH_AN_INTERVAL, Plan, reported
from dagster_partitions.operator import DagsterPartitionOperator

PLAN = Plan("air_quality")
FETCHES, STALE = "air_quality/fetches", "air_quality/stale_days"
DAYS = [
    f"air_quality/{name}" for name in ("air_hours", "air_hourly", "air_daily", "air_exceedances")
]


@task(trigger_rule="all_done")
def day(dag_run: Any = None, data_interval_start: Any = None) -> str:
    """The day (UTC) of the hour that has just closed; of a run by hand, today."""
    has_interval = dag_run.run_type in WITH_AN_INTERVAL
    moment = data_interval_start if has_interval else datetime.now(UTC)
    return str(moment.astimezone(UTC).date())


@task
def answered() -> None:
    """Keeps the run from being green where a network gave no usable answer."""


with PLAN.scheduled("hourly_air", PLAN.get("cron", "5 * * * *"), __doc__):
    # The next hour asks again; a try within ten minutes would find the network spared.
    fetched = DagsterPartitionOperator(task_id="fetches", assets=FETCHES, retries=0)
    hour_of = day()
    today = DagsterPartitionOperator(
        task_id="today",
        assets=DAYS,
        partition_key=hour_of,  # type: ignore[arg-type]
    )
    asked = DagsterPartitionOperator(task_id="stale_days", assets=STALE)
    fetched >> [answered(), hour_of]
    today >> asked
    changed = reported.override(task_id="changed")(STALE, "days")
    asked >> changed
    DagsterPartitionOperator.partial(
        task_id="changed_days",
        assets=DAYS,
        run_tags={"txplatform/only": "stale"},
        max_active_tis_per_dagrun=1,
        map_index_template="{{ task.partition_key }}",
    ).expand(partition_key=changed)
