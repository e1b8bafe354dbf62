"""The weekly assets of the spend domain: which transform fills which table."""

from datetime import date
from typing import Any

import dagster as dg

from txplatform.domains.spend import computation, planning, publishing
from txplatform.domains.spend.assets import metadata
from txplatform.domains.spend.assets.alerts import ALERT_ASSETS, alerts, benford
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.orchestration import left_out
from txplatform.orchestration.materializations import materialized_each, report_versions
from txplatform.orchestration.partitions import (
    WEEKLY,
    WITH_PREVIOUS_WEEK,
    require_weeks_of_run,
)
from txplatform.orchestration.resources import SPARK_POOL, SparkResource
from txplatform.platform import Platform
from txplatform.settings.logins import Component

WeekTables = dict[str, Any]
UPSTREAM = ("source_files",)


def _weeks(context: dg.AssetExecutionContext) -> list[date]:
    return require_weeks_of_run(context.run, context.assets_def.partitions_def)


def tell_changes(platform: Platform, instance: dg.DagsterInstance) -> list[date]:
    """Make known, in PostgreSQL and in Dagster, what ingestions changed; returns the weeks."""
    news = publishing.note_changes(platform.acting(Component.INGEST))
    changed = sorted(news)
    if platform.settings.automation == "conditions":
        news = {**planning.silent_before(platform, changed), **news}
    report_versions(
        instance,
        "transactions",
        *metadata.of_measures(news, planning.open_week(platform)),
        inputs=UPSTREAM,
    )
    return changed


@dg.asset(kinds={"file"})
def source_files(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.MaterializeResult[None]:
    """What the accounting systems deliver: files in the drop folder, or the company's collection.

    Materialising it takes in what is new; a file that is still being written waits for the next
    time.
    """
    arrivals = arrival.take_new(platform)
    changed = tell_changes(platform, context.instance)
    arrivals.require_readable()
    return metadata.of_arrivals(arrivals, changed)


@dg.asset(
    partitions_def=WEEKLY,
    deps=[source_files],
    kinds={"mongodb"},
    metadata=metadata.TRANSACTIONS,
)
def transactions(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.Output[None]:
    """Every purchase as it arrived, one document each, in MongoDB.

    A partition is the documents of one week, Monday to Sunday. Materialising it counts them,
    adds them up and takes their fingerprint, so that a later change is noticed.
    """
    measures = computation.measure(platform, _weeks(context))
    publishing.record_measures(platform.engine, measures.values())
    figures = metadata.of_measures(measures, planning.open_week(platform))
    return materialized_each(context, *figures, inputs=UPSTREAM)


@dg.asset(
    partitions_def=WEEKLY,
    deps=[dg.AssetDep(transactions, partition_mapping=WITH_PREVIOUS_WEEK)],
    kinds={"spark", "parquet"},
    code_version=CODE_VERSION,
    io_manager_key="lake",
    pool=SPARK_POOL,
    metadata=metadata.WEEKLY_AGGREGATES,
)
def weekly_aggregates(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform], spark: SparkResource
) -> dg.Output[WeekTables]:
    """What each division spent in a week, its shares, and its department's change.

    Spark computes it from the purchases of the week and of the week before, and holds every
    total against MongoDB to the cent before anything is kept.
    """
    tables, refusal = computation.compute_fit(platform, spark.open, _weeks(context))
    metadata.describe(context, tables)
    metadata.tell_open(context, platform)
    return left_out.result(context, tables, refusal)


@dg.asset(
    partitions_def=WEEKLY,
    kinds={"postgresql", "table"},
    code_version=CODE_VERSION,
    metadata=metadata.WEEKLY_TRANSACTIONS,
)
def weekly_transactions(
    context: dg.AssetExecutionContext,
    weekly_aggregates: WeekTables,
    platform: dg.ResourceParam[Platform],
) -> None:
    """The table that controllers read: spend per week, department and division, in PostgreSQL.

    Each week is replaced in one database transaction; rows that change are kept in
    weekly_transactions_history with the time until which they stood.
    """
    tables, refusal = left_out.split(weekly_aggregates)
    written = publishing.publish(platform.engine, tables, context.run.run_id)
    metadata.describe(context, tables, written, platform.settings.dashboard_url)
    metadata.tell_open(context, platform)
    left_out.fail_after(context, tables, refusal)


@dg.asset(deps=[weekly_transactions, alerts], kinds={"postgresql"})
def stale_weeks(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.MaterializeResult[None]:
    """Which closed weeks say something else than what is there now, asked of the platform itself.

    Whoever repairs them (Airflow's late_spend) reads the lists from the metadata; what was
    reported or wiped in Dagster changes nothing of them, and is listed beside them.
    """
    tell_changes(platform, context.instance)
    return metadata.of_stale(platform, context.instance)


REPORTS = dg.AssetSpec(
    "controllers_reports",
    description="What controllers look at: the dashboard, the API and the exports.",
    deps=[weekly_transactions, alerts, benford],
    kinds={"dashboard"},
)
"""Outside of Dagster; it ends the lineage with the people for whom it is made."""

WEEKLY_ASSETS = (transactions, weekly_aggregates, weekly_transactions)

__all__ = [
    "ALERT_ASSETS",
    "REPORTS",
    "WEEKLY_ASSETS",
    "source_files",
    "stale_weeks",
    "tell_changes",
    "transactions",
    "weekly_aggregates",
    "weekly_transactions",
]
