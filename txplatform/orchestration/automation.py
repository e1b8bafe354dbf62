"""Dagster's own ways to start the weekly jobs, for a company without Airflow; off by default.

TXPLATFORM_AUTOMATION turns one of them on. Where Airflow has already asked for the week, the
schedule says so and leaves it alone.
"""

from collections.abc import Callable, Collection
from datetime import date
from zoneinfo import ZoneInfo

import dagster as dg

from txplatform.orchestration.partitions import PARTITION, closed_week, range_key, range_tags
from txplatform.periods import WEEK, ranges
from txplatform.platform import Platform
from txplatform.settings import Settings

MONDAYS_AT_SIX, DAILY_AT_SEVEN = "0 6 * * 1", "0 7 * * *"
AIRFLOW_TAG = "airflow/dag_id"


def weekly_schedule(
    settings: Settings, job: str, assets: Collection[dg.AssetKey]
) -> dg.ScheduleDefinition:
    """Every Monday morning, the week that has just closed.

    Args:
        settings: whether it is on, and in which time zone.
        job: what it starts.
        assets: what the job computes: Airflow asks for assets, not for jobs.
    """

    @dg.schedule(
        name=f"{job}_on_mondays",
        job_name=job,
        cron_schedule=MONDAYS_AT_SIX,
        execution_timezone=settings.time_zone,
        default_status=_status(settings),
    )
    def on_mondays(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """The week that has just closed, unless Airflow has asked for it."""
        zone = ZoneInfo(settings.time_zone)
        week = str(closed_week(context.scheduled_execution_time.astimezone(zone)))
        if dag := dag_that_asked(context.instance, assets, week):
            sentence = (
                f"Airflow's DAG {dag} has asked for {week} already, and Dagster's schedule is on "
                "too: turn one of them off (TXPLATFORM_AUTOMATION=off)."
            )
            context.log.warning(sentence)
            return dg.SkipReason(sentence)
        return dg.RunRequest(run_key=week, partition_key=week)

    return on_mondays


def late_schedule(
    settings: Settings,
    job: str,
    stale: Callable[[Platform, dg.DagsterInstance], Collection[date]],
    at_most: int,
) -> dg.ScheduleDefinition:
    """Every morning, the weeks that are stale, as the domain itself says and not as Dagster does.

    Args:
        settings: whether it is on, and in which time zone.
        job: what it starts.
        stale: asks which closed weeks are stale.
        at_most: weeks of one run.
    """

    @dg.schedule(
        name=f"{job}_late",
        job_name=job,
        cron_schedule=DAILY_AT_SEVEN,
        execution_timezone=settings.time_zone,
        default_status=_status(settings),
    )
    def late(
        context: dg.ScheduleEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> list[dg.RunRequest] | dg.SkipReason:
        """The closed weeks that are stale, whatever was reported or wiped in Dagster."""
        weeks = stale(platform, context.instance)
        if not weeks:
            return dg.SkipReason("No closed week is stale.")
        day = context.scheduled_execution_time.date()  # tomorrow what has failed is tried again
        return [
            dg.RunRequest(run_key=f"{day} {range_key(*part)}", tags=range_tags(*part))
            for part in ranges(weeks, WEEK, at_most)
        ]

    return late


def _status(settings: Settings) -> dg.DefaultScheduleStatus:
    is_on = settings.automation == "schedule"
    return dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED


def dag_that_asked(
    instance: dg.DagsterInstance, assets: Collection[dg.AssetKey], key: str
) -> str | None:
    """The Airflow DAG that has launched a run of some of the assets for a partition, if any."""
    runs = instance.get_runs(dg.RunsFilter(tags={PARTITION: key}))
    return next(
        (
            run.tags[AIRFLOW_TAG]
            for run in runs
            if AIRFLOW_TAG in run.tags and not (run.asset_selection or set()).isdisjoint(assets)
        ),
        None,
    )


def on_changes(settings: Settings) -> dg.AutomationCondition[dg.AssetKey] | None:
    """Compute a closed week when its documents change; None unless the setting asks for it.

    The open week is left out: nothing computes it by itself.
    """
    if settings.automation != "conditions":
        return None
    # eager() looks at the newest week only, which is the open one: all others instead.
    newest = dg.AutomationCondition.in_latest_time_window()
    return dg.AutomationCondition.eager().without(newest) & ~newest
