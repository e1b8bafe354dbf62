"""`weekly_transactions` with its history, and what each week was computed from."""

from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table

from txplatform.columns import amount, day, instant, stamps, text
from txplatform.domains.spend.tables.base import PERCENT, SHARE, metadata


def _weekly_columns() -> list[Column[Any]]:
    return [
        day("week_start", "The Monday of the calendar week."),
        text("department", "Department that bought."),
        text("division", "Division of that department."),
        amount("total_amount", "Sum of amounts, net of refunds."),
        amount("refund_amount", "Sum of the negative amounts (<= 0)."),
        Column("transaction_count", Integer, nullable=False, comment="Number of all rows."),
        amount("department_amount", "Net total of the department in the week."),
        amount("week_amount", "Net total of the week."),
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
        amount(
            "department_previous_amount",
            "The department's net total of the previous calendar week; empty if it had no "
            "transaction in that week.",
            is_optional=True,
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
    day("week_start", "The Monday of the calendar week.", primary_key=True),
    Column("document_count", Integer, nullable=False, comment="Documents of the week in MongoDB."),
    amount("total_amount", "Sum of their amounts."),
    text("fingerprint", "Changes when any of them changes."),
    instant("changed_at", "When an ingestion or a run first saw this fingerprint."),
    comment="What MongoDB held per week when an ingestion or a run last looked.",
)

computed_weeks = Table(
    "computed_weeks",
    metadata,
    day("week_start", "The Monday of the calendar week.", primary_key=True),
    text("fingerprint", "Fingerprint of the week's documents."),
    text("previous_fingerprint", "Fingerprint of the previous week's documents."),
    text("code_version", "Version of the transforms."),
    Column("row_count", Integer, nullable=False, comment="Rows of the week in the table."),
    amount("total_amount", "Sum of their amounts."),
    instant("computed_at", "When it was computed."),
    text("run_id", "The run that computed it."),
    comment="From which documents each week of weekly_transactions was last computed.",
)

WEEKLY_KEY = ("week_start", "department", "division")
WEEKLY_VALUES = tuple(column.name for column in _weekly_columns() if column.name not in WEEKLY_KEY)
"""The columns of `weekly_transactions` that are computed, without key and stamps."""
