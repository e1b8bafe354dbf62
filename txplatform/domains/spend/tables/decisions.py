"""What people decided: appended to, never changed. The database refuses UPDATE and DELETE."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from txplatform.columns import instant
from txplatform.domains.spend.tables.base import MONEY, metadata

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
    Column("kind", Text, nullable=False, comment="decide, assign, comment, undo or second_look."),
    Column(
        "state",
        Text,
        nullable=False,
        comment="State after the entry: open, in_review, justified, abusive or dismissed.",
    ),
    Column("assignee", Text, comment="Who looks into it after the entry."),
    Column("reason", Text, comment="Why, or the comment; needed to decide."),
    Column("decided_by", Text, nullable=False, comment="Who made the entry."),
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
    Column("week_start", Date, nullable=False, comment="The Monday of the calendar week."),
    Column("week_amount", MONEY, nullable=False, comment="Net total of the week at that moment."),
    Column("transaction_count", Integer, nullable=False, comment="Purchases at that moment."),
    Column("row_count", Integer, nullable=False, comment="Rows of the table at that moment."),
    Column("fingerprint", Text, nullable=False, comment="What the week was computed from."),
    Column("note", Text, comment="What the signer adds."),
    Column("signed_by", Text, nullable=False, comment="Who signed the week off."),
    instant("signed_at", "When the week was signed off."),
    Index("sign_offs_by_week", "week_start", "sign_off_id"),
    comment="Weeks that a controller signed off, with the totals at that moment; append-only.",
)
