"""What the events add up to: windows, sessions, carts, funnel, alerts, and what was said before."""

from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Numeric, Table
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB

from txplatform.columns import amount, flag, instant, text
from txplatform.domains.clickstream.tables.base import count, metadata


def _window(is_key: bool) -> list[Column[Any]]:
    return [
        Column("window_minutes", Integer, primary_key=is_key, comment="1, 5 or 60."),
        instant("window_start", "Start, UTC; the end is not included.", primary_key=is_key),
        text("type", "view, add, remove, checkout or purchase.", primary_key=is_key),
        text("country", "ISO 3166-1 alpha-2.", primary_key=is_key),
        count("n_events", "Events of the window."),
        count("n_sessions", "Sessions of the window; windows cannot be added up."),
        amount("amount", "Value of the events' lines."),
        count("n_late", "Events that came late."),
        flag("is_final", "The watermark has passed the window's end."),
        Column("revision", Integer, nullable=False, comment="Corrections after it was final."),
    ]


def _history_id() -> Column[Any]:
    return Column("history_id", BigInteger, Identity(always=True), primary_key=True)


activity_windows = Table(
    "activity_windows",
    metadata,
    *_window(is_key=True),
    comment="Tumbling windows of 1, 5 and 60 minutes per type and country.",
)

activity_windows_history = Table(
    "activity_windows_history",
    metadata,
    _history_id(),
    *_window(is_key=False),
    instant("replaced_at", "When a late event corrected it."),
    comment="What final windows said before late events corrected them.",
)

sessions = Table(
    "sessions",
    metadata,
    text("session_id", "The visit.", primary_key=True),
    instant("first_event_at", "Its first event."),
    instant("view_at", "First view.", is_optional=True),
    instant("add_at", "First add at or after it.", is_optional=True),
    instant("checkout_at", "First checkout at or after that.", is_optional=True),
    instant("purchase_at", "First purchase at or after that.", is_optional=True),
    flag("is_out_of_order", "It did a step without the one before."),
    comment="How far each visit came; the funnel adds it up.",
)

session_bursts = Table(
    "session_bursts",
    metadata,
    text("session_id", "The visit.", primary_key=True),
    instant("minute", "Start of the minute.", primary_key=True),
    count("n_events", "Most events within 60 seconds that end in this minute."),
    comment="Minutes in which a visit did more than ten things within 60 seconds.",
)

carts = Table(
    "carts",
    metadata,
    text("session_id", "The visit.", primary_key=True),
    count("items_added", "Pieces put in since the last purchase before."),
    count("items_removed", "Pieces taken out."),
    amount("value", "Value put in less value taken out."),
    instant("last_cart_at", "Last add, remove or checkout."),
    instant("due_at", "When it counts as abandoned."),
    instant("purchased_at", "First purchase since.", is_optional=True),
    text("status", "open, purchased, abandoned, recovered or emptied."),
    instant("abandoned_at", "When it was abandoned; stays when it is recovered.", True),
    Index("carts_by_due", "due_at"),
    Index("carts_by_status", "status"),
    comment="The cart of each visit.",
)

carts_history = Table(
    "carts_history",
    metadata,
    _history_id(),
    text("session_id", "The visit."),
    amount("value", "Value then."),
    instant("due_at", "When it fell due, then."),
    text("status", "Status then."),
    instant("abandoned_at", "As it was said.", is_optional=True),
    instant("replaced_at", "When events said otherwise."),
    Index("carts_history_by_session", "session_id"),
    comment="Decided carts before a later event decided otherwise.",
)

carts_hourly = Table(
    "carts_hourly",
    metadata,
    instant("hour", "Hour in which the carts fell due.", primary_key=True),
    count("n_decided", "Carts bought or abandoned."),
    count("n_abandoned", "Of these, abandoned; also if recovered later."),
    comment="Carts by the hour in which they fell due.",
)

funnel_hourly = Table(
    "funnel_hourly",
    metadata,
    instant("hour", "Hour of the visit's first event.", primary_key=True),
    count("n_view", "Visits that looked."),
    count("n_add", "Of these, that put something into the cart afterwards."),
    count("n_checkout", "Of these, that went to the checkout afterwards."),
    count("n_purchase", "Of these, that bought afterwards."),
    count("n_out_of_order", "Visits that did a step without the one before."),
    comment="How far the visits of each hour came; counts never rise from step to step.",
)


sealed_hours = Table(
    "sealed_hours",
    metadata,
    instant("hour", "Start of the hour.", primary_key=True),
    count("n_events", "Events of the hour when it was sealed."),
    amount("amount", "Value of their lines."),
    text("fingerprint", "Of the hour's final windows."),
    text("run_id", "The run that sealed it."),
    instant("sealed_at", "When it was checked against plain Python and sealed."),
    comment="Hours whose final windows were checked; one that changed since is to be sealed again.",
)


def _alert(is_key: bool) -> list[Column[Any]]:
    return [
        text("alert_id", "Hash of rule, version, key and window.", primary_key=is_key),
        text("rule", "RATE, SILENCE, ABANDON or VELOCITY."),
        Column("version", Integer, nullable=False, comment="Version of the rule."),
        text("key", "What it is about: type and country, the shop, or a visit."),
        instant("window_start", "Start of the window."),
        Column("window_minutes", Integer, nullable=False, comment="Its length."),
        text("severity", "low, medium or high."),
        Column("observed", Numeric(18, 6), nullable=False, comment="What was counted."),
        Column("usual", Numeric(18, 6), nullable=False, comment="What is usual: median or limit."),
        Column("score", DOUBLE_PRECISION, nullable=False, comment="z, ratio or count."),
        Column("evidence", JSONB, nullable=False, comment="The numbers of the judgement."),
        flag("is_active", "Whether it still holds; a correction may supersede it."),
    ]


stream_alerts = Table(
    "stream_alerts",
    metadata,
    *_alert(is_key=True),
    instant("raised_at", "When it was raised."),
    instant("superseded_at", "When a correction took it back.", is_optional=True),
    Index("stream_alerts_by_window", "window_start"),
    comment="Alerts on final windows.",
)

stream_alerts_history = Table(
    "stream_alerts_history",
    metadata,
    _history_id(),
    *_alert(is_key=False),
    instant("replaced_at", "When it was judged again with another outcome."),
    comment="What alerts said before a correction.",
)
