"""Retention of runs and logs: what nobody will ask for again is deleted, once a day.

Dagster deletes old ticks by itself (dagster.yaml), but never a run. A run that materialised a
period is the history to which a table's `run_id` leads, and Dagster would forget it with the run:
the run stays, without what it printed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from txplatform.settings import Settings

EVERY_NIGHT = "30 3 * * *"
PAGE = 200


class Deleted(NamedTuple):
    """How many runs were deleted, and of how many more what they had printed."""

    runs: int
    logs: int


def retention(settings: Settings) -> dg.Definitions:
    """The job that deletes, and the schedule that starts it every night."""

    @dg.op
    def delete_old_runs(context: dg.OpExecutionContext) -> None:
        """Delete what is older than TXPLATFORM_KEEP_RUNS_DAYS."""
        before = datetime.now(UTC) - timedelta(days=settings.keep_runs_days)
        deleted = delete_before(context.instance, before)
        context.log.info("%d runs deleted, and the logs of %d more.", *deleted)

    @dg.job(name="retention", description="Delete old runs and logs; what made the table stays.")
    def job() -> None:
        delete_old_runs()

    schedule = dg.ScheduleDefinition(
        name="retention_every_night",
        job=job,
        cron_schedule=EVERY_NIGHT,
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(jobs=[job], schedules=[schedule])


def delete_before(instance: dg.DagsterInstance, before: datetime) -> Deleted:
    """Delete runs that ended before an instant and materialised nothing; of others, their logs."""
    runs = logs = 0
    for run_id in list(_ended_before(instance, before)):
        instance.compute_log_manager.delete_logs(prefix=[run_id, "compute_logs"])
        if _has_materialized(instance, run_id):
            logs += 1
        else:
            instance.delete_run(run_id)
            runs += 1
    return Deleted(runs, logs)


def _ended_before(instance: dg.DagsterInstance, before: datetime) -> Iterator[str]:
    ended = dg.RunsFilter(statuses=list(FINISHED_STATUSES), updated_before=before)
    cursor = None
    while page := instance.get_run_records(ended, limit=PAGE, cursor=cursor):
        yield from (record.dagster_run.run_id for record in page)
        cursor = page[-1].dagster_run.run_id


def _has_materialized(instance: dg.DagsterInstance, run_id: str) -> bool:
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    return bool(instance.get_records_for_run(run_id, of_type=kind, limit=1).records)
