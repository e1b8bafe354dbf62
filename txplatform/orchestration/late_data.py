"""Telling Dagster that the data of a period changed, outside of any run."""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from txplatform.orchestration.metadata import version_tags


def report_versions(
    instance: dg.DagsterInstance,
    asset: str | dg.AssetKey,
    versions: Mapping[str, str],
    metadata: Mapping[str, Mapping[str, Any]],
    inputs: Iterable[str] = (),
) -> None:
    """Record a new data version for each partition of an asset.

    What was computed from the old one is stale from then on.
    """
    for key, version in versions.items():
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                asset,
                partition=key,
                metadata=dict(metadata[key]),
                tags=version_tags(version, inputs),
            )
        )
