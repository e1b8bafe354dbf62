"""Between weekly assets and the lake: `{Monday: table}` out, the same in."""

import dagster as dg
import pyarrow as pa

from txplatform.connectors.lake import Lake


class LakeIOManager(dg.IOManager):
    """Keeps a weekly asset's tables in the lake, one folder per asset and week.

    An asset returns a table for each of its partition keys (an empty one for a week without
    rows, so that a week that became empty is replaced too); its dependants get the same back.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def handle_output(self, context: dg.OutputContext, obj: dict[str, pa.Table]) -> None:
        """Replace the table of every week of the run."""
        for key in context.asset_partition_keys:
            self.lake.write(context.asset_key.path[-1], key, obj[key])

    def load_input(self, context: dg.InputContext) -> dict[str, pa.Table]:
        """The tables of the weeks that the dependant asks for."""
        dataset = context.asset_key.path[-1]
        return {key: self.lake.read(dataset, key) for key in context.asset_partition_keys}
