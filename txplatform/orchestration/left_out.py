"""Periods of a run that cannot be computed: the others are kept, then the run fails and says why.

A table without rows stands for such a period in the lake, with the reason as its metadata, so that
what hangs on it publishes nothing older instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

import dagster as dg
import pyarrow as pa

from txplatform.connectors.lake import metadata_of, with_metadata
from txplatform.errors import PlatformError
from txplatform.orchestration.materializations import RECORDED, materialized_only
from txplatform.orchestration.partitions import key_of, period_of

REASON = "left_out"
Tables = dict[str, pa.Table]
"""By partition key, as the lake keeps them."""

Part = TypeVar("Part")


def result(
    context: dg.AssetExecutionContext, tables: Mapping[date, pa.Table], refusal: Exception | None
) -> dg.Output[Tables]:
    """The output of a run: the tables of its periods, and of those left out the reason.

    Raises:
        Exception: the refusal, where all are left out.
    """
    keyed = {key_of(period): table for period, table in tables.items()}
    if refusal is None:
        return dg.Output(keyed)
    if not tables:
        raise refusal
    empty = with_metadata(next(iter(tables.values()))[:0], {REASON: str(refusal)})
    others = dict.fromkeys(set(context.partition_keys) - keyed.keys(), empty)
    return dg.Output({**keyed, **others}, metadata=RECORDED)


def split(tables: Tables) -> tuple[dict[date, pa.Table], PlatformError | None]:
    """By period the tables that hold results, and what to say of the periods that were left out."""
    reasons = {key: metadata_of(table).get(REASON) for key, table in tables.items()}
    kept = {period_of(key): tables[key] for key, reason in reasons.items() if reason is None}
    told = sorted({reason for reason in reasons.values() if reason is not None})
    return kept, PlatformError(" ".join(told)) if told else None


def until_refused(
    context: dg.AssetExecutionContext, parts: Iterable[dict[date, Part]]
) -> Iterator[dict[date, Part]]:
    """The parts of a run, one after the other; those before a refusal are recorded, then it fails.

    Raises:
        PlatformError: the refusal.
    """
    done: set[date] = set()
    try:
        for part in parts:
            yield part
            done.update(part)
    except PlatformError as refusal:
        fail_after(context, done, refusal)


def fail_after(
    context: dg.AssetExecutionContext, periods: Iterable[date], refusal: Exception | None
) -> None:
    """Where periods were left out: record the materialisations of the others, and fail.

    Raises:
        Exception: the refusal.
    """
    if refusal is not None:
        step = context.get_step_execution_context()
        materialized_only(step, context.asset_key, periods)
        raise refusal
