"""Every day: compute again the closed weeks that are stale, and nothing else.

A week is stale when purchases arrived late, one was corrected, or the computation changed; its
alerts are when its own purchases or a rule changed. txplatform says which (the asset
`stale_weeks`): what somebody reported or wiped in Dagster hides none.
Settings come from the Airflow Variable `spend` (JSON); docs/airflow.md lists them.
"""

from datetime import datetime
from typing import Any

import pendulum

from dagster_partitions.assets import reported_partitions
from dagster_partitions.compat import DAG, CronDataIntervalTimetable, Variable, task
from dagster_partitions.hook import DagsterHook
from dagster_partitions.operator import DagsterPartitionOperator

SETTINGS: dict[str, Any] = Variable.get("spend", {}, deserialize_json=True)
TIME_ZONE = pendulum.timezone(SETTINGS.get("time_zone", "UTC"))
WEEKS = {
    "weekly_transactions": ["transactions", "weekly_aggregates", "weekly_transactions"],
    "alerts": ["alerts", "benford"],
}
"""What is computed of a stale week, by the name under which `stale_weeks` lists the weeks."""


@task
def stale(name: str) -> list[str]:
    """The Mondays of the closed weeks that are stale."""
    return reported_partitions(DagsterHook().get_conn(), "stale_weeks", name)


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
    asked = DagsterPartitionOperator(task_id="stale_weeks", assets="stale_weeks")
    for name, assets in WEEKS.items():
        found = stale.override(task_id=f"stale_{name}")(name)
        asked >> found
        DagsterPartitionOperator.partial(
            task_id=name,
            assets=assets,
            max_active_tis_per_dagrun=SETTINGS.get("at_a_time", 2),
            map_index_template="{{ task.partition_key }}",
        ).expand(partition_key=found)
