"""The tables and collections of the spend domain, declared once: columns, types, units, keys.

Alembic creates the PostgreSQL tables from here; column comments, Dagster's column schema, the
export and the docs are derived from here. The sentences are those of the contract.
"""

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
)

# --- MongoDB ---------------------------------------------------------------------------------

TRANSACTIONS = "transactions"
TRANSACTIONS_HISTORY = "transactions_history"
TRANSACTIONS_REJECTED = "transactions_rejected"
INGESTIONS = "ingestions"
PLATFORM = "platform"  # the platform's one currency, written by the first ingestion

CANONICAL_FIELDS = (
    "department",
    "division",
    "merchant",
    "category",
    "transaction_date",
    "amount",
    "fiscal_year",
    "fiscal_period",
    "card",
)
"""The fields that make a purchase what it is: identity and correction compare exactly these."""

DOCUMENT_FIELDS = {
    "_id": ("string", "The source's id, else a hash of the canonical fields and occurrence."),
    "department": ("string", "Department that bought."),
    "division": ("string", "Division of that department."),
    "merchant": ("string", "Merchant as the source names it."),
    "category": ("string", "Merchant category as the source names it."),
    "transaction_date": ("date", "Day of the purchase, at midnight UTC."),
    "amount": ("decimal128", "Amount in the platform's currency, two decimals; refunds < 0."),
    "fiscal_year": ("int", "Fiscal year of the source, where it has one."),
    "fiscal_period": ("int", "Fiscal period of the source, where it has one."),
    "card": ("string", "Card or employee, as a keyed hash; where a layout maps one."),
    "source_file": ("string", "File or collection that the purchase came from."),
    "source_line": ("long", "Line of that file."),
    "ingested_at": ("date", "When the ingestion that brought it began."),
    "fingerprint": ("long", "40-bit hash of identity and canonical fields."),
}
"""The fields of a document in `transactions`: BSON type and meaning."""

FINGERPRINT_FIELD = "fingerprint"
"""40-bit hash of identity and canonical fields (BSON long). MongoDB sums it per week: the sum
changes with every row that arrives, leaves or is corrected, in whatever order rows came."""

INDEXES: dict[str, list[list[tuple[str, int]]]] = {
    TRANSACTIONS: [
        [
            ("transaction_date", 1),
            ("department", 1),
            ("division", 1),
            ("amount", 1),
            (FINGERPRINT_FIELD, 1),
        ],
        [("source_file", 1), ("source_line", 1)],
    ],
    TRANSACTIONS_HISTORY: [[("transaction_id", 1)], [("transaction_date", 1)]],
    TRANSACTIONS_REJECTED: [[("ingestion", 1), ("source_line", 1)], [("rule", 1)]],
    INGESTIONS: [[("started_at", 1)]],
}
"""The first index of `transactions` covers the weekly sums: MongoDB answers them from it alone."""

# --- PostgreSQL ------------------------------------------------------------------------------

metadata = MetaData()
MONEY = Numeric(18, 2)
SHARE = Numeric(28, 6)
PERCENT = Numeric(28, 4)


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


def _stamp_columns() -> list[Column[Any]]:
    return [
        Column(
            "computed_at",
            DateTime(timezone=True),
            nullable=False,
            comment="When the row was written.",
        ),
        Column("run_id", Text, nullable=False, comment="The run that wrote the row."),
    ]


weekly_transactions = Table(
    "weekly_transactions",
    metadata,
    *_weekly_columns(),
    *_stamp_columns(),
    PrimaryKeyConstraint("week_start", "department", "division"),
    Index("weekly_transactions_by_department", "department", "division", "week_start"),
    comment="One row per calendar week, department and division with at least one transaction.",
)

weekly_transactions_history = Table(
    "weekly_transactions_history",
    metadata,
    *_weekly_columns(),
    *_stamp_columns(),
    Column(
        "valid_from",
        DateTime(timezone=True),
        nullable=False,
        comment="Since when the table said so.",
    ),
    Column(
        "valid_to",
        DateTime(timezone=True),
        nullable=False,
        comment="When a recomputation changed or removed the row.",
    ),
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
    Column(
        "changed_at",
        DateTime(timezone=True),
        nullable=False,
        comment="When an ingestion or a run first saw this fingerprint.",
    ),
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
    Column("computed_at", DateTime(timezone=True), nullable=False, comment="When it was computed."),
    Column("run_id", Text, nullable=False, comment="The run that computed it."),
    comment="From which documents each week of weekly_transactions was last computed.",
)

WEEKLY_KEY = ("week_start", "department", "division")
WEEKLY_VALUES = tuple(column.name for column in _weekly_columns() if column.name not in WEEKLY_KEY)
"""The columns of `weekly_transactions` that are computed, without key and stamps."""
