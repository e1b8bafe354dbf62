"""Which hours of the stream are final, and which changed after they were sealed."""

from sqlalchemy import func, select

from txplatform.domains.clickstream.queries import sealing
from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """Hours with events: sealed and unchanged or still open (fresh), corrected since (stale)."""
    found = sealing.hours()
    is_stale = sealing.has_changed(found)
    counted = select(func.count(), func.count().filter(is_stale), func.max(found.c.hour))
    with platform.engine.connect() as connection:
        total, stale, newest = connection.execute(counted.select_from(found)).one()
    topic = platform.settings.of(ClickstreamSettings).topic
    batch_at = status(platform.engine, topic).batch_at
    return Freshness(total - stale, stale, 0, newest, batch_at)
