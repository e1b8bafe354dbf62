"""The ledger of a domain's intakes: each is recorded when it begins, and how it ended.

One record per intake, in a collection of the domain's own; what else a record says is the domain's.
"""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psutil
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from txplatform.embedded import processes
from txplatform.errors import PlatformError

RUNNING, FINISHED, FAILED = "running", "finished", "failed"
PROCESS = "process"
"""Of a running intake: who works on it."""


def is_under_way(record: Mapping[str, Any]) -> bool:
    """Whether somebody works on an intake: it is running, and its process may still live.

    Of a process on another machine nobody here can tell.
    """
    by = record.get(PROCESS)
    if record["status"] != RUNNING or by is None or by["host"] != socket.gethostname():
        return bool(record["status"] == RUNNING)
    return processes.is_running(by["pid"], by["started"])


def _this_process() -> dict[str, Any]:
    process = psutil.Process()
    return {"host": socket.gethostname(), "pid": process.pid, "started": process.create_time()}


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
        now = {"status": RUNNING, PROCESS: _this_process()}
        change = {"$setOnInsert": fresh, "$set": now, "$inc": {"attempts": 1}}
        record: Any = self._records.find_one_and_update(
            {"_id": intake}, change, upsert=True, return_document=ReturnDocument.AFTER
        )
        return dict(record)

    def end(self, intake: str, outcome: Mapping[str, Any], outdated: Iterable[str] = ()) -> None:
        """Record how an intake ended; `outdated` are keys that no longer hold."""
        gone = dict.fromkeys([PROCESS, *outdated], "")
        self._records.update_one({"_id": intake}, {"$set": dict(outcome), "$unset": gone})

    @contextmanager
    def recording_failure(self, intake: str) -> Iterator[None]:
        """Record why an intake stopped; beginning it again takes it up."""
        try:
            yield
        except PlatformError as error:
            self.end(intake, {"status": FAILED, "error": str(error)})
            raise
