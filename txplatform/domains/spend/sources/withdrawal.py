"""Taking an ingestion back: what it brought leaves, what it corrected stands again.

Everything that leaves goes to the history with who took it back and why. A later correction of the
same purchase stays. Withdrawing is completed by withdrawing again, whatever interrupted it.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from pymongo import DeleteOne, ReplaceOne
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import ingestions
from txplatform.errors import UsageError
from txplatform.ingestion.ledger import RUNNING
from txplatform.periods import monday_of

Document = dict[str, Any]
BATCH = 1_000
OF_HISTORY = ("transaction_id", "replaced_at", "replaced_by_file", "replaced_by_line")


class Withdrawal(NamedTuple):
    """What was taken back; `weeks` are the Mondays whose purchases changed."""

    file: str
    removed: int
    restored: int
    weeks: frozenset[date]

    @property
    def sentence(self) -> str:
        """The withdrawal in one sentence."""
        return (
            f"{self.file}: {self.removed:,} purchases taken back, {self.restored:,} stand again as "
            "they were; it can be ingested anew."
        )


def withdraw(database: Database[Any], ingestion: str, who: str, why: str) -> Withdrawal:
    """Take an ingestion back, with the replays of its refused rows.

    Args:
        database: the platform's own.
        ingestion: its id, or enough of the beginning of it.
        who: kept in the history.
        why: kept in the history.

    Raises:
        UsageError: there is no such ingestion, or it is under way.
    """
    database = ingestions.own(database)
    record = _begun(database, ingestion)
    stamp = {"withdrawn_at": ingestions.now(), "withdrawn_by": who, "withdrawn_because": why}
    runs = [record, *database[tables.INGESTIONS].find({"run_of": record["_id"]})]
    own = {
        "source_file": record["file"],
        "ingested_at": {"$in": [run["started_at"] for run in runs]},
    }
    _note_weeks(database, record, own)
    database[tables.TRANSACTIONS_HISTORY].update_many(own, {"$set": stamp})
    removed = restored = 0
    for batch in _batches(database, own):
        versions = _earlier(database, batch)
        _replace(database, batch, versions, stamp)
        restored += sum(version is not None for version in versions.values())
        removed += len(batch)
    database[tables.TRANSACTIONS_REJECTED].delete_many({"ingestion": record["_id"]})
    weeks = _finish(database, record, runs, stamp)
    return Withdrawal(record["file"], removed - restored, restored, weeks)


def known_ingestions(database: Database[Any]) -> list[Document]:
    """The ingestions of files that can be withdrawn, the latest first."""
    wanted = {"run_of": {"$exists": False}, "status": {"$ne": ingestions.WITHDRAWN}}
    fields = ("file", "layout", "started_at", "status", "loaded", "corrected")
    return list(database[tables.INGESTIONS].find(wanted, fields).sort("started_at", -1))


def _begun(database: Database[Any], ingestion: str) -> Document:
    records = database[tables.INGESTIONS]
    known = {"_id": {"$gte": ingestion, "$lt": f"{ingestion}\uffff"}}
    wanted = {**known, "run_of": {"$exists": False}, "status": {"$ne": ingestions.WITHDRAWN}}
    found = list(records.find(wanted).limit(2))
    if len(found) != 1 or not ingestion:
        which = "Several ingestions begin" if found else "No ingestion of a file begins"
        raise UsageError(f"{which} with {ingestion!r}: `txplatform spend withdraw` lists them.")
    if found[0]["status"] == RUNNING:
        raise UsageError(f"{found[0]['file']} is being ingested: withdraw it when that is over.")
    return dict(found[0])


def _note_weeks(database: Database[Any], record: Document, own: Document) -> None:
    """Keep, before anything changes, which weeks do; and let computations see that they do."""
    days = {
        day
        for collection in (tables.TRANSACTIONS, tables.TRANSACTIONS_HISTORY)
        for day in database[collection].distinct("transaction_date", own)
    }
    mondays = {monday_of(day.date()) for day in days}
    weeks = [datetime(week.year, week.month, week.day) for week in sorted(mondays)]
    change = {"$set": {"status": ingestions.WITHDRAWING}, "$inc": {"attempts": 1}}
    merged = {"$addToSet": {"weeks": {"$each": weeks}}}
    database[tables.INGESTIONS].update_one({"_id": record["_id"]}, {**change, **merged})


def _batches(database: Database[Any], own: Document) -> Iterator[list[Document]]:
    while batch := list(database[tables.TRANSACTIONS].find(own).limit(BATCH)):
        yield batch


def _earlier(database: Database[Any], batch: list[Document]) -> dict[str, Document | None]:
    """By id the version that stands again: the last one whose ingestion nobody withdrew."""
    versions: dict[str, Document | None] = {one["_id"]: None for one in batch}
    known = {"transaction_id": {"$in": list(versions)}, "withdrawn_at": {"$exists": False}}
    for version in database[tables.TRANSACTIONS_HISTORY].find(known).sort("replaced_at", 1):
        kept = {name: value for name, value in version.items() if name not in OF_HISTORY}
        versions[version["transaction_id"]] = {**kept, "_id": version["transaction_id"]}
    return versions


def _replace(
    database: Database[Any],
    batch: list[Document],
    versions: dict[str, Document | None],
    stamp: Document,
) -> None:
    """The history first: whoever dies in between begins with the same purchases again."""
    kept = [
        {**one, "_id": f"withdrawn:{one['ingested_at']:%Y%m%dT%H%M%S%f}:{one['_id']}", **stamp}
        | {"transaction_id": one["_id"], "replaced_at": stamp["withdrawn_at"]}
        for one in batch
    ]
    replaced = [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in kept]
    database[tables.TRANSACTIONS_HISTORY].bulk_write(replaced, ordered=False)
    changes = [
        DeleteOne({"_id": key}) if version is None else ReplaceOne({"_id": key}, version)
        for key, version in versions.items()
    ]
    database[tables.TRANSACTIONS].bulk_write(changes, ordered=False)


def _finish(
    database: Database[Any], record: Document, runs: list[Document], stamp: Document
) -> frozenset[date]:
    """The record under another id, so that the same file is not known as ingested any more."""
    records = database[tables.INGESTIONS]
    found: Document = records.find_one({"_id": record["_id"]}) or record
    kept = {**found, **stamp, "status": ingestions.WITHDRAWN}
    kept["_id"] = f"withdrawn:{stamp['withdrawn_at']:%Y%m%dT%H%M%S%f}:{record['_id']}"
    kept.pop("is_noted", None)
    records.replace_one({"_id": kept["_id"]}, kept, upsert=True)
    records.delete_many({"_id": {"$in": [run["_id"] for run in runs]}})
    return frozenset(week.date() for week in kept["weeks"])
