"""A purchase as the document of the collection `transactions`."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import identity
from txplatform.domains.spend.sources.ingestions import Ingestion
from txplatform.domains.spend.sources.parsing import decimal128
from txplatform.domains.spend.sources.records import Purchase
from txplatform.domains.spend.sources.remembering import REMEMBERED

Document = dict[str, Any]


class Entry(NamedTuple):
    """A purchase on its way into the collection; its document is made only if it is written."""

    id: str
    text: str
    """Its canonical fields as one text."""
    purchase: Purchase
    line: int | None
    """None where the source has no lines."""

    def key(self, ingestion: Ingestion) -> str:
        """Names its row within the platform: ingestion and line, or id where there are no lines."""
        return f"{ingestion.id}:{self.id if self.line is None else self.line}"

    def document(self, ingestion: Ingestion) -> Document:
        """The document of the collection."""
        department, division, merchant, category, day, cents, year, period, card, _ = self.purchase
        return {
            "_id": self.id,
            "department": department,
            "division": division,
            "merchant": merchant,
            "category": category,
            "transaction_date": midnight(day),
            "amount": decimal128(cents),
            "fiscal_year": year,
            "fiscal_period": period,
            "card": card,
            "source_file": ingestion.source_file,
            "source_line": self.line,
            "ingested_at": ingestion.started_at,
            tables.FINGERPRINT_FIELD: identity.fingerprint(self.id, self.text),
        }


@lru_cache(REMEMBERED)
def midnight(day: date) -> datetime:
    """The day as MongoDB keeps it: midnight UTC of the written day."""
    return datetime(day.year, day.month, day.day)


def is_same_purchase(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents agree in every canonical field."""
    return all(one.get(name) == other.get(name) for name in tables.CANONICAL_FIELDS)
