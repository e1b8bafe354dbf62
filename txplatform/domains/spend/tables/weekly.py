"""`weekly_transactions` with its history, and what each week was computed from."""

from typing import Any

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from txplatform.columns import instant, stamps
from txplatform.domains.spend.tables.base import MONEY, PERCENT, SHARE, metadata


def _weekly_columns() -> list[Column[Any]]:
    return [
        Column("week_start", Date, nullable=False, comment="The Monday of the calendar week."),
        Column("department", Text, nullable=False, comment="Department that bought."),
        Column("division", Text, nullable=False, comment="Division of that department."),
        Column("total_amount", MONEY, nullable=False, comment="Sum of amounts, net of refunds."),
        Column(
            "refund_amount", MONEY, nullable=False, comment="Sum of the negative amounts (<= 0)."
        ),
        Column("transaction_count", Integer, nullable=False, comment="Number of all rows."),
        Column(
            "department_amount",
            MONEY,
            nullable=False,
            comment="Net total of the department in the week.",
        ),
        Column("week_amount", MONEY, nullable=False, comment="Net total of the week."),
        Column(
            "department_share",
            SHARE,
            comment="department_amount / week_amount, a fraction; empty where the latter is <= 0.",
        ),
        Column(
            "division_share_of_department",
            SHARE,
            comment="total_amount / department_amount, a fraction; empty where the latter is <= 0.",
        ),
        Column(
            "division_share_of_week",
            SHARE,
            comment="total_amount / week_amount, a fraction; empty where the latter is <= 0.",
        ),
        Column(
            "department_previous_amount",
            MONEY,
            comment="The department's net total of the previous calendar week; empty if it had no "
            "transaction in that week.",
        ),
        Column(
            "department_change_pct",
            PERCENT,
            comment="(department_amount - previous) / previous * 100, signed; empty where the "
            "previous amount is empty or <= 0.",
        ),
    ]


weekly_transactions = Table(
    "weekly_transactions",
    metadata,
    *_weekly_columns(),
    *stamps(),
    PrimaryKeyConstraint("week_start", "department", "division"),
    Index("weekly_transactions_by_department", "department", "division", "week_start"),
    comment="One row per calendar week, department and division with at least one transaction.",
)

weekly_transactions_history = Table(
    "weekly_transactions_history",
    metadata,
    *_weekly_columns(),
    *stamps(),
    instant("valid_from", "Since when the table said so."),
    instant("valid_to", "When a recomputation changed or removed the row."),
    PrimaryKeyConstraint("week_start", "department", "division", "valid_to"),
    Index("weekly_transactions_history_by_validity", "valid_from", "valid_to"),
    comment="Rows of weekly_transactions that a recomputation changed or removed.",
)

source_weeks = Table(
    "source_weeks",
    metadata,
    Column("week_start", Date, primary_key=True, comment="The Monday of the calendar week."),
    Column("document_count", Integer, nullable=False, comment="Documents of the week in MongoDB."),
    Column("total_amount", MONEY, nullable=False, comment="Sum of their amounts."),
    Column("fingerprint", Text, nullable=False, comment="Changes when any of them changes."),
    instant("changed_at", "When an ingestion or a run first saw this fingerprint."),
    comment="What MongoDB held per week when an ingestion or a run last looked.",
)

computed_weeks = Table(
    "computed_weeks",
    metadata,
    Column("week_start", Date, primary_key=True, comment="The Monday of the calendar week."),
    Column("fingerprint", Text, nullable=False, comment="Fingerprint of the week's documents."),
    Column(
        "previous_fingerprint",
        Text,
        nullable=False,
        comment="Fingerprint of the previous week's documents.",
    ),
    Column("code_version", Text, nullable=False, comment="Version of the transforms."),
    Column("row_count", Integer, nullable=False, comment="Rows of the week in the table."),
    Column("total_amount", MONEY, nullable=False, comment="Sum of their amounts."),
    instant("computed_at", "When it was computed."),
    Column("run_id", Text, nullable=False, comment="The run that computed it."),
    comment="From which documents each week of weekly_transactions was last computed.",
)

WEEKLY_KEY = ("week_start", "department", "division")
WEEKLY_VALUES = tuple(column.name for column in _weekly_columns() if column.name not in WEEKLY_KEY)
"""The columns of `weekly_transactions` that are computed, without key and stamps."""
