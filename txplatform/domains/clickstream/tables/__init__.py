"""The domain's tables, declared once: PostgreSQL's schema `clickstream`, and who may do what."""

from txplatform.domains.clickstream.tables.base import metadata
from txplatform.domains.clickstream.tables.derived import (
    activity_windows,
    activity_windows_history,
    carts,
    carts_history,
    carts_hourly,
    funnel_hourly,
    sealed_hours,
    session_bursts,
    sessions,
    stream_alerts,
    stream_alerts_history,
)
from txplatform.domains.clickstream.tables.log import (
    event_conflicts,
    events,
    events_rejected,
    stream_jobs,
    stream_positions,
    stream_rules,
)

__all__ = [
    "TABLES",
    "activity_windows",
    "activity_windows_history",
    "carts",
    "carts_history",
    "carts_hourly",
    "event_conflicts",
    "events",
    "events_rejected",
    "funnel_hourly",
    "metadata",
    "sealed_hours",
    "session_bursts",
    "sessions",
    "stream_alerts",
    "stream_alerts_history",
    "stream_jobs",
    "stream_positions",
    "stream_rules",
]

READ: dict[str, tuple[str, ...]] = dict.fromkeys(metadata.tables, ("SELECT",))
APPENDED = ("SELECT", "INSERT")
KEPT = (*APPENDED, "UPDATE")
APPEND_ONLY = (
    events,
    events_rejected,
    event_conflicts,
    activity_windows_history,
    carts_history,
    stream_alerts_history,
)
UPDATED = (
    stream_positions,
    stream_jobs,
    activity_windows,
    sessions,
    session_bursts,
    carts,
    carts_hourly,
    funnel_hourly,
    sealed_hours,
    stream_alerts,
)

TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "compute": {
        **READ,
        **dict.fromkeys((str(table) for table in APPEND_ONLY), APPENDED),
        **dict.fromkeys((str(table) for table in UPDATED), KEPT),
    },
    "read": READ,
    "decide": {**READ, str(stream_rules): APPENDED},
    "bi": dict.fromkeys(map(str, (activity_windows, carts_hourly, funnel_hourly)), ("SELECT",)),
}
"""Privileges of PostgreSQL: rules are appended by people, everything else by the job alone."""
