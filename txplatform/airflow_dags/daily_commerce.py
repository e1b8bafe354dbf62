"""Every day: take in the shop's files that are new, compute gold from them, and copy it.

A missed day needs no run of its own: the next one takes in everything that waits.
Settings come from the Airflow Variable `commerce` (JSON); docs/airflow.md lists them.
"""

from dagster_partitions.dags import Plan, assets_of
from dagster_partitions.operator import DagsterPartitionOperator

PLAN = Plan("commerce")

with PLAN.scheduled("daily_commerce", PLAN.get("cron", "0 6 * * *"), __doc__):
    DagsterPartitionOperator(
        task_id="refresh",
        assets=assets_of("commerce_refresh"),  # type: ignore[arg-type]
    )
