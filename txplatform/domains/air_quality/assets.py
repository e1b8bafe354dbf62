"""The assets of the air quality domain: from the networks' answers to the tables people read."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from txplatform.domains.air_quality import alerting, planning, tables
from txplatform.domains.air_quality.computation import Computed, added, compute_each
from txplatform.domains.air_quality.measuring import measure_days
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.sources import intake
from txplatform.orchestration.materializations import (
    RECORDED,
    UNVERSIONED,
    materialized_each,
    materialized_only,
    report_versions,
)
from txplatform.orchestration.metadata import schema_of
from txplatform.orchestration.partitions import (
    daily_partitions,
    is_only_stale,
    key_of,
    range_key,
    require_days_of_run,
)
from txplatform.orchestration.resources import SparkResource
from txplatform.periods import DAY, spans
from txplatform.platform import Platform
from txplatform.settings.logins import Component

PREFIX = "air_quality"
DAYS_PER_RUN = 370
OPEN_DAYS = 2
"""Today and tomorrow (UTC), which at stations farther east has begun."""

DAILY = daily_partitions(date(2020, 1, 1), open_days=OPEN_DAYS)
"""As declared; `build()` replaces them by those of the settings."""

FETCHES, AIR_HOURS = dg.AssetKey([PREFIX, "fetches"]), dg.AssetKey([PREFIX, "air_hours"])
UPSTREAM = (FETCHES.to_user_string(),)
NETWORKS = dg.AssetSpec(
    [PREFIX, "networks"],
    description="The networks of stations, outside of this platform: AirQino's API, and files.",
    kinds={"api"},
)


def tell_changes(platform: Platform, instance: dg.DagsterInstance) -> None:
    """Make known to Dagster which days would say something else now."""
    stale = planning.stale_days(platform.engine, basis_of(platform))
    days = {day for each in stale.values() for day in each}
    versions = planning.day_versions(platform.engine, days)
    figures = measure_days(platform.database, list(versions))
    report_versions(instance, AIR_HOURS, versions, figures, inputs=UPSTREAM)


@dg.asset(key=FETCHES, deps=[NETWORKS], kinds={"mongodb"})
def fetches(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.MaterializeResult[None]:
    """What the stations' networks answered: each station is asked for its hours since last time.

    Hours that came anew or differently make exactly the days stale whose figures they alter.
    """
    reports = intake.fetch_all(platform.acting(Component.INGEST))
    tell_changes(platform, context.instance)
    intake.require_answers(reports)
    return dg.MaterializeResult(metadata=intake.summary(reports))


@dg.asset(key=AIR_HOURS, partitions_def=DAILY, deps=[fetches], kinds={"mongodb"})
def air_hours(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.Output[None]:
    """Every hour of every station as it was received, with what later answers replaced.

    A partition is a day; materialising it counts what is there.
    """
    days = _days_of(context, platform)
    measures = measure_days(platform.database, days)
    known = planning.day_versions(platform.engine, days)
    versions = {day: known.get(day, "none") for day in days}
    return materialized_each(context, versions, measures, inputs=UPSTREAM)


def _days_of(context: dg.AssetExecutionContext, platform: Platform) -> list[date]:
    """The days that a run computes: all that it was asked for, or those of them that are stale."""
    days = require_days_of_run(context.run, context.assets_def.partitions_def)
    if not is_only_stale(context.run):
        return days
    stale = planning.stale_days(platform.engine, basis_of(platform))
    return [day for day in days if any(day in each for each in stale.values())]


def _spec(name: str, description: str, deps: Sequence[dg.AssetKey | dg.AssetSpec]) -> dg.AssetSpec:
    table = tables.metadata.tables[f"{tables.SCHEMA}.{name}"]
    return dg.AssetSpec(
        [PREFIX, name],
        description=description,
        deps=deps,
        kinds={"postgresql", "table"},
        metadata={
            "dagster/column_schema": schema_of(table),
            "dagster/table_name": table.fullname,
        },
    )


HOURLY = _spec(
    "air_hourly",
    "Every hour of every station and parameter: the value as received, its flags, 8-hour mean, "
    "NowCast and index. Gaps are rows too.",
    [AIR_HOURS],
)
DAYS = _spec(
    "air_daily",
    "Every local day: mean by the 75 % rule, extremes, capture, index, and whether the sensor can "
    "be believed.",
    [AIR_HOURS],
)
EXCEEDANCES = _spec(
    "air_exceedances",
    "Valid days above a level of WHO or the EU, and whether the sensor can be believed.",
    [AIR_HOURS],
)


@dg.multi_asset(name="air_quality_figures", specs=[HOURLY, DAYS, EXCEEDANCES], partitions_def=DAILY)
def figures(
    context: dg.AssetExecutionContext,
    platform: dg.ResourceParam[Platform],
    spark: SparkResource,
) -> Iterator[dg.MaterializeResult[None]]:
    """Compute days of all stations; each station's days are replaced in one transaction."""
    days = _days_of(context, platform)
    done = compute_each(platform, basis_of(platform), days, context.run.run_id, spark.open)
    alerting.note(platform, datetime.now(UTC))
    for day in days:
        context.add_asset_metadata(_said(day, done), DAYS.key, partition_key=key_of(day))
    for spec in (HOURLY, DAYS, EXCEEDANCES):
        materialized_only(context.get_step_execution_context(), spec.key, days)
        yield dg.MaterializeResult(spec.key, metadata=RECORDED)


def _said(day: date, done: Sequence[Computed]) -> dict[str, Any]:
    """What became of the rows of a day; that of today is said to be none of a whole day."""
    rows = added(each.rows[day] for each in done)._asdict()
    counts = {f"rows_{name}": count for name, count in rows.items()}
    return {**counts, "is_over": day < datetime.now(UTC).date()}


@dg.asset(key=[PREFIX, "stale_days"], deps=[HOURLY, DAYS, EXCEEDANCES], kinds={"postgresql"})
def stale_days(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.MaterializeResult[None]:
    """Which days say something else than what is stored, or nothing yet: ranges that hold them all.

    Whoever computes them (Airflow's hourly_air) reads the list from the metadata, and tags the run
    `txplatform/only: stale`, so that it leaves fresh days in between as they are. What was
    reported or wiped in Dagster changes nothing of it.
    """
    tell_changes(platform, context.instance)
    stale = planning.stale_days(platform.engine, basis_of(platform))
    days = {day for each in stale.values() for day in each}
    listed = [range_key(*ends) for ends in spans(days, DAY, DAYS_PER_RUN)]
    return dg.MaterializeResult(
        metadata={"days": dg.MetadataValue.json(listed)}, data_version=UNVERSIONED
    )


REPORTS = dg.AssetSpec(
    [PREFIX, "reports"],
    description="What air quality officers look at: the dashboard, the API and the exports.",
    deps=[HOURLY, DAYS, EXCEEDANCES],
    kinds={"dashboard"},
)
