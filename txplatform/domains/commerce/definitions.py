"""What Dagster sees of commerce."""

from datetime import datetime

import dagster as dg

from txplatform.domains.commerce.assets import (
    ASSETS,
    PAGES,
    bronze,
    collections,
    gold,
    postgres_tables,
    silver,
)
from txplatform.domains.commerce.checks import CHECKS
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.freshness import Late
from txplatform.orchestration.alarms import of_late_results
from txplatform.platform import Platform
from txplatform.settings import Settings

GROUP = "commerce"
JOB = "commerce_refresh"
JOBS: dict[str, tuple[str, tuple[dg.AssetsDefinition, ...]]] = {
    JOB: ("Take in files, compute gold and copy it.", ASSETS),
    "commerce_bronze": ("Take in the drop folder's files.", (bronze,)),
    "commerce_silver": ("Read what is in bronze and was not read yet.", (silver,)),
    "commerce_gold": ("Compute gold from silver.", (gold,)),
    "commerce_copies": ("Copy gold to MongoDB and PostgreSQL.", (collections, postgres_tables)),
}
EVERY_DAY_AT_SIX = "0 6 * * *"


def alarm(settings: Settings) -> dg.SensorDefinition:
    """The alarm on tables that are too old; that a run failed is told by the machine's own."""

    def late(platform: Platform, now: datetime) -> Late | None:
        from txplatform.domains.commerce import freshness

        return freshness.late(platform, now)

    about = "The tables were not written anew for longer than the setting allows."
    return of_late_results(settings, "commerce", about, late)


def build(settings: Settings) -> dg.Definitions:
    """The domain's assets, its checks, a job for everything and one per layer, its schedule."""

    def adapt(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(group_name=GROUP, owners=["team:commerce"])

    jobs = [
        dg.define_asset_job(name, selection=dg.AssetSelection.assets(*assets), description=told)
        for name, (told, assets) in JOBS.items()
    ]
    status = dg.DefaultScheduleStatus
    is_on = settings.of(CommerceSettings).is_schedule_on
    daily = dg.ScheduleDefinition(
        name="commerce_every_day",
        job_name=JOB,
        cron_schedule=EVERY_DAY_AT_SIX,
        execution_timezone=settings.time_zone,
        default_status=status.RUNNING if is_on else status.STOPPED,
    )
    return dg.Definitions(
        assets=[*(asset.map_asset_specs(adapt) for asset in ASSETS), adapt(PAGES)],
        asset_checks=CHECKS,
        jobs=jobs,
        schedules=[daily],
        sensors=[alarm(settings)],
    )
