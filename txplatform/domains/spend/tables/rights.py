"""What each part of the platform may do with the spend domain's tables and collections.

Parts are ingest, compute, read and decide; a privilege that is not here is not granted. What is
append-only (decisions, sign-offs, what the table said before) nobody updates or deletes. What
triggers keep (where alerts stand, `alert_counts`) they write with the owner's rights.
"""

from txplatform.domains.spend.tables.alerts import (
    alert_counts,
    alert_weeks,
    alerts,
    benford_digits,
    benford_tests,
    merchant_weeks,
    merchants,
)
from txplatform.domains.spend.tables.base import metadata
from txplatform.domains.spend.tables.decisions import decisions, sign_offs
from txplatform.domains.spend.tables.documents import (
    INGESTIONS,
    PLATFORM,
    TRANSACTIONS,
    TRANSACTIONS_HISTORY,
    TRANSACTIONS_REJECTED,
)
from txplatform.domains.spend.tables.weekly import (
    computed_weeks,
    source_weeks,
    weekly_transactions,
    weekly_transactions_history,
)

Rights = dict[str, dict[str, tuple[str, ...]]]
"""By part, by table or collection, the privileges."""

READ: dict[str, tuple[str, ...]] = dict.fromkeys(metadata.tables, ("SELECT",))
KEPT_BY_WEEK = ("SELECT", "INSERT", "UPDATE")
REPLACED = ("SELECT", "INSERT", "DELETE")
APPENDED = ("SELECT", "INSERT")

TABLES: Rights = {
    "ingest": {source_weeks.name: KEPT_BY_WEEK},
    "compute": {
        **READ,
        **dict.fromkeys(
            (source_weeks.name, computed_weeks.name, alert_weeks.name, alerts.name), KEPT_BY_WEEK
        ),
        **dict.fromkeys(
            (
                weekly_transactions.name,
                benford_tests.name,
                benford_digits.name,
                merchant_weeks.name,
            ),
            REPLACED,
        ),
        weekly_transactions_history.name: APPENDED,
        merchants.name: (*KEPT_BY_WEEK, "DELETE"),
    },
    "read": READ,
    "decide": {**READ, decisions.name: APPENDED, sign_offs.name: APPENDED},
    "bi": dict.fromkeys(
        (weekly_transactions.name, alert_counts.name, benford_tests.name, benford_digits.name),
        ("SELECT",),
    ),  # sums: no purchase, no merchant, nobody's name
}
"""Privileges of PostgreSQL."""

FOUND: dict[str, tuple[str, ...]] = dict.fromkeys(
    (TRANSACTIONS, TRANSACTIONS_HISTORY, TRANSACTIONS_REJECTED, INGESTIONS, PLATFORM), ("find",)
)
KEPT: tuple[str, ...] = ("find", "insert", "update")

COLLECTIONS: Rights = {
    "ingest": {
        TRANSACTIONS: (*KEPT, "remove"),  # a withdrawal; what leaves is in the history
        INGESTIONS: (*KEPT, "remove"),  # it keeps the record under another id
        PLATFORM: KEPT,
        TRANSACTIONS_HISTORY: (*KEPT, "remove"),  # an interrupted correction is begun anew
        TRANSACTIONS_REJECTED: (*KEPT, "remove"),  # rows that are refused no more
    },
    "compute": FOUND,
    "read": FOUND,
}
"""Actions of MongoDB."""
