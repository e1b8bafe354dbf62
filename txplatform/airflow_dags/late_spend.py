"""Every day: compute again the closed weeks that are stale, and nothing else.

A week is stale when purchases arrived late, one was corrected, or the computation changed; its
alerts are when its own purchases or a rule changed.
Settings come from the Airflow Variable `spend` (JSON); docs/airflow.md lists them.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pendulum

from dagster_partitions.assets import stale_partitions
from dagster_partitions.compat import DAG, CronDataIntervalTimetable, Variable, task
from dagster_partitions.hook import DagsterHook
from dagster_partitions.operator import DagsterPartitionOperator

SETTINGS: dict[str, Any] = Variable.get("spend", {}, deserialize_json=True)
TIME_ZONE = pendulum.timezone(SETTINGS.get("time_zone", "UTC"))
ASSETS = ["transactions", "weekly_aggregates", "weekly_transactions"]
ALERTS = ["alerts", "benford"]


@task
def stale_weeks(assets: list[str]) -> list[str]:
    """The Mondays of the closed weeks that are stale; the open week is nobody's yet."""
    today = datetime.now(TIME_ZONE).date()
    return [
        monday
        for monday in stale_partitions(DagsterHook().get_conn(), assets)
        if date.fromisoformat(monday) + timedelta(weeks=1) <= today
    ]


with DAG(
    "late_spend",
    description="Weeks that are stale: late purchases, corrections, a changed rule.",
    schedule=CronDataIntervalTimetable(SETTINGS.get("late_cron", "0 7 * * *"), timezone=TIME_ZONE),
    start_date=datetime(2010, 1, 4, tzinfo=TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2},
    tags=["spend"],
    doc_md=__doc__,
):
    for task_id, assets in (("weekly_transactions", ASSETS), ("alerts", ALERTS)):
        DagsterPartitionOperator.partial(
            task_id=task_id,
            assets=assets,
            max_active_tis_per_dagrun=SETTINGS.get("at_a_time", 2),
            map_index_template="{{ task.partition_key }}",
        ).expand(partition_key=stale_weeks.override(task_id=f"stale_{task_id}")(assets))
