"""The stream as Dagster sees it: outside of it, and hour by hour checked and sealed."""

from datetime import UTC, date, datetime

import dagster as dg

from txplatform.domains.clickstream import publishing
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.orchestration.metadata import money_figures
from txplatform.orchestration.partitions import HOUR_FORMAT, hourly_partitions, keys_of_run
from txplatform.platform import Platform

DOMAIN = "clickstream"
FIRST_DAY = date(2026, 1, 5)
HOURLY = hourly_partitions(FIRST_DAY)

STREAM = dg.AssetSpec(
    [DOMAIN, "stream"],
    description="Events of the shop as they happen: windows, carts, funnel and alerts. The job "
    "`txplatform clickstream run` keeps it; Dagster watches.",
    kinds={"kafka", "spark", "postgresql"},
)
"""Outside of Dagster: it never ends, so no run is behind it."""


def hour_of(context: dg.AssetExecutionContext) -> datetime:
    """The hour that a run was asked for."""
    first, _ = keys_of_run(context.run)
    return datetime.strptime(first, HOUR_FORMAT).replace(tzinfo=UTC)


@dg.asset(
    key=[DOMAIN, "sealed_hours"],
    partitions_def=HOURLY,
    deps=[STREAM],
    kinds={"postgresql", "table"},
)
def sealed_hours(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.MaterializeResult[None]:
    """Hours whose windows were computed once more in plain Python, and agree to the last event.

    Only a final hour can be sealed; one that a late event corrects is to be sealed again.
    """
    topic = platform.settings.of(ClickstreamSettings).topic
    sealed = publishing.seal(platform.engine, topic, hour_of(context), context.run.run_id)
    figures = money_figures("amount", sealed.amount)
    return dg.MaterializeResult(
        metadata={"events": sealed.n_events, "rows_inserted": 1, **figures},
        data_version=dg.DataVersion(sealed.fingerprint),
    )
