"""What people decided: appended to, never changed. The database refuses UPDATE and DELETE."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from txplatform.columns import amount, day, instant, text
from txplatform.domains.spend.tables.base import metadata

decisions = Table(
    "decisions",
    metadata,
    Column(
        "decision_id",
        BigInteger,
        Identity(always=True),
        primary_key=True,
        comment="Order of entry.",
    ),
    Column(
        "alert_id",
        Text,
        ForeignKey("alerts.alert_id"),
        nullable=False,
        comment="The alert that was decided on.",
    ),
    Column(
        "sequence",
        Integer,
        nullable=False,
        comment="1, 2, 3... per alert: of two entries made at once the second is refused.",
    ),
    text("kind", "decide, assign, comment, undo or second_look."),
    text("state", "State after the entry: open, in_review, justified, abusive or dismissed."),
    text("assignee", "Who looks into it after the entry.", is_optional=True),
    text("reason", "Why, or the comment; needed to decide.", is_optional=True),
    text("decided_by", "Who made the entry."),
    instant("decided_at", "When the entry was made."),
    UniqueConstraint("alert_id", "sequence"),
    Index("decisions_by_time", "decided_at"),
    comment="Every decision, assignment and comment on an alert; append-only.",
)

sign_offs = Table(
    "sign_offs",
    metadata,
    Column(
        "sign_off_id",
        BigInteger,
        Identity(always=True),
        primary_key=True,
        comment="Order of entry.",
    ),
    day("week_start", "The Monday of the calendar week."),
    amount("week_amount", "Net total of the week at that moment."),
    Column("transaction_count", Integer, nullable=False, comment="Purchases at that moment."),
    Column("row_count", Integer, nullable=False, comment="Rows of the table at that moment."),
    text("fingerprint", "What the week was computed from."),
    text("note", "What the signer adds.", is_optional=True),
    text("signed_by", "Who signed the week off."),
    instant("signed_at", "When the week was signed off."),
    Index("sign_offs_by_week", "week_start", "sign_off_id"),
    comment="Weeks that a controller signed off, with the totals at that moment; append-only.",
)
