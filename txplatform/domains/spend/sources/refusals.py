"""Keeping refused rows: one by one with file, line, raw text, rule and reason, never dropped.

Reading them and running them again lives in `quarantine.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from bson.decimal128 import Decimal128
from pymongo import ReplaceOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from txplatform.connectors.files import Row
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.cards import Kept
from txplatform.domains.spend.sources.ingestions import Ingestion
from txplatform.domains.spend.sources.parsing import money
from txplatform.domains.spend.sources.records import Refused

DUPLICATE_KEY = 11000


class RefusedRows:
    """Takes the refused rows of one ingestion; a repeated try leaves each of them once."""

    def __init__(
        self,
        database: Database[Any],
        ingestion: Ingestion,
        layout: str,
        keep: Callable[[Row], Kept],
    ) -> None:
        """Refused rows go to `transactions_rejected` of `database`, as `keep` says."""
        self._rejected = database[tables.TRANSACTIONS_REJECTED]
        self._ingestion = ingestion
        self._layout = layout
        self._keep = keep

    @property
    def kept(self) -> dict[str, Any]:
        """Which refused rows are those of the ingestion."""
        return {"ingestion": self._ingestion.id}

    def take(self, batch: Sequence[Row], refused: Sequence[tuple[Row, Refused]]) -> None:
        """Keep the refused rows of a batch.

        A row that was refused before an interruption and can be read now leaves.
        """
        if self._ingestion.is_resumed:
            lines = [row.line for row, _ in refused]
            between = {"$gte": batch[0].line, "$lte": batch[-1].line, "$nin": lines}
            self._rejected.delete_many({"ingestion": self._ingestion.id, "source_line": between})
        if refused:
            self._write([self._document(row, why) for row, why in refused])

    def _write(self, documents: Sequence[dict[str, Any]]) -> None:
        if self._ingestion.is_resumed:
            self._rejected.bulk_write(
                [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents], ordered=False
            )
            return
        try:
            self._rejected.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE_KEY for failure in error.details["writeErrors"]):
                raise

    def _document(self, row: Row, why: Refused) -> dict[str, Any]:
        kept = self._keep(row)
        return {
            "_id": f"{self._ingestion.id}:{row.line}",
            "ingestion": self._ingestion.id,
            "layout": self._layout,
            "source_file": self._ingestion.source_file,
            "source_line": row.line,
            "raw": kept.raw,
            **({"is_redacted": True} if kept.is_redacted else {}),
            "refused_at": self._ingestion.started_at,
            **why_fields(why),
        }


def why_fields(why: Refused) -> dict[str, Any]:
    """Why a row is refused, as its document says it; `amount` is empty where unreadable."""
    amount = None if why.cents is None else Decimal128(money(why.cents))
    return {"rule": why.rule, "reason": why.reason, "amount": amount}
