"""Between partitioned assets and the lake: `{partition key: table}` out, the same in."""

import dagster as dg
import pyarrow as pa

from txplatform.connectors.lake import Lake
from txplatform.orchestration import left_out
from txplatform.orchestration.materializations import materialized_only


class LakeIOManager(dg.IOManager):
    """Keeps an asset's tables in the lake, one folder per asset (by its whole key) and partition.

    An asset returns a table for each of its partition keys (an empty one for a period without
    rows, so that one that became empty is replaced too); its dependants get the same back.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def handle_output(self, context: dg.OutputContext, obj: dict[str, pa.Table]) -> None:
        """Replace the table of every partition of the run."""
        for key in context.asset_partition_keys:
            self.lake.write(_dataset(context.asset_key), key, obj[key])
        kept, refusal = left_out.split(obj)
        if refusal:
            materialized_only(context.step_context, context.asset_key, kept)

    def load_input(self, context: dg.InputContext) -> dict[str, pa.Table]:
        """The tables of the partitions that the dependant asks for."""
        dataset = _dataset(context.asset_key)
        return {key: self.lake.read(dataset, key) for key in context.asset_partition_keys}


def _dataset(key: dg.AssetKey) -> str:
    return "/".join(key.path)
