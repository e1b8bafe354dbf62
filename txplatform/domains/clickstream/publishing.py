"""Sealing an hour: its final windows checked against plain Python, and their content noted."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert

from txplatform.connectors import postgres
from txplatform.domains.clickstream.tables import (
    activity_windows,
    events,
    sealed_hours,
    stream_jobs,
)
from txplatform.domains.clickstream.transforms import tables
from txplatform.domains.clickstream.transforms.lines import Event
from txplatform.domains.clickstream.transforms.tables import Rows
from txplatform.errors import ReconciliationError, UsageError
from txplatform.periods import HOUR


class Seal(NamedTuple):
    """What an hour held when it was sealed."""

    hour: datetime
    n_windows: int
    n_events: int
    amount: Decimal
    fingerprint: str


def seal(engine: Engine, topic: str, hour: datetime, run_id: str) -> Seal:
    """Check an hour's windows against its events, in plain Python, and note their content.

    Raises:
        UsageError: the hour is not final.
        ReconciliationError: windows and events differ.
    """
    with engine.begin() as connection:
        stored, watermark = _windows(connection, hour), _watermark(connection, topic)
        if watermark is None or hour + HOUR > watermark:
            raise UsageError(
                f"The hour {hour:%Y-%m-%d %H:%M} is not final: the watermark stands at "
                f"{watermark or 'nothing'}."
            )
        expected = tables.windows(_events(connection, topic, hour), watermark)
        if expected != stored:
            raise ReconciliationError(
                f"{len(expected.items() ^ stored.items())} windows of {hour:%Y-%m-%d %H:%M} "
                "differ from what their events add up to: nothing was sealed; run `txplatform "
                "clickstream check`."
            )
        found = _described(hour, stored)
        _note(connection, found, run_id)
    return found


def _note(connection: Connection, found: Seal, run_id: str) -> None:
    values: dict[str, Any] = {
        name: value for name, value in found._asdict().items() if name in sealed_hours.c
    }
    values |= {"run_id": run_id, "sealed_at": postgres.now(connection)}
    statement = insert(sealed_hours).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["hour"], set_=values))


def _described(hour: datetime, rows: Rows) -> Seal:
    hourly = [values for key, values in rows.items() if key[0] == 60]
    said = "\n".join(sorted(f"{key} {values}" for key, values in rows.items()))
    fingerprint = hashlib.sha256(said.encode()).hexdigest()[:32]
    amount = sum((values[2] for values in hourly), Decimal(0))
    return Seal(hour, len(rows), sum(values[0] for values in hourly), amount, fingerprint)


def _windows(connection: Connection, hour: datetime) -> Rows:
    w = activity_windows.c
    key = (w.window_minutes, w.window_start, w.type, w.country)
    values = (w.n_events, w.n_sessions, w.amount, w.n_late, w.is_final)
    wanted = select(*key, *values).where(w.window_start >= hour, w.window_start < hour + HOUR)
    return {tuple(row[:4]): tuple(row[4:]) for row in connection.execute(wanted)}


def _events(connection: Connection, topic: str, hour: datetime) -> list[Event]:
    columns = [events.c[name] for name in Event._fields if name in events.c]
    wanted = select(*columns).where(
        events.c.topic == topic, events.c.event_time >= hour, events.c.event_time < hour + HOUR
    )
    return [Event(**row._mapping) for row in connection.execute(wanted)]  # noqa: SLF001 - public


def _watermark(connection: Connection, topic: str) -> datetime | None:
    wanted = select(stream_jobs.c.watermark).where(stream_jobs.c.topic == topic)
    found: datetime | None = connection.execute(wanted).scalar_one_or_none()
    return found
