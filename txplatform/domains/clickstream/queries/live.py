"""What the Live page shows: an hour by the minute, a day of carts, the hour's funnel, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, func, select

from txplatform.domains.clickstream.tables import (
    activity_windows,
    carts,
    funnel_hourly,
    stream_alerts,
)

MINUTES_SHOWN, ALERTS_SHOWN = 60, 10
CARTS_SHOWN = timedelta(hours=24)


@dataclass(frozen=True)
class Live:
    """One look at the shop.

    Attributes:
        minutes: events by minute.
        carts: of the last 24 hours by when they fall due: by status, how many and their value.
        funnel: the newest hour.
        alerts: the newest ones that hold.
    """

    minutes: Sequence[Row[Any]]
    carts: dict[str, tuple[int, Decimal]]
    funnel: Row[Any] | None
    alerts: Sequence[Row[Any]]


def live(engine: Engine) -> Live:
    """What the newest events say, of one snapshot."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return Live(
            _minutes(connection), _carts(connection), _funnel(connection), _alerts(connection)
        )


def _minutes(connection: Connection) -> Sequence[Row[Any]]:
    w = activity_windows.c
    newest: datetime | None = connection.execute(
        select(func.max(w.window_start)).where(w.window_minutes == 1)
    ).scalar_one()
    if newest is None:
        return []
    since = newest - timedelta(minutes=MINUTES_SHOWN - 1)
    rows = connection.execute(
        select(w.window_start, func.sum(w.n_events).label("n_events"))
        .where(w.window_minutes == 1, w.window_start >= since)
        .group_by(w.window_start)
    ).all()
    return cast("Sequence[Row[Any]]", rows)


def _carts(connection: Connection) -> dict[str, tuple[int, Decimal]]:
    c = carts.c
    since = select(func.max(c.due_at) - CARTS_SHOWN).scalar_subquery()
    counted = select(c.status, func.count(), func.sum(c.value)).where(c.due_at > since)
    rows = connection.execute(counted.group_by(c.status))
    return {status: (count, value) for status, count, value in rows}


def _funnel(connection: Connection) -> Row[Any] | None:
    newest = select(funnel_hourly).order_by(funnel_hourly.c.hour.desc()).limit(1)
    return connection.execute(newest).one_or_none()


def _alerts(connection: Connection) -> Sequence[Row[Any]]:
    a = stream_alerts.c
    order = (a.window_start.desc(), a.alert_id)
    wanted = select(stream_alerts).where(a.is_active).order_by(*order).limit(ALERTS_SHOWN)
    return connection.execute(wanted).all()
