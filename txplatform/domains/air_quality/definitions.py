"""What Dagster sees of the air quality domain."""

from datetime import UTC, datetime

import dagster as dg

from txplatform.domains.air_quality import alerting
from txplatform.domains.air_quality.assets import (
    NETWORKS,
    OPEN_DAYS,
    REPORTS,
    air_hours,
    fetches,
    figures,
    stale_days,
)
from txplatform.domains.air_quality.checks import CHECKS
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.transforms import CODE_VERSION
from txplatform.orchestration.alarms import Alarms
from txplatform.orchestration.partitions import ONLY_STALE, daily_partitions
from txplatform.platform import Platform
from txplatform.settings import Settings

GROUP = "air_quality"
OWNERS = ["team:air-quality"]
TAGS = {"domain": "air_quality"}


TICK_SECONDS = 300


def alarm(settings: Settings) -> dg.SensorDefinition:
    """The alarm on stations: what began and what is over, each told once."""
    alarms = Alarms(settings)

    @dg.sensor(
        name="alarm_air_quality",
        minimum_interval_seconds=TICK_SECONDS,
        default_status=alarms.default_status,
    )
    def alarm_air_quality(
        context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> dg.SkipReason:
        """A fetch that fails for hours, a silent or thin station, drift, a move, an exceedance."""
        alerting.note(platform, datetime.now(UTC))
        link = f"{settings.dashboard_url}/air-quality-health"
        told = alerting.tell(
            platform.engine, lambda title, text: alarms.send(context.log, title, text, link)
        )
        return dg.SkipReason(f"{told} events were told.")

    return alarm_air_quality


def build(settings: Settings) -> dg.Definitions:
    """The domain's assets with the settings' days, its checks and its jobs."""
    partitions = daily_partitions(settings.of(AirQualitySettings).first_day, open_days=OPEN_DAYS)

    def adapt(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(group_name=GROUP, owners=OWNERS, tags=TAGS)

    def adapt_daily(spec: dg.AssetSpec) -> dg.AssetSpec:
        return adapt(spec).replace_attributes(partitions_def=partitions, code_version=CODE_VERSION)

    daily = [
        asset.map_asset_specs(adapt_daily).with_attributes(
            backfill_policy=dg.BackfillPolicy.single_run()
        )
        for asset in (air_hours, figures)
    ]
    return dg.Definitions(
        assets=[
            *(adapt(NETWORKS), adapt(REPORTS)),
            *(asset.map_asset_specs(adapt) for asset in (fetches, stale_days)),
            *daily,
        ],
        asset_checks=CHECKS,
        sensors=[alarm(settings)],
        jobs=[
            dg.define_asset_job(
                "air_quality_fetch",
                selection=dg.AssetSelection.assets(fetches),
                description="Ask every station's network for what is new.",
            ),
            dg.define_asset_job(
                "air_quality_daily",
                selection=dg.AssetSelection.assets(air_hours, figures),
                description="Compute days: flags, hours, days and exceedances of all stations.",
            ),
            dg.define_asset_job(
                "air_quality_stale",
                selection=dg.AssetSelection.assets(air_hours, figures),
                tags=ONLY_STALE,
                description="Compute the stale days of a range; its fresh days stay as they are.",
            ),
        ],
    )
