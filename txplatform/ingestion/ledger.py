"""The ledger of a domain's intakes: each is recorded when it begins, and how it ended.

One record per intake, in a collection of the domain's own; what else a record says is the domain's.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from txplatform.errors import PlatformError

RUNNING, FINISHED, FAILED = "running", "finished", "failed"


class Ledger:
    """The records of a collection."""

    def __init__(self, records: Collection[dict[str, Any]]) -> None:
        self._records = records

    def begin(self, intake: str, fresh: Mapping[str, Any]) -> dict[str, Any]:
        """Record an intake as running, or take an interrupted one up again; `attempts` counts.

        Args:
            intake: its id.
            fresh: what the record says if it is new.
        """
        try:
            return self._begun(intake, fresh)
        except DuplicateKeyError:  # two upserts at once: the second time the record is there
            return self._begun(intake, fresh)

    def _begun(self, intake: str, fresh: Mapping[str, Any]) -> dict[str, Any]:
        change = {"$setOnInsert": fresh, "$set": {"status": RUNNING}, "$inc": {"attempts": 1}}
        record: Any = self._records.find_one_and_update(
            {"_id": intake}, change, upsert=True, return_document=ReturnDocument.AFTER
        )
        return dict(record)

    def end(self, intake: str, outcome: Mapping[str, Any], outdated: Iterable[str] = ()) -> None:
        """Record how an intake ended; `outdated` are keys that no longer hold."""
        gone = dict.fromkeys(outdated, "")
        change = {"$set": dict(outcome), **({"$unset": gone} if gone else {})}
        self._records.update_one({"_id": intake}, change)

    @contextmanager
    def recording_failure(self, intake: str) -> Iterator[None]:
        """Record why an intake stopped; beginning it again takes it up."""
        try:
            yield
        except PlatformError as error:
            self.end(intake, {"status": FAILED, "error": str(error)})
            raise
