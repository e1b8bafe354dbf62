"""What the log said and how far it was read: events, refusals, conflicts, positions, rules."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Numeric,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from txplatform.columns import flag, instant, text
from txplatform.domains.clickstream.tables.base import count, fields, metadata, place

events = Table(
    "events",
    metadata,
    *place(),
    *fields(),
    flag("is_late", "Behind the newest event of its partition by more than the allowed lateness."),
    Column(
        "late_by_seconds",
        Numeric(13, 3),
        comment="How far a late event lies behind the newest one before it; NULL if not late.",
    ),
    UniqueConstraint("event_id", "partition", "topic"),
    Index("events_by_session", "session_id"),
    Index("events_by_time", "event_time", postgresql_using="brin"),  # small: time rises with place
    comment="Every accepted event, once.",
)

events_rejected = Table(
    "events_rejected",
    metadata,
    *place(),
    text("rule", "The first rule that refuses the line."),
    text("raw", "The line; bytes that are no text as escapes."),
    comment="Lines that are no event, as they came.",
)

event_conflicts = Table(
    "event_conflicts",
    metadata,
    *place(),
    *fields(),
    comment="Events whose id an earlier one of the partition had with other content.",
)

stream_positions = Table(
    "stream_positions",
    metadata,
    text("topic", "Topic of the log.", primary_key=True),
    Column("partition", Integer, primary_key=True, comment="Partition of the topic."),
    Column("next_offset", BigInteger, nullable=False, comment="The first line not processed yet."),
    instant("max_event_time", "Newest accepted event.", is_optional=True),
    instant("max_arrived_at", "Newest broker's timestamp.", is_optional=True),
    count("rows_read", "Lines so far: the sum of the following four."),
    count("rows_accepted", "Of these, events."),
    count("rows_duplicate", "Of these, events that came before."),
    count("rows_conflict", "Of these, events whose id came before with other content."),
    count("rows_refused", "Of these, lines that are no event."),
    count("rows_late", "Of the accepted, late ones."),
    comment="How far each partition is processed; commits together with what came of it.",
)

stream_jobs = Table(
    "stream_jobs",
    metadata,
    text("topic", "Topic of the log.", primary_key=True),
    instant("started_at", "When the job started."),
    instant("seen_at", "When the job last said that it runs."),
    instant("stopped_at", "When it ended in order; NULL if it runs, was killed or failed.", True),
    instant("batch_at", "When the last batch was committed.", is_optional=True),
    count("batch_rows", "Lines of the last batch."),
    Column(
        "rows_per_second",
        Numeric(12, 1),
        nullable=False,
        server_default="0",
        comment="Lines a second over the last batches.",
    ),
    count("lag_events", "Lines in the log that are not processed."),
    instant("watermark", "Event time up to which windows are final.", is_optional=True),
    instant("first_event_at", "Event time at which the log begins, late ones aside.", True),
    comment="The job of each topic, as it last said.",
)

stream_rules = Table(
    "stream_rules",
    metadata,
    text("code", "RATE, SILENCE, ABANDON or VELOCITY.", primary_key=True),
    Column("version", Integer, primary_key=True, comment="1, 2, 3... per rule."),
    Column("parameters", JSONB, nullable=False, comment="The rule's numbers."),
    instant("valid_from", "Event time from which on windows are judged by this version."),
    text("changed_by", "Who changed it."),
    instant("changed_at", "When it was changed."),
    comment="Versions of the alert rules; append-only.",
)
