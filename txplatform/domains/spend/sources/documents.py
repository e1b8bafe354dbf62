"""A purchase as the document of the collection `transactions`."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import identity
from txplatform.domains.spend.sources.ingestions import Ingestion
from txplatform.domains.spend.sources.parsing import REMEMBERED, decimal128
from txplatform.domains.spend.sources.records import Purchase

Document = dict[str, Any]


class Entry(NamedTuple):
    """A purchase on its way into the collection; its document is made only if it is written."""

    id: str
    key: str
    """Names its row within the platform: ingestion and line, or id where there are no lines."""
    line: int | None
    purchase: Purchase
    text: str
    """Its canonical fields as one text."""

    def document(self, ingestion: Ingestion) -> Document:
        """The document of the collection."""
        purchase = self.purchase
        return {
            "_id": self.id,
            "department": purchase.department,
            "division": purchase.division,
            "merchant": purchase.merchant,
            "category": purchase.category,
            "transaction_date": midnight(purchase.transaction_date),
            "amount": decimal128(purchase.cents),
            "fiscal_year": purchase.fiscal_year,
            "fiscal_period": purchase.fiscal_period,
            "card": purchase.card,
            "source_file": ingestion.source_file,
            "source_line": self.line,
            "ingested_at": ingestion.started_at,
            tables.FINGERPRINT_FIELD: identity.fingerprint(self.id, self.text),
        }


def entry_of(
    purchase: Purchase, identified: identity.Identified, line: int | None, ingestion: Ingestion
) -> Entry:
    """The entry of a purchase; `line` is None where the source has no lines."""
    key = f"{ingestion.id}:{identified.id if line is None else line}"
    return Entry(identified.id, key, line, purchase, identified.text)


@lru_cache(REMEMBERED)
def midnight(day: date) -> datetime:
    """The day as MongoDB keeps it: midnight UTC of the written day."""
    return datetime(day.year, day.month, day.day)


def is_same_purchase(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents agree in every canonical field."""
    return all(one.get(name) == other.get(name) for name in tables.CANONICAL_FIELDS)
