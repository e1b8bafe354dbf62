"""Assets in Dagster: whether what is asked for exists, where, and what they say of partitions."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .client import Dagster, DagsterError, DagsterUsageError

ASSETS = """
query Assets($keys: [AssetKeyInput!]!) {
  assetNodes(assetKeys: $keys) {
    assetKey { path } isMaterializable isPartitioned jobNames partitionKeys
    repository { name location { name } }
  }
}"""

LOCATIONS = """
query Locations {
  workspaceOrError {
    __typename
    ... on Workspace { locationEntries {
      name loadStatus locationOrLoadError { __typename ... on PythonError { message } }
    } }
    ... on PythonError { message }
  }
}"""

REPORTED = """
query Reported($keys: [AssetKeyInput!]!) {
  assetNodes(assetKeys: $keys) {
    assetKey { path }
    assetMaterializations(limit: 1) {
      metadataEntries { label ... on JsonMetadataEntry { jsonString } }
    }
  }
}"""

JOBS = """
query Jobs { assetNodes { assetKey { path } jobNames isMaterializable } }"""

ASSET_JOB = "__ASSET_JOB"
RANGE = "..."
"""Between the first and the last key of a range of partitions, as Dagster's UI writes it."""


@dataclass(frozen=True)
class Target:
    """Assets that exist, can be materialised together, and have the partition if one is named."""

    assets: tuple[str, ...]
    location: str
    repository: str
    job: str
    jobs: frozenset[str]
    partition_key: str | None
    partition_keys: tuple[str, ...]

    def is_between(self, first: str, last: str) -> bool:
        """Whether what is asked for lies in a range, in the order in which Dagster lists keys."""
        keys = self.partition_keys
        if self.partition_key is None or first not in keys or last not in keys:
            return False
        begin, end = map(keys.index, ends_of(self.partition_key))
        return keys.index(first) <= begin and end <= keys.index(last)


def find_target(dagster: Dagster, assets: Sequence[str], partition_key: str | None) -> Target:
    """The assets as Dagster knows them.

    Dagster itself would launch a run for a partition that does not exist, and record another one.

    Args:
        dagster: the webserver.
        assets: asset keys; the parts of a key are joined by `/`.
        partition_key: a partition of all of them, or a range of them (`first...last`); None for
            assets without partitions.

    Raises:
        DagsterUsageError: an asset or the partition does not exist, or they do not go together.
        DagsterError: the code location that may hold them cannot be loaded.
    """
    if not assets:
        raise DagsterUsageError("No asset is named.")
    nodes = {path_of(node): node for node in _nodes(dagster, ASSETS, assets)}
    if missing := [asset for asset in assets if asset not in nodes]:
        raise _not_found(dagster, missing)
    for asset in assets:
        _require_partition(asset, nodes[asset], partition_key)
    return _target(tuple(assets), list(nodes.values()), partition_key)


def reported_partitions(dagster: Dagster, asset: str, label: str) -> list[str]:
    """The partition keys that an asset's newest materialisation lists, as JSON, in its metadata.

    So a code location says in its own words which partitions there is something to do for.

    Raises:
        DagsterUsageError: the asset does not exist, was never materialised, or lists nothing
            under this label.
    """
    nodes = _nodes(dagster, REPORTED, [asset])
    if not nodes:
        raise _not_found(dagster, [asset])
    for materialization in nodes[0]["assetMaterializations"]:
        for entry in materialization["metadataEntries"]:
            if entry["label"] == label and "jsonString" in entry:
                return [str(key) for key in json.loads(entry["jsonString"])]
    raise DagsterUsageError(f"The asset {asset} does not say {label}: materialise it first.")


def assets_of_job(dagster: Dagster, job: str) -> list[str]:
    """The assets that a job materialises, in Dagster's order.

    Raises:
        DagsterUsageError: there is no such job, or it has no assets.
    """
    nodes = [node for node in dagster.query(JOBS)["assetNodes"] if node["isMaterializable"]]
    found = [path_of(node) for node in nodes if job in node["jobNames"]]
    if not found:
        raise DagsterUsageError(f"Dagster at {dagster.url} has no job {job} with assets.")
    return found


def ends_of(partition_key: str) -> tuple[str, str]:
    """The first and the last key of a range; of a single partition, twice its key."""
    first, _, last = partition_key.partition(RANGE)
    return first, last or first


def path_of(node: dict[str, Any]) -> str:
    """The key of a node as it is written here: its parts joined by `/`."""
    return "/".join(node["assetKey"]["path"])


def key_inputs(assets: Iterable[str]) -> list[dict[str, list[str]]]:
    """Asset keys as GraphQL wants them."""
    return [{"path": asset.split("/")} for asset in assets]


def _nodes(dagster: Dagster, document: str, assets: Sequence[str]) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = dagster.query(document, keys=key_inputs(assets))["assetNodes"]
    return nodes


def _target(
    assets: tuple[str, ...], nodes: Sequence[dict[str, Any]], partition_key: str | None
) -> Target:
    places = {
        (node["repository"]["location"]["name"], node["repository"]["name"]) for node in nodes
    }
    jobs = frozenset.intersection(*(frozenset(node["jobNames"]) for node in nodes))
    own = sorted(job for job in jobs if job.startswith(ASSET_JOB))
    if len(places) > 1 or not own:
        raise DagsterUsageError(
            f"The assets {', '.join(assets)} cannot be materialised by one run: they lie in "
            "different code locations or have different partitions. Use one task for each."
        )
    ((location, repository),) = places
    keys = tuple(nodes[0]["partitionKeys"])
    return Target(assets, location, repository, own[0], jobs, partition_key, keys)


def _require_partition(asset: str, node: dict[str, Any], key: str | None) -> None:
    if not node["isMaterializable"]:
        raise DagsterUsageError(f"The asset {asset} is external: Dagster cannot materialise it.")
    if key is None and node["isPartitioned"]:
        raise DagsterUsageError(f"The asset {asset} has partitions: name one (partition_key).")
    if key is not None and not node["isPartitioned"]:
        raise DagsterUsageError(f"The asset {asset} has no partitions, so it has no {key!r}.")
    keys = node["partitionKeys"]
    for end in ends_of(key) if key is not None else ():
        if end not in keys:
            known = f"it has {keys[0]} to {keys[-1]}" if keys else "it has none"
            raise DagsterUsageError(f"The asset {asset} has no partition {end!r}: {known}.")


def _not_found(dagster: Dagster, missing: list[str]) -> DagsterError:
    """Why assets are not there: their code location may only be loading, or broken."""
    names = ", ".join(missing)
    for entry in dagster.one(LOCATIONS, "Workspace")["locationEntries"]:
        answer = entry["locationOrLoadError"] or {}
        if answer.get("__typename") == "PythonError":
            lines = answer["message"].strip().splitlines()
            return DagsterError(
                f"Dagster does not know {names}; it cannot load {entry['name']}: {lines[-1]}"
            )
        if entry["loadStatus"] == "LOADING":
            return DagsterError(f"Dagster does not know {names}; it is loading {entry['name']}.")
    return DagsterUsageError(f"Dagster at {dagster.url} has no asset {names}.")
