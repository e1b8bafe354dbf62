"""Every day: compute again the closed weeks that are stale, and nothing else.

A week is stale when purchases arrived late, one was corrected, or the computation changed; its
alerts are when its own purchases or a rule changed. txplatform says which (the asset
`stale_weeks`): what somebody reported or wiped in Dagster hides none.
Settings come from the Airflow Variable `spend` (JSON); docs/airflow.md lists them.
"""

from dagster_partitions.dags import Plan, reported
from dagster_partitions.operator import DagsterPartitionOperator

PLAN = Plan("spend")
WEEKS = {
    "weekly_transactions": ["transactions", "weekly_aggregates", "weekly_transactions"],
    "alerts": ["alerts", "benford"],
}
"""What is computed of a stale week, by the name under which `stale_weeks` lists the weeks."""


with PLAN.scheduled("late_spend", PLAN.get("late_cron", "0 7 * * *"), __doc__):
    asked = DagsterPartitionOperator(task_id="stale_weeks", assets="stale_weeks")
    for name, assets in WEEKS.items():
        found = reported.override(task_id=f"stale_{name}")("stale_weeks", name)
        asked >> found
        DagsterPartitionOperator.partial(
            task_id=name,
            assets=assets,
            max_active_tis_per_dagrun=PLAN.get("at_a_time", 2),
            map_index_template="{{ task.partition_key }}",
        ).expand(partition_key=found)
