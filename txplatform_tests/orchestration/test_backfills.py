"""What a backfill is asked for: the open week only where somebody chose it."""

from datetime import UTC, date, datetime

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.execution.asset_backfill import AssetBackfillData

from txplatform.orchestration.backfills import without_open_periods
from txplatform.orchestration.partitions import WITH_PREVIOUS_WEEK, weekly_partitions

WEEKS = weekly_partitions(date(2026, 10, 5))
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CLOSED, OPEN = ["2026-11-09", "2026-11-16"], "2026-11-23"


@dg.asset(partitions_def=WEEKS)
def purchases() -> None:
    """What a week is computed from."""


@dg.asset(
    partitions_def=WEEKS,
    deps=[dg.AssetDep(purchases, partition_mapping=WITH_PREVIOUS_WEEK)],
)
def totals() -> None:
    """A week and its change from the week before."""


@dg.asset(partitions_def=WEEKS, deps=[totals])
def report() -> None:
    """What is shown of the totals."""


@pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources`:DeprecationWarning")
@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        (CLOSED, CLOSED),
        ([*CLOSED, OPEN], [*CLOSED, OPEN]),
        ([OPEN], [OPEN]),
        (["2026-10-05"], ["2026-10-05", "2026-10-12"]),
    ],
)
def test_the_open_week_comes_along_with_nobody(chosen: list[str], left: list[str]) -> None:
    """A closed week after the last one may: it shows the change from it."""
    assets = [purchases, totals, report]
    graph, keys = dg.Definitions(assets=assets).resolve_asset_graph(), [one.key for one in assets]
    with (
        dg.DagsterInstance.ephemeral() as instance,
        partition_loading_context(NOW, instance),
    ):
        asked = AssetBackfillData.from_asset_partitions(
            graph, chosen, keys, instance, NOW.timestamp(), all_partitions=False
        )
        target = without_open_periods(asked, graph).target_subset

    found = [list(target.get_partitions_subset(key).get_partition_keys()) for key in keys]
    assert found == [chosen, left, left]
