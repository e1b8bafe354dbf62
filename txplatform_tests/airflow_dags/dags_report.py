"""Runs in an environment with Airflow: what the platform's DAGs are, and what a failure tells.

Reads `{"folder": ..., "hooks": {name: address}}` from standard input and prints JSON.
"""

import importlib
import json
import logging
import sys
from io import StringIO
from types import SimpleNamespace
from typing import Any

from dagster_partitions.compat import DAG  # type: ignore[import-not-found]  # Airflow has it
from dagster_partitions.notifying import notification, post  # type: ignore[import-not-found]

NAMES = ("weekly_spend", "late_spend", "hourly_air", "daily_commerce")


def described(dag: Any) -> dict[str, Any]:
    """What of a DAG its users rely on."""
    return {
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "start": f"{dag.start_date:%Y-%m-%d}",
        "tags": sorted(dag.tags),
        "description": dag.description,
        "is_told": all(task.on_failure_callback for task in dag.tasks),
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "after": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
        "rules": {task.task_id: task.trigger_rule.value for task in dag.tasks},
    }


def dags_of(name: str) -> dict[str, Any]:
    """The DAGs that a file makes."""
    made: list[Any] = []
    begin = DAG.__init__

    def kept(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        made.append(self)

    DAG.__init__ = kept
    importlib.import_module(name)
    DAG.__init__ = begin
    return {dag.dag_id: described(dag) for dag in made}


def told(address: str) -> dict[str, Any]:
    """Whether a hook took a message, and what was logged."""
    log = StringIO()
    logger = logging.getLogger("dagster_partitions.notifying")
    handler = logging.StreamHandler(log)
    logger.addHandler(handler)
    is_taken = post(address, "fetches of hourly_air failed")
    logger.removeHandler(handler)
    return {"is_taken": is_taken, "log": log.getvalue()}


def main() -> None:
    """Print the report."""
    asked = json.load(sys.stdin)
    sys.path.insert(0, asked["folder"])
    dags = {dag_id: dag for name in NAMES for dag_id, dag in dags_of(name).items()}
    hooks = {name: told(address) for name, address in asked["hooks"].items()}
    task = SimpleNamespace(task_id="fetches", dag_id="hourly_air", run_id="manual")
    notification("hook")({"ti": task, "exception": ValueError("It wants a login.")})
    notification("hook")({"ti": task})
    report = {"dags": dags, "hooks": hooks, "nobody": notification(None)}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
