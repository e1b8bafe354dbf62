"""What MongoDB holds, as lines of text that a test can compare."""

from collections.abc import Iterable
from typing import Any

from bson.decimal128 import Decimal128
from pymongo.database import Database

from txplatform.domains.spend import tables

Document = dict[str, Any]


def transactions(database: Database[Document], *fields: str) -> list[str]:
    """The purchases, in the order of their files and lines."""
    found = database[tables.TRANSACTIONS].find(sort=[("source_file", 1), ("source_line", 1)])
    return lines(found, fields)


def history(database: Database[Document], *fields: str) -> list[str]:
    """The earlier versions, in the order in which they were replaced."""
    return lines(database[tables.TRANSACTIONS_HISTORY].find(sort=[("replaced_at", 1)]), fields)


def rejected(database: Database[Document], *fields: str) -> list[str]:
    """The refused rows, in the order of their files and lines."""
    order = [("source_file", 1), ("source_line", 1)]
    return lines(database[tables.TRANSACTIONS_REJECTED].find(sort=order), fields)


def lines(documents: Iterable[Document], fields: Iterable[str]) -> list[str]:
    """Fields of documents, with bars between them."""
    names = list(fields)
    return [" | ".join(_text(document[name]) for name in names) for document in documents]


def content(database: Database[Document]) -> dict[str, list[Document]]:
    """Everything that an ingestion leaves behind, but for the times of day."""
    kept = (tables.TRANSACTIONS, tables.TRANSACTIONS_HISTORY, tables.TRANSACTIONS_REJECTED)
    times = {"ingested_at", "replaced_at", "refused_at"}
    return {
        name: [
            {key: value for key, value in document.items() if key not in times}
            for document in database[name].find(sort=[("_id", 1)])
        ]
        for name in kept
    }


def _text(value: object) -> str:
    if isinstance(value, Decimal128):
        return str(value.to_decimal())
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)
