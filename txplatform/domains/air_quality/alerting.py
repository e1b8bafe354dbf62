"""Events: what began to be alarming and what is over, kept in `air_events`, each told once.

`note` keeps the table; `tell` sends what nobody was told yet, in one message. Told is marked when
every channel took it: a crash in between tells again rather than never.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, or_, select, update

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.basis import Basis, basis_of
from txplatform.domains.air_quality.queries.conditions import Condition, conditions
from txplatform.platform import Platform

MOST_TOLD = 20
SAME_MOVE = timedelta(days=14)
"""A leap's day settles while the days after it come in."""

Send = Callable[[str, str], bool]
"""Sends title and text; whether every channel took it."""

EVENTS = tables.air_events
LOCK = "SELECT pg_advisory_xact_lock(hashtext('air_quality.events'))"


def note(platform: Platform, now: datetime, basis: Basis | None = None) -> None:
    """Keep what began and what is over since last time.

    Args:
        platform: where.
        now: the instant at which that is judged.
        basis: stations, rules and levels; None: those of the settings.
    """
    found = conditions(platform, basis or basis_of(platform), now)
    with platform.engine.begin() as connection:
        connection.exec_driver_sql(LOCK)
        lasting = connection.execute(select(EVENTS).where(EVENTS.c.ended_at.is_(None))).all()
        known = {(row.station_id, row.kind, row.parameter, row.subject): row for row in lasting}
        holding = {each.key: each for each in (_settled(one, list(known)) for one in found)}
        for key, row in known.items():
            _go_on(connection, row.event_id, holding.get(key), now)
        begun = [each._asdict() for key, each in holding.items() if key not in known]
        if begun:
            connection.execute(insert(EVENTS), begun)


def _settled(found: Condition, known: Sequence[tuple[str, str, str, str]]) -> Condition:
    """The same move under the day by which it is known already."""
    if found.kind != "moved":
        return found
    own, day = found.key[:3], date.fromisoformat(found.subject)
    days = (key[3] for key in known if key[:3] == own)
    near = (one for one in days if abs(date.fromisoformat(one) - day) <= SAME_MOVE)
    return found._replace(subject=next(near, found.subject))


def _go_on(connection: Connection, event_id: int, found: Condition | None, now: datetime) -> None:
    """Renew what is said of an event, or end it."""
    said = {"sentence": found.sentence, "detail": found.detail} if found else {"ended_at": now}
    connection.execute(update(EVENTS).where(EVENTS.c.event_id == event_id).values(said))


def tell(engine: Engine, send: Send) -> int:
    """Send what nobody was told yet; returns how many events that were.

    Events that began and ended meanwhile are told as one.
    """
    is_new = EVENTS.c.told_at.is_(None)
    is_over = EVENTS.c.ended_at.is_not(None) & EVENTS.c.end_told_at.is_(None)
    untold = select(EVENTS).where(or_(is_new, is_over)).order_by(EVENTS.c.event_id)
    with engine.begin() as connection:
        connection.exec_driver_sql(LOCK)
        rows = connection.execute(untold).all()
        if not rows or not send(f"Air quality: {len(rows)} events", _message(rows)):
            return 0
        mine = EVENTS.c.event_id.in_([row.event_id for row in rows])
        now = func.clock_timestamp()
        begun, over = update(EVENTS).where(mine, is_new), update(EVENTS).where(mine, is_over)
        connection.execute(begun.values(told_at=now))
        connection.execute(over.values(end_told_at=now))
    return len(rows)


def _message(rows: Sequence[Any]) -> str:
    lines = [f"Over: {row.sentence}" if row.ended_at else row.sentence for row in rows[:MOST_TOLD]]
    more = len(rows) - MOST_TOLD
    return "\n".join([*lines, f"And {more} more: see Station health."] if more > 0 else lines)
