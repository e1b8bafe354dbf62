"""What somebody must be told of now, as one sentence each."""

from datetime import timedelta

from sqlalchemy import Engine, and_, func, select

from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.tables import events_rejected, stream_alerts, stream_positions

RECENT = timedelta(hours=1)
NEWEST_LINES = 2_500
"""Of each partition: over a whole history a share neither rises soon nor ever falls again."""


def reasons(engine: Engine, own: ClickstreamSettings) -> dict[str, str]:
    """By a name that stays the same as long as the reason does, what is wrong."""
    now = status(engine, own.topic)
    found: dict[str, str] = {}
    if now.state == "lost":
        found["job lost"] = (
            f"The job of {own.topic} has said nothing since {now.seen_at:%Y-%m-%d %H:%M:%S %Z}: "
            "start it again with `txplatform clickstream run`; nothing is lost."
        )
    if now.lag_events > own.lag_limit:
        found["lag"] = (
            f"The job of {own.topic} is {now.lag_events:,} lines behind, more than "
            f"{own.lag_limit:,}: it does {now.rows_per_second} a second."
        )
    percent = _refused_percent(engine, own.topic)
    if percent > own.refused_percent_limit:
        found["refused"] = (
            f"{percent:.2f} % of the newest lines of {own.topic} are refused, more than "
            f"{own.refused_percent_limit} %: see clickstream.events_rejected."
        )
    return found | _silences(engine)


def stopped(engine: Engine, own: ClickstreamSettings, log: EventLog) -> dict[str, str]:
    """What `reasons` cannot see: a job that was stopped in order, and forgotten.

    Raises:
        PlatformError: the log cannot be looked at.
    """
    now, p = status(engine, own.topic), stream_positions.c
    if now.state != "stopped":
        return {}
    statement = select(p.partition, p.next_offset).where(p.topic == own.topic)
    with engine.connect() as connection:
        known = {row.partition: row.next_offset for row in connection.execute(statement)}
    begin = log.beginnings() | known
    n = sum(max(0, end - begin.get(part, 0)) for part, end in log.ends().items())
    if n <= own.lag_limit:
        return {}
    return {
        "job stopped": (
            f"The job of {own.topic} was stopped at {now.seen_at:%Y-%m-%d %H:%M:%S %Z} and {n:,} "
            f"lines wait, more than {own.lag_limit:,}: start it again with `txplatform clickstream "
            "run`."
        )
    }


def _refused_percent(engine: Engine, topic: str) -> float:
    p, r = stream_positions.c, events_rejected.c
    is_newest = and_(
        r.topic == p.topic, r.partition == p.partition, r.offset >= p.next_offset - NEWEST_LINES
    )
    refused = select(func.count()).select_from(events_rejected).where(is_newest).scalar_subquery()
    shares = select(func.sum(func.least(p.rows_read, NEWEST_LINES)), func.sum(refused))
    with engine.connect() as connection:
        lines, found = connection.execute(shares.where(p.topic == topic)).one()
    return float(100 * found / lines) if lines else 0.0


def _silences(engine: Engine) -> dict[str, str]:
    a = stream_alerts.c
    newest = select(a.window_start).order_by(a.window_start.desc()).limit(1).scalar_subquery()
    wanted = select(stream_alerts).where(
        a.rule == "SILENCE", a.is_active, a.window_start > newest - RECENT
    )
    with engine.connect() as connection:
        return {
            f"silence {row.alert_id}": (
                f"{row.key}: {row.observed:.0f} events from {row.window_start:%H:%M} on for "
                f"{row.window_minutes} minutes, where {row.usual:.0f} are usual."
            )
            for row in connection.execute(wanted)
        }
