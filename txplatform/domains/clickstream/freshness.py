"""Which hours of the stream are final, and which changed after they were sealed."""

from sqlalchemy import func, select

from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.tables import activity_windows, sealed_hours
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """Hours with events: sealed and unchanged or still open (fresh), corrected since (stale)."""
    w, s = activity_windows.c, sealed_hours.c
    hours = (
        select(w.window_start.label("hour"), func.sum(w.n_events).label("n_events"))
        .where(w.window_minutes == 60)
        .group_by(w.window_start)
        .subquery()
    )
    is_stale = (s.hour.is_not(None)) & (s.n_events != hours.c.n_events)
    counted = select(
        func.count(), func.count().filter(is_stale), func.max(hours.c.hour)
    ).select_from(hours.outerjoin(sealed_hours, s.hour == hours.c.hour))
    with platform.engine.connect() as connection:
        total, stale, newest = connection.execute(counted).one()
    topic = platform.settings.of(ClickstreamSettings).topic
    batch_at = status(platform.engine, topic).batch_at
    return Freshness(total - stale, stale, 0, newest, batch_at)
