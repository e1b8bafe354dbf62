"""The MongoDB collections: names, fields with BSON type and meaning, indexes."""

from typing import Any, NamedTuple

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

REFUNDS: dict[str, Any] = {"amount": {"$lt": 0}}
"""Filter of the purchases that are refunds."""

AS_TEXT: dict[str, Any] = {
    "amount": {"$type": ["string", "object", "array", "bool", "date", "objectId"]}
}
NO_AMOUNT: dict[str, Any] = {"amount": None}
"""Filters of documents that MongoDB leaves out of a sum of amounts without a word."""


class Index(NamedTuple):
    """The fields of an index, ascending, and the documents that it holds where not all."""

    fields: tuple[str, ...]
    only: dict[str, Any] | None = None


_CELL = ("transaction_date", "department", "division", "amount")
INDEXES = {
    TRANSACTIONS: [
        Index((*_CELL, FINGERPRINT_FIELD)),
        Index(_CELL, only=REFUNDS),
        Index(("transaction_date", "amount"), only=AS_TEXT),
        Index(("amount", "transaction_date"), only=NO_AMOUNT),
        Index(("source_file", "source_line")),
    ],
    TRANSACTIONS_HISTORY: [Index(("transaction_id",)), Index(("transaction_date",))],
    TRANSACTIONS_REJECTED: [Index(("ingestion", "source_line")), Index(("rule",))],
    INGESTIONS: [Index(("started_at",))],
}
"""The first two of `transactions` cover the weekly sums and their refunds: MongoDB answers them
from these alone. The next two hold what no ingestion writes, so nothing."""
