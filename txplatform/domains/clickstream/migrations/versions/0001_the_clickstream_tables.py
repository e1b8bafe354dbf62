"""The tables of the shop's events, in a PostgreSQL schema of their own, and the alert rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "clickstream_0001"
down_revision = None
branch_labels = ("clickstream",)
depends_on = None

RULES = """
INSERT INTO clickstream.stream_rules
    (code, version, parameters, valid_from, changed_by, changed_at)
VALUES ('RATE', 1, '{"z": 3.5}', '2000-01-01Z', 'txplatform', now()),
       ('SILENCE', 1, '{"z": 3.5, "least_median": 20}', '2000-01-01Z', 'txplatform', now()),
       ('ABANDON', 1, '{"factor": 1.5, "least_carts": 30}', '2000-01-01Z', 'txplatform', now()),
       ('VELOCITY', 1, '{"most_events": 30}', '2000-01-01Z', 'txplatform', now())
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA clickstream")
    op.create_table(
        "activity_windows",
        sa.Column("window_minutes", sa.Integer(), nullable=False, comment="1, 5 or 60."),
        sa.Column(
            "window_start",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start, UTC; the end is not included.",
        ),
        sa.Column(
            "type", sa.Text(), nullable=False, comment="view, add, remove, checkout or purchase."
        ),
        sa.Column("country", sa.Text(), nullable=False, comment="ISO 3166-1 alpha-2."),
        sa.Column(
            "n_events",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Events of the window.",
        ),
        sa.Column(
            "n_sessions",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Sessions of the window; windows cannot be added up.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Value of the events' lines.",
        ),
        sa.Column(
            "n_late",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Events that came late.",
        ),
        sa.Column(
            "is_final",
            sa.Boolean(),
            nullable=False,
            comment="The watermark has passed the window's end.",
        ),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="Corrections after it was final."
        ),
        sa.PrimaryKeyConstraint("window_minutes", "window_start", "type", "country"),
        schema="clickstream",
        comment="Tumbling windows of 1, 5 and 60 minutes per type and country.",
    )
    op.create_table(
        "activity_windows_history",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=True, comment="1, 5 or 60."),
        sa.Column(
            "window_start",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start, UTC; the end is not included.",
        ),
        sa.Column(
            "type", sa.Text(), nullable=False, comment="view, add, remove, checkout or purchase."
        ),
        sa.Column("country", sa.Text(), nullable=False, comment="ISO 3166-1 alpha-2."),
        sa.Column(
            "n_events",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Events of the window.",
        ),
        sa.Column(
            "n_sessions",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Sessions of the window; windows cannot be added up.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Value of the events' lines.",
        ),
        sa.Column(
            "n_late",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Events that came late.",
        ),
        sa.Column(
            "is_final",
            sa.Boolean(),
            nullable=False,
            comment="The watermark has passed the window's end.",
        ),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="Corrections after it was final."
        ),
        sa.Column(
            "replaced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When a late event corrected it.",
        ),
        sa.PrimaryKeyConstraint("history_id"),
        schema="clickstream",
        comment="What final windows said before late events corrected them.",
    )
    op.create_table(
        "carts",
        sa.Column("session_id", sa.Text(), nullable=False, comment="The visit."),
        sa.Column(
            "items_added",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Pieces put in since the last purchase before.",
        ),
        sa.Column(
            "items_removed",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Pieces taken out.",
        ),
        sa.Column(
            "value",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Value put in less value taken out.",
        ),
        sa.Column(
            "last_cart_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Last add, remove or checkout.",
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it counts as abandoned.",
        ),
        sa.Column(
            "purchased_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="First purchase since.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="open, purchased, abandoned, recovered or emptied.",
        ),
        sa.Column(
            "abandoned_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was abandoned; stays when it is recovered.",
        ),
        sa.PrimaryKeyConstraint("session_id"),
        schema="clickstream",
        comment="The cart of each visit.",
    )
    op.create_index("carts_by_due", "carts", ["due_at"], unique=False, schema="clickstream")
    op.create_index("carts_by_status", "carts", ["status"], unique=False, schema="clickstream")
    op.create_table(
        "carts_history",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False, comment="The visit."),
        sa.Column(
            "value", sa.Numeric(precision=18, scale=2), nullable=False, comment="Value then."
        ),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=False, comment="When it fell due, then."
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="Status then."),
        sa.Column(
            "abandoned_at", sa.DateTime(timezone=True), nullable=True, comment="As it was said."
        ),
        sa.Column(
            "replaced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When events said otherwise.",
        ),
        sa.PrimaryKeyConstraint("history_id"),
        schema="clickstream",
        comment="Decided carts before a later event decided otherwise.",
    )
    op.create_index(
        "carts_history_by_session",
        "carts_history",
        ["session_id"],
        unique=False,
        schema="clickstream",
    )
    op.create_table(
        "carts_hourly",
        sa.Column(
            "hour",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Hour in which the carts fell due.",
        ),
        sa.Column(
            "n_decided",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Carts bought or abandoned.",
        ),
        sa.Column(
            "n_abandoned",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, abandoned; also if recovered later.",
        ),
        sa.PrimaryKeyConstraint("hour"),
        schema="clickstream",
        comment="Carts by the hour in which they fell due.",
    )
    op.create_table(
        "event_conflicts",
        sa.Column("topic", sa.Text(), nullable=False, comment="Topic of the log."),
        sa.Column("partition", sa.Integer(), nullable=False, comment="Partition of the topic."),
        sa.Column("offset", sa.BigInteger(), nullable=False, comment="Offset in the partition."),
        sa.Column(
            "arrived_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The broker's timestamp.",
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False, comment="The event's own id."),
        sa.Column(
            "event_time",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it happened, by the shop's clock.",
        ),
        sa.Column(
            "type", sa.Text(), nullable=False, comment="view, add, remove, checkout or purchase."
        ),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="Who did it."),
        sa.Column("session_id", sa.Text(), nullable=False, comment="In which visit."),
        sa.Column("product_id", sa.Text(), nullable=False, comment="With which product."),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="Pieces."),
        sa.Column(
            "amount",
            sa.Numeric(precision=11, scale=2),
            nullable=False,
            comment="Value of the line.",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217."),
        sa.Column("country", sa.Text(), nullable=False, comment="ISO 3166-1 alpha-2."),
        sa.PrimaryKeyConstraint("topic", "partition", "offset"),
        schema="clickstream",
        comment="Events whose id an earlier one of the partition had with other content.",
    )
    op.create_table(
        "events",
        sa.Column("topic", sa.Text(), nullable=False, comment="Topic of the log."),
        sa.Column("partition", sa.Integer(), nullable=False, comment="Partition of the topic."),
        sa.Column("offset", sa.BigInteger(), nullable=False, comment="Offset in the partition."),
        sa.Column(
            "arrived_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The broker's timestamp.",
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False, comment="The event's own id."),
        sa.Column(
            "event_time",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it happened, by the shop's clock.",
        ),
        sa.Column(
            "type", sa.Text(), nullable=False, comment="view, add, remove, checkout or purchase."
        ),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="Who did it."),
        sa.Column("session_id", sa.Text(), nullable=False, comment="In which visit."),
        sa.Column("product_id", sa.Text(), nullable=False, comment="With which product."),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="Pieces."),
        sa.Column(
            "amount",
            sa.Numeric(precision=11, scale=2),
            nullable=False,
            comment="Value of the line.",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217."),
        sa.Column("country", sa.Text(), nullable=False, comment="ISO 3166-1 alpha-2."),
        sa.Column(
            "is_late",
            sa.Boolean(),
            nullable=False,
            comment="Behind the newest event of its partition by more than the allowed lateness.",
        ),
        sa.Column(
            "late_by_seconds",
            sa.Numeric(precision=13, scale=3),
            nullable=True,
            comment="How far a late event lies behind the newest one before it; NULL if not late.",
        ),
        sa.PrimaryKeyConstraint("topic", "partition", "offset"),
        sa.UniqueConstraint("event_id", "partition", "topic"),
        schema="clickstream",
        comment="Every accepted event, once.",
    )
    op.create_index(
        "events_by_session", "events", ["session_id"], unique=False, schema="clickstream"
    )
    op.create_table(
        "events_rejected",
        sa.Column("topic", sa.Text(), nullable=False, comment="Topic of the log."),
        sa.Column("partition", sa.Integer(), nullable=False, comment="Partition of the topic."),
        sa.Column("offset", sa.BigInteger(), nullable=False, comment="Offset in the partition."),
        sa.Column(
            "arrived_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The broker's timestamp.",
        ),
        sa.Column(
            "rule", sa.Text(), nullable=False, comment="The first rule that refuses the line."
        ),
        sa.Column(
            "raw", sa.Text(), nullable=False, comment="The line; bytes that are no text as escapes."
        ),
        sa.PrimaryKeyConstraint("topic", "partition", "offset"),
        schema="clickstream",
        comment="Lines that are no event, as they came.",
    )
    op.create_table(
        "funnel_hourly",
        sa.Column(
            "hour",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Hour of the visit's first event.",
        ),
        sa.Column(
            "n_view",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Visits that looked.",
        ),
        sa.Column(
            "n_add",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, that put something into the cart afterwards.",
        ),
        sa.Column(
            "n_checkout",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, that went to the checkout afterwards.",
        ),
        sa.Column(
            "n_purchase",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, that bought afterwards.",
        ),
        sa.Column(
            "n_out_of_order",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Visits that did a step without the one before.",
        ),
        sa.PrimaryKeyConstraint("hour"),
        schema="clickstream",
        comment="How far the visits of each hour came; counts never rise from step to step.",
    )
    op.create_table(
        "sealed_hours",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False, comment="Start of the hour."),
        sa.Column(
            "n_events",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Events of the hour when it was sealed.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Value of their lines.",
        ),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="Of the hour's final windows."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that sealed it."),
        sa.Column(
            "sealed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was checked against plain Python and sealed.",
        ),
        sa.PrimaryKeyConstraint("hour"),
        schema="clickstream",
        comment="Hours whose final windows were checked; one that changed since is to be sealed again.",
    )
    op.create_table(
        "session_bursts",
        sa.Column("session_id", sa.Text(), nullable=False, comment="The visit."),
        sa.Column(
            "minute", sa.DateTime(timezone=True), nullable=False, comment="Start of the minute."
        ),
        sa.Column(
            "n_events",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Most events within 60 seconds that end in this minute.",
        ),
        sa.PrimaryKeyConstraint("session_id", "minute"),
        schema="clickstream",
        comment="Minutes in which a visit did more than ten things within 60 seconds.",
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.Text(), nullable=False, comment="The visit."),
        sa.Column(
            "first_event_at", sa.DateTime(timezone=True), nullable=False, comment="Its first event."
        ),
        sa.Column("view_at", sa.DateTime(timezone=True), nullable=True, comment="First view."),
        sa.Column(
            "add_at", sa.DateTime(timezone=True), nullable=True, comment="First add at or after it."
        ),
        sa.Column(
            "checkout_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="First checkout at or after that.",
        ),
        sa.Column(
            "purchase_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="First purchase at or after that.",
        ),
        sa.Column(
            "is_out_of_order",
            sa.Boolean(),
            nullable=False,
            comment="It did a step without the one before.",
        ),
        sa.PrimaryKeyConstraint("session_id"),
        schema="clickstream",
        comment="How far each visit came; the funnel adds it up.",
    )
    op.create_table(
        "stream_alerts",
        sa.Column(
            "alert_id", sa.Text(), nullable=False, comment="Hash of rule, version, key and window."
        ),
        sa.Column("rule", sa.Text(), nullable=False, comment="RATE, SILENCE, ABANDON or VELOCITY."),
        sa.Column("version", sa.Integer(), nullable=False, comment="Version of the rule."),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="What it is about: type and country, the shop, or a visit.",
        ),
        sa.Column(
            "window_start",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the window.",
        ),
        sa.Column("window_minutes", sa.Integer(), nullable=False, comment="Its length."),
        sa.Column("severity", sa.Text(), nullable=False, comment="low, medium or high."),
        sa.Column(
            "observed",
            sa.Numeric(precision=18, scale=6),
            nullable=False,
            comment="What was counted.",
        ),
        sa.Column(
            "usual",
            sa.Numeric(precision=18, scale=6),
            nullable=False,
            comment="What is usual: median or limit.",
        ),
        sa.Column("score", sa.DOUBLE_PRECISION(), nullable=False, comment="z, ratio or count."),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The numbers of the judgement.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            nullable=False,
            comment="Whether it still holds; a correction may supersede it.",
        ),
        sa.Column(
            "raised_at", sa.DateTime(timezone=True), nullable=False, comment="When it was raised."
        ),
        sa.Column(
            "superseded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a correction took it back.",
        ),
        sa.PrimaryKeyConstraint("alert_id"),
        schema="clickstream",
        comment="Alerts on final windows.",
    )
    op.create_index(
        "stream_alerts_by_window",
        "stream_alerts",
        ["window_start"],
        unique=False,
        schema="clickstream",
    )
    op.create_table(
        "stream_alerts_history",
        sa.Column("history_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "alert_id", sa.Text(), nullable=False, comment="Hash of rule, version, key and window."
        ),
        sa.Column("rule", sa.Text(), nullable=False, comment="RATE, SILENCE, ABANDON or VELOCITY."),
        sa.Column("version", sa.Integer(), nullable=False, comment="Version of the rule."),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="What it is about: type and country, the shop, or a visit.",
        ),
        sa.Column(
            "window_start",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the window.",
        ),
        sa.Column("window_minutes", sa.Integer(), nullable=False, comment="Its length."),
        sa.Column("severity", sa.Text(), nullable=False, comment="low, medium or high."),
        sa.Column(
            "observed",
            sa.Numeric(precision=18, scale=6),
            nullable=False,
            comment="What was counted.",
        ),
        sa.Column(
            "usual",
            sa.Numeric(precision=18, scale=6),
            nullable=False,
            comment="What is usual: median or limit.",
        ),
        sa.Column("score", sa.DOUBLE_PRECISION(), nullable=False, comment="z, ratio or count."),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The numbers of the judgement.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            nullable=False,
            comment="Whether it still holds; a correction may supersede it.",
        ),
        sa.Column(
            "replaced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was judged again with another outcome.",
        ),
        sa.PrimaryKeyConstraint("history_id"),
        schema="clickstream",
        comment="What alerts said before a correction.",
    )
    op.create_table(
        "stream_jobs",
        sa.Column("topic", sa.Text(), nullable=False, comment="Topic of the log."),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the job started.",
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the job last said that it runs.",
        ),
        sa.Column(
            "stopped_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it ended in order; NULL if it runs or was killed.",
        ),
        sa.Column(
            "batch_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the last batch was committed.",
        ),
        sa.Column(
            "batch_rows",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Lines of the last batch.",
        ),
        sa.Column(
            "rows_per_second",
            sa.Numeric(precision=12, scale=1),
            server_default="0",
            nullable=False,
            comment="Lines a second over the last batches.",
        ),
        sa.Column(
            "lag_events",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Lines in the log that are not processed.",
        ),
        sa.Column(
            "watermark",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Event time up to which windows are final.",
        ),
        sa.Column(
            "first_event_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Event time at which the log begins, late ones aside.",
        ),
        sa.PrimaryKeyConstraint("topic"),
        schema="clickstream",
        comment="The job of each topic, as it last said.",
    )
    op.create_table(
        "stream_positions",
        sa.Column("topic", sa.Text(), nullable=False, comment="Topic of the log."),
        sa.Column("partition", sa.Integer(), nullable=False, comment="Partition of the topic."),
        sa.Column(
            "next_offset",
            sa.BigInteger(),
            nullable=False,
            comment="The first line not processed yet.",
        ),
        sa.Column(
            "max_event_time",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Newest accepted event.",
        ),
        sa.Column(
            "max_arrived_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Newest broker's timestamp.",
        ),
        sa.Column(
            "rows_read",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Lines so far: the sum of the following four.",
        ),
        sa.Column(
            "rows_accepted",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, events.",
        ),
        sa.Column(
            "rows_duplicate",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, events that came before.",
        ),
        sa.Column(
            "rows_conflict",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, events whose id came before with other content.",
        ),
        sa.Column(
            "rows_refused",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of these, lines that are no event.",
        ),
        sa.Column(
            "rows_late",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of the accepted, late ones.",
        ),
        sa.PrimaryKeyConstraint("topic", "partition"),
        schema="clickstream",
        comment="How far each partition is processed; commits together with what came of it.",
    )
    op.create_table(
        "stream_rules",
        sa.Column("code", sa.Text(), nullable=False, comment="RATE, SILENCE, ABANDON or VELOCITY."),
        sa.Column("version", sa.Integer(), nullable=False, comment="1, 2, 3... per rule."),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The rule's numbers.",
        ),
        sa.Column(
            "valid_from",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Event time from which on windows are judged by this version.",
        ),
        sa.Column("changed_by", sa.Text(), nullable=False, comment="Who changed it."),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), nullable=False, comment="When it was changed."
        ),
        sa.PrimaryKeyConstraint("code", "version"),
        schema="clickstream",
        comment="Versions of the alert rules; append-only.",
    )
    # ### end Alembic commands ###
    op.execute(RULES)


def downgrade() -> None:
    op.execute("DROP SCHEMA clickstream CASCADE")
