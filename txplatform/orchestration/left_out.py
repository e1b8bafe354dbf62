"""Periods of a run that cannot be computed: the others are kept, then the run fails and says why.

A table without rows stands for such a period in the lake, with the reason as its metadata, so that
what hangs on it publishes nothing older instead.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

import dagster as dg
import pyarrow as pa

from txplatform.connectors.lake import metadata_of, with_metadata
from txplatform.errors import PlatformError
from txplatform.orchestration.materializations import RECORDED, materialized_only

REASON = "left_out"
Tables = dict[str, pa.Table]
Part = TypeVar("Part")


def result(
    context: dg.AssetExecutionContext, tables: Tables, refusal: Exception | None
) -> dg.Output[Tables]:
    """The output of a run: the tables of its periods, and of those left out the reason.

    Raises:
        Exception: the refusal, where all are left out.
    """
    if refusal is None:
        return dg.Output(tables)
    if not tables:
        raise refusal
    empty = with_metadata(next(iter(tables.values()))[:0], {REASON: str(refusal)})
    others = dict.fromkeys(set(context.partition_keys) - tables.keys(), empty)
    return dg.Output({**tables, **others}, metadata=RECORDED)


def split(tables: Mapping[str, pa.Table]) -> tuple[Tables, PlatformError | None]:
    """The tables that hold results, and what to say of the periods that were left out."""
    kept = {key: table for key, table in tables.items() if REASON not in metadata_of(table)}
    reasons = {metadata_of(tables[key])[REASON] for key in tables.keys() - kept.keys()}
    return kept, PlatformError(" ".join(sorted(reasons))) if reasons else None


def until_refused(
    context: dg.AssetExecutionContext, parts: Iterable[dict[str, Part]]
) -> Iterator[dict[str, Part]]:
    """The parts of a run, one after the other; those before a refusal are recorded, then it fails.

    Raises:
        PlatformError: the refusal.
    """
    done: set[str] = set()
    try:
        for part in parts:
            yield part
            done.update(part)
    except PlatformError as refusal:
        fail_after(context, done, refusal)


def fail_after(
    context: dg.AssetExecutionContext, keys: Collection[str], refusal: Exception | None
) -> None:
    """Where periods were left out: record the materialisations of the others, and fail.

    Raises:
        Exception: the refusal.
    """
    if refusal is not None:
        step = context.get_step_execution_context()
        materialized_only(step, context.asset_key, sorted(keys))
        raise refusal
