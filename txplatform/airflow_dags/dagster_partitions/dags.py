"""What the DAGs of every domain share: their Variable, a schedule with intervals, what is told.

A domain's DAG names its assets and their order. How often it runs, what is caught up on and who
hears of a failure is said here, once.
"""

from datetime import datetime
from typing import Any

import pendulum

from .assets import assets_of_job, reported_partitions
from .compat import DAG, CronDataIntervalTimetable, Variable, task
from .hook import DagsterHook
from .notifying import notification

LONG_AGO = "2010-01-04"
WITH_AN_INTERVAL = ("scheduled", "backfill")
"""Kinds of runs whose interval is somebody's wish; Airflow invents one for every other."""


class Plan:
    """The Airflow Variable of a domain, JSON of which every field is optional."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self._fields: dict[str, Any] = Variable.get(domain, {}, deserialize_json=True)
        self.zone = pendulum.timezone(self._fields.get("time_zone", "UTC"))

    def get(self, field: str, default: Any = None) -> Any:
        """A field of the Variable."""
        return self._fields.get(field, default)

    def scheduled(
        self,
        dag_id: str,
        cron: str,
        about: str,
        first: str | None = None,
        **more: Any,
    ) -> DAG:
        """A DAG whose runs stand for stretches of time, one after the other unless told otherwise.

        Args:
            dag_id: its name.
            cron: when it runs; each run stands for the time since the one before.
            about: what it does, its first line as the description.
            first: day from which missed runs are caught up on; None: of those, only the last runs.
            more: arguments of Airflow's DAG.
        """
        told = notification(self.get("notify"))
        return DAG(
            dag_id,
            description=about.partition("\n")[0],
            schedule=CronDataIntervalTimetable(cron, timezone=self.zone),
            start_date=datetime.fromisoformat(first or LONG_AGO).replace(tzinfo=self.zone),
            catchup=first is not None,
            default_args={"retries": 2, "on_failure_callback": told},
            tags=[self.domain],
            doc_md=about,
            **{"max_active_runs": 1, **more},
        )


@task
def reported(asset: str, label: str) -> list[str]:
    """The partitions, or ranges of them, that an asset lists in its newest materialisation."""
    return reported_partitions(DagsterHook().get_conn(), asset, label)


@task
def assets_of(job: str) -> list[str]:
    """The assets of a job, so that a DAG need not list what a code location declares."""
    return assets_of_job(DagsterHook().get_conn(), job)
