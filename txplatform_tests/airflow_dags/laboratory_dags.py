"""DAGs of the laboratory's assets, for Airflow: one task each, started by hand with a week."""

from datetime import datetime, timedelta
from typing import Any

from dagster_partitions.compat import DAG  # type: ignore[import-not-found]  # Airflow has it
from dagster_partitions.operator import DagsterPartitionOperator  # type: ignore[import-not-found]

LIMIT = timedelta(seconds=20)
VARIANTS: dict[str, dict[str, Any]] = {
    "held": {"retries": 1},
    "held_patient": {"retries": 1, "retry_delay": timedelta(seconds=40)},
    "held_deferred": {"deferrable": True},
    "held_late": {"execution_timeout": LIMIT},
    "held_deferred_late": {"deferrable": True, "execution_timeout": LIMIT},
    "fragile": {},
    "broken": {},
    "broken_deferred": {"deferrable": True},
    "away": {"dagster_conn_id": "dagster_away"},
    "wrong": {},
    "odd": {},
    "odd_strict": {"fail_on_warnings": True},
}

for name, parameters in VARIANTS.items():
    with DAG(name, schedule=None, start_date=datetime(2020, 1, 6), catchup=False):
        DagsterPartitionOperator(
            task_id="run",
            assets=name.split("_")[0],
            partition_key="{{ dag_run.conf['week'] }}",
            poll_interval=0.5,
            **{"deferrable": False, **parameters},
        )
