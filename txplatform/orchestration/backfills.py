"""Backfills in Dagster's daemon: it looks every two seconds, and leaves the open period alone."""

from collections.abc import Iterator
from typing import Any

from dagster import DagsterInstance, TimeWindowPartitionsDefinition
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.execution.asset_backfill import AssetBackfillData
from dagster._core.execution.backfill import PartitionBackfill

SECONDS = 2


def prepare_daemon(instance: DagsterInstance) -> None:
    """Have this daemon play backfills in the platform's way; Dagster has no setting for either.

    It looks every thirty seconds, and a backfill in which one asset's chunk waits for another's
    week before takes several looks; it reads the constant when its loop begins, after the run
    queue was made.
    """
    from dagster._daemon import controller

    controller.DEFAULT_DAEMON_INTERVAL_SECONDS = SECONDS
    asked = PartitionBackfill.get_asset_backfill_data

    def closed(backfill: PartitionBackfill, asset_graph: BaseAssetGraph[Any]) -> AssetBackfillData:
        data = asked(backfill, asset_graph)
        with partition_loading_context(data.backfill_start_datetime, instance):
            return without_open_periods(data, asset_graph)

    PartitionBackfill.get_asset_backfill_data = closed  # type: ignore[method-assign,assignment]


def without_open_periods(
    data: AssetBackfillData, asset_graph: BaseAssetGraph[Any]
) -> AssetBackfillData:
    """What a backfill was asked for, without the open periods that nobody chose.

    Dagster widens what was chosen along the partition mappings: where a week reads the one before
    it, a backfill of the last closed week takes the open one along. Who chooses the open one
    chooses it for every asset.
    """
    came_along = set(_not_chosen(data.target_subset, asset_graph))
    left_out = AssetGraphSubset.from_asset_partition_set(came_along, asset_graph)
    return data._replace(target_subset=data.target_subset - left_out)


def _not_chosen(
    target: AssetGraphSubset, asset_graph: BaseAssetGraph[Any]
) -> Iterator[AssetKeyPartitionKey]:
    keys = target.partitions_subsets_by_asset_key
    for partitions in {asset_graph.get(key).partitions_def for key in keys}:
        if isinstance(partitions, TimeWindowPartitionsDefinition) and partitions.end_offset > 0:
            alike = (key for key in keys if asset_graph.get(key).partitions_def == partitions)
            newest = {AssetKeyPartitionKey(k, partitions.get_last_partition_key()) for k in alike}
            if not all(one in target for one in newest):
                yield from (one for one in newest if one in target)
