"""What Dagster sees of the shop's events."""

import dagster as dg

from txplatform.domains.clickstream.assets import DOMAIN, STREAM, sealed_hours
from txplatform.domains.clickstream.checks import SEAL_JOB, seal, watch
from txplatform.settings import Settings

OWNERS = ["team:shop"]


def build(settings: Settings) -> dg.Definitions:
    """The stream from outside, and its hours."""

    def adapt(spec: dg.AssetSpec) -> dg.AssetSpec:
        grain = "event" if spec.key == STREAM.key else "hour"
        tags = {"domain": DOMAIN, "grain": grain}
        return spec.replace_attributes(group_name=DOMAIN, owners=OWNERS, tags=tags)

    job = dg.define_asset_job(
        SEAL_JOB,
        selection=dg.AssetSelection.assets(sealed_hours),
        description="Check the windows of an hour against plain Python and seal them.",
    )
    return dg.Definitions(
        assets=[adapt(STREAM), sealed_hours.map_asset_specs(adapt)],
        jobs=[job],
        sensors=[watch(settings), seal(settings)],
    )
