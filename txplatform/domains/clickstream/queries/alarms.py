"""What somebody must be told of now, as one sentence each."""

from datetime import timedelta

from sqlalchemy import Engine, select

from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.tables import stream_alerts

RECENT = timedelta(hours=1)


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
    percent = 100 * now.refused / now.read if now.read else 0.0
    if percent > own.refused_percent_limit:
        found["refused"] = (
            f"{percent:.2f} % of the lines of {own.topic} are refused, more than "
            f"{own.refused_percent_limit} %: see clickstream.events_rejected."
        )
    return found | _silences(engine)


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
