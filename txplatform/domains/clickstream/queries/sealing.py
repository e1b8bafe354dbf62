"""Which hours are to be sealed: final ones that were not, or that changed since."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine, Subquery, func, select

from txplatform.domains.clickstream.tables import activity_windows, sealed_hours

HOURS_AT_ONCE = 24


def hours() -> Subquery:
    """Hours with events, whether they are final, and how many events they had when sealed."""
    w, s = activity_windows.c, sealed_hours.c
    return (
        select(
            w.window_start.label("hour"),
            func.sum(w.n_events).label("n_events"),
            func.bool_and(w.is_final).label("is_final"),
            func.max(s.n_events).label("n_sealed"),
        )
        .select_from(activity_windows.outerjoin(sealed_hours, s.hour == w.window_start))
        .where(w.window_minutes == 60)
        .group_by(w.window_start)
        .subquery()
    )


def has_changed(found: Subquery) -> ColumnElement[bool]:
    """Whether an hour that was sealed has other events now."""
    return found.c.n_sealed.is_not(None) & (found.c.n_sealed != found.c.n_events)


def due(engine: Engine) -> dict[datetime, int]:
    """The oldest hours to be sealed, with their events."""
    found = hours()
    is_due = found.c.is_final & (found.c.n_sealed.is_(None) | has_changed(found))
    return _periods(engine, found, is_due, HOURS_AT_ONCE)


def stale(engine: Engine) -> list[datetime]:
    """The hours to be sealed again."""
    found = hours()
    return list(_periods(engine, found, found.c.is_final & has_changed(found)))


def _periods(
    engine: Engine, found: Subquery, is_wanted: ColumnElement[bool], at_most: int | None = None
) -> dict[datetime, int]:
    """Hours in order, in UTC as partitions have them whatever the session's zone; their events."""
    wanted = select(found.c.hour, found.c.n_events).where(is_wanted).order_by(found.c.hour)
    with engine.connect() as connection:
        rows = connection.execute(wanted.limit(at_most)).all()
    return {hour.astimezone(UTC).replace(tzinfo=None): int(n_events) for hour, n_events in rows}
