"""How the stream does: whether its job runs, how far it is behind, where the lines went."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Engine, func, select

from txplatform.connectors import postgres
from txplatform.domains.clickstream.tables import (
    activity_windows,
    activity_windows_history,
    stream_jobs,
    stream_positions,
)

SILENT_SECONDS, START_SECONDS = 15, 120
"""A job says every second that it lives, but not before its Spark has started."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class StreamStatus:
    """The stream at a moment.

    Attributes:
        state: never (it was never started), running, stopped (in order), or lost (it was killed).
        seen_at: when the job last said that it runs.
        batch_at: when the last batch was committed.
        lag_events: lines in the log that are not processed, as the job last said.
        lag_seconds: how old the newest processed line is, by the broker's timestamp.
        rows_per_second: over the last batches.
        watermark: event time up to which windows are final.
        read: lines so far: accepted, duplicate, conflict and refused add up to it.
        late: of the accepted, those that came late.
        corrected: final windows that late events corrected.
        lost: accepted events that are in no window: always 0.
    """

    state: Literal["never", "running", "stopped", "lost"] = "never"
    started_at: datetime | None = None
    seen_at: datetime | None = None
    batch_at: datetime | None = None
    lag_events: int = 0
    lag_seconds: float = 0.0
    rows_per_second: Decimal = ZERO
    watermark: datetime | None = None
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    refused: int = 0
    late: int = 0
    corrected: int = 0
    lost: int = 0


def status(engine: Engine, topic: str) -> StreamStatus:
    """The stream of a topic, as of one snapshot."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        job = connection.execute(
            select(stream_jobs).where(stream_jobs.c.topic == topic)
        ).one_or_none()
        if job is None:
            return StreamStatus()
        now = postgres.now(connection)
        counts = _counts(connection, topic)
        arrived = counts.pop("arrived")
        lag = (now - arrived).total_seconds() if arrived and job.lag_events else 0.0
        return StreamStatus(
            state=_state(job, now),
            started_at=job.started_at,
            seen_at=job.seen_at,
            batch_at=job.batch_at,
            lag_events=job.lag_events,
            lag_seconds=max(0.0, lag),
            rows_per_second=job.rows_per_second,
            watermark=job.watermark,
            **counts,
        )


def _state(job: Any, now: datetime) -> Literal["running", "stopped", "lost"]:
    if job.stopped_at is not None:
        return "stopped"
    is_starting = timedelta(0) <= job.seen_at - job.started_at < timedelta(seconds=1)
    patience = timedelta(seconds=START_SECONDS if is_starting else SILENT_SECONDS)
    return "lost" if now - job.seen_at > patience else "running"


def _counts(connection: Connection, topic: str) -> dict[str, Any]:
    p, w = stream_positions.c, activity_windows.c
    names = ("read", "accepted", "duplicate", "conflict", "refused", "late")
    sums = (func.coalesce(func.sum(p[f"rows_{name}"]), 0).label(name) for name in names)
    found = connection.execute(
        select(*sums, func.max(p.max_arrived_at).label("arrived")).where(p.topic == topic)
    ).one()
    hourly = select(func.coalesce(func.sum(w.n_events), 0)).where(w.window_minutes == 60)
    counted = connection.execute(hourly).scalar_one()
    corrected = connection.execute(
        select(func.count()).select_from(activity_windows_history)
    ).scalar_one()
    whole = {name: int(found._mapping[name]) for name in names}  # noqa: SLF001 - public
    return {
        **whole,
        "arrived": found.arrived,
        "corrected": corrected,
        "lost": whole["accepted"] - int(counted),
    }
