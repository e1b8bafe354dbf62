"""The tables and collections of the spend domain, declared once: columns, types, units, keys.

Alembic creates the PostgreSQL tables from here; column comments, Dagster's column schema, the
export and the docs are derived from here.
"""

from txplatform.domains.spend.tables.alerts import (
    COUNT_KEY,
    STANDING,
    alert_counts,
    alert_weeks,
    alerts,
    benford_digits,
    benford_tests,
    merchant_weeks,
    merchants,
)
from txplatform.domains.spend.tables.base import metadata
from txplatform.domains.spend.tables.cases import cases
from txplatform.domains.spend.tables.decisions import decisions, sign_offs
from txplatform.domains.spend.tables.documents import (
    AS_TEXT,
    CANONICAL_FIELDS,
    DOCUMENT_FIELDS,
    FINGERPRINT_FIELD,
    INDEXES,
    INGESTIONS,
    NO_AMOUNT,
    PLATFORM,
    REFUNDS,
    TRANSACTIONS,
    TRANSACTIONS_HISTORY,
    TRANSACTIONS_REJECTED,
)
from txplatform.domains.spend.tables.rights import COLLECTIONS, TABLES
from txplatform.domains.spend.tables.weekly import (
    WEEKLY_KEY,
    WEEKLY_VALUES,
    computed_weeks,
    source_weeks,
    weekly_transactions,
    weekly_transactions_history,
)

__all__ = [
    "AS_TEXT",
    "CANONICAL_FIELDS",
    "COLLECTIONS",
    "COUNT_KEY",
    "DOCUMENT_FIELDS",
    "FINGERPRINT_FIELD",
    "INDEXES",
    "INGESTIONS",
    "NO_AMOUNT",
    "PLATFORM",
    "REFUNDS",
    "STANDING",
    "TABLES",
    "TRANSACTIONS",
    "TRANSACTIONS_HISTORY",
    "TRANSACTIONS_REJECTED",
    "WEEKLY_KEY",
    "WEEKLY_VALUES",
    "alert_counts",
    "alert_weeks",
    "alerts",
    "benford_digits",
    "benford_tests",
    "cases",
    "computed_weeks",
    "decisions",
    "merchant_weeks",
    "merchants",
    "metadata",
    "sign_offs",
    "source_weeks",
    "weekly_transactions",
    "weekly_transactions_history",
]
