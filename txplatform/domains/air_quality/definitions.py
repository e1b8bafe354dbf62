"""What Dagster sees of the air quality domain."""

import dagster as dg

from txplatform.domains.air_quality.assets import (
    NETWORKS,
    REPORTS,
    air_hours,
    fetches,
    figures,
)
from txplatform.domains.air_quality.checks import CHECKS
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.transforms import CODE_VERSION
from txplatform.orchestration.partitions import daily_partitions
from txplatform.settings import Settings

GROUP = "air_quality"
OWNERS = ["team:air-quality"]
TAGS = {"domain": "air_quality"}


def build(settings: Settings) -> dg.Definitions:
    """The domain's assets with the settings' days, its checks and its jobs."""
    partitions = daily_partitions(settings.of(AirQualitySettings).first_day)

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
        assets=[adapt(NETWORKS), fetches.map_asset_specs(adapt), *daily, adapt(REPORTS)],
        asset_checks=CHECKS,
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
        ],
    )
