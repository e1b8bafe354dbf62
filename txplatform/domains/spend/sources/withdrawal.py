"""Taking back what a file or a collection brought, or what a collection does not have any more.

What was brought leaves, what it corrected stands again, and all of it goes to the history with who
took it back and why. A later correction of the same purchase stays. Withdrawing is completed by
withdrawing again, whatever interrupted it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple

from pymongo import DeleteOne, ReplaceOne
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import ingestions
from txplatform.domains.spend.sources.ingestions import LACKS_ROWS, WITHDRAWN
from txplatform.errors import UsageError
from txplatform.ingestion.ledger import FINISHED, is_under_way

Document = dict[str, Any]
BATCH = 1_000
OF_HISTORY = ("transaction_id", "replaced_at", "replaced_by_file", "replaced_by_line")
OF_COLLECTION = "collection"
GONE = "gone from "
"""Before a collection's name: the purchases that it does not have any more."""


class Withdrawal(NamedTuple):
    """What was taken back; `weeks` are the Mondays whose purchases changed."""

    file: str
    removed: int
    restored: int
    weeks: frozenset[date]
    to_read_again: tuple[str, ...] = ()
    """Files that repeated rows of others: some may have left with this one."""

    @property
    def sentence(self) -> str:
        """The withdrawal in one sentence, and what to ingest again in another."""
        done = (
            f"{self.file}: {self.removed:,} purchases taken back, {self.restored:,} stand again as "
            "they were; it can be ingested anew."
        )
        if not self.to_read_again:
            return done
        files = ", ".join(self.to_read_again)
        return f"{done} Rows that it shared with others left too, so ingest these again: {files}."


class _Taken(NamedTuple):
    """What is taken back: the record that says so, all runs of it, the documents they wrote."""

    record: Document
    runs: list[Document]
    own: Document
    stamp: Document

    @property
    def is_gone(self) -> bool:
        """Whether it is what a collection does not have any more, and not what a run brought."""
        return "_id" in self.own


def withdraw(database: Database[Any], ingestion: str, who: str, why: str) -> Withdrawal:
    """Take an ingestion back, with the replays of its refused rows, or all runs of a collection.

    Args:
        database: the platform's own.
        ingestion: its id, or enough of the beginning of it; of a collection its name; of what is
            not in it any more `GONE` and its name.
        who: kept in the history.
        why: kept in the history.

    Raises:
        UsageError: there is no such ingestion, or it is under way.
    """
    database = ingestions.own(database)
    stamp = {"withdrawn_at": ingestions.now(), "withdrawn_by": who, "withdrawn_because": why}
    if done := _done_already(database, ingestion):
        return done
    taken = _begun(database, ingestion, stamp)
    weeks = _note_weeks(database, taken)
    if not taken.is_gone:
        database[tables.TRANSACTIONS_HISTORY].update_many(taken.own, {"$set": stamp})
    removed = restored = 0
    for batch in _batches(database, taken.own):
        versions = dict.fromkeys((one["_id"] for one in batch), None)
        found = versions if taken.is_gone else _earlier(database, batch)
        _replace(database, batch, found, stamp)
        restored += sum(version is not None for version in found.values())
        removed += len(batch)
    again = () if taken.is_gone else _twins(database, taken)
    _finish(database, taken)
    return Withdrawal(taken.record["file"], removed - restored, restored, weeks, again)


def _done_already(database: Database[Any], ingestion: str) -> Withdrawal | None:
    """That of an ingestion which was withdrawn and has not come again since: a second try."""
    known = {"$gte": ingestion, "$lt": f"{ingestion}\uffff"}
    records = database[tables.INGESTIONS]
    found = records.find_one({"withdrawn_from": known}, sort=[("withdrawn_at", -1)])
    of_collection = {"kind": OF_COLLECTION, "file": ingestion.removeprefix(GONE)}
    others = {"$or": [{"_id": known}, of_collection], "status": {"$ne": WITHDRAWN}}
    if not ingestion or found is None or records.find_one(others, {"_id": 1}):
        return None
    weeks = frozenset(week.date() for week in found["weeks"])
    return Withdrawal(found["file"], 0, 0, weeks)


def known_ingestions(database: Database[Any]) -> list[Document]:
    """What can be withdrawn, the latest first: files, collections, what these do not have any more.

    A collection stands under its name, with the counts of its newest run.
    """
    names = ("file", "layout", "started_at", "status", "loaded", "corrected")
    fields = {**dict.fromkeys((*names, "kind", "run_of"), 1), "gone": {"$size": GONE_IDS}}
    wanted = {"status": {"$nin": [WITHDRAWN, ingestions.SUPERSEDED]}}
    records = database[tables.INGESTIONS].aggregate([{"$match": wanted}, {"$project": fields}])
    found: dict[str, Document] = {}
    for one in sorted(records, key=lambda one: one["started_at"], reverse=True):
        shown = {"_id": one["_id"], **{name: one.get(name) for name in names}}
        if one.get("kind") == OF_COLLECTION and one["file"] not in found:
            if one["gone"]:
                gone = {"_id": f"{GONE}{one['file']}", "loaded": one["gone"], "corrected": 0}
                found[gone["_id"]] = {**shown, **gone, "file": gone["_id"]}
            found[one["file"]] = {**shown, "_id": one["file"]}
        elif "run_of" not in one:
            found[one["_id"]] = shown
    return list(found.values())


GONE_IDS = {"$ifNull": ["$gone", []]}


def _begun(database: Database[Any], ingestion: str, stamp: Document) -> _Taken:
    records = database[tables.INGESTIONS]
    name = ingestion.removeprefix(GONE)
    of_collection = {"kind": OF_COLLECTION, "file": name, "status": {"$ne": WITHDRAWN}}
    runs = list(records.find(of_collection, {"gone": 0}).sort("started_at", -1))
    if runs and name != ingestion:
        ids = records.find_one({"_id": runs[0]["_id"]}, {"gone": 1}) or {}
        own = {"source_file": name, "_id": {"$in": ids.get("gone", [])}}
        return _Taken(_at_rest(runs[0]), [], own, stamp)
    if not runs:
        runs = [_of_file(database, ingestion)]
        runs += records.find({"run_of": runs[0]["_id"]})
    started = {"$in": [run["started_at"] for run in runs]}
    own = {"source_file": runs[0]["file"], "ingested_at": started}
    return _Taken(_at_rest(runs[0]), runs, own, stamp)


def _of_file(database: Database[Any], ingestion: str) -> Document:
    known = {"_id": {"$gte": ingestion, "$lt": f"{ingestion}\uffff"}}
    wanted = {**known, "run_of": {"$exists": False}, "status": {"$ne": WITHDRAWN}}
    found = list(database[tables.INGESTIONS].find(wanted).limit(2))
    if len(found) != 1 or not ingestion:
        which = "Several ingestions begin" if found else "No ingestion of a file begins"
        raise UsageError(f"{which} with {ingestion!r}: `txplatform spend withdraw` lists them.")
    return dict(found[0])


def _at_rest(record: Document) -> Document:
    """The record of an ingestion that nobody works on: one that was killed can be withdrawn."""
    if is_under_way(record):
        raise UsageError(f"{record['file']} is being ingested: withdraw it when that is over.")
    return record


def _note_weeks(database: Database[Any], taken: _Taken) -> frozenset[date]:
    """Keep, before anything changes, which weeks do; and let computations see that they do."""
    collections = (tables.TRANSACTIONS, tables.TRANSACTIONS_HISTORY)
    days = (database[one].distinct("transaction_date", taken.own) for one in collections)
    found = ingestions.weeks_of(chain.from_iterable(days))
    if not taken.is_gone:  # an earlier attempt has noted them already
        found |= {week.date() for run in taken.runs for week in run.get("weeks", ())}
        found |= ingestions.weeks_written(database, (r for r in taken.runs if "weeks" not in r))
    weeks = [datetime(week.year, week.month, week.day) for week in sorted(found)]
    change = {"$set": {"status": ingestions.WITHDRAWING}, "$inc": {"attempts": 1}}
    merged = {"$addToSet": {"weeks": {"$each": weeks}}}
    database[tables.INGESTIONS].update_one({"_id": taken.record["_id"]}, {**change, **merged})
    return frozenset(found)


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
    versions: Mapping[str, Document | None],
    stamp: Document,
) -> None:
    """The history first: whoever dies in between begins with the same purchases again."""
    kept = [
        {**one, "_id": f"withdrawn:{_moment(one)}:{one['_id']}", **stamp}
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


def _moment(document: Document) -> str:
    """When a purchase was ingested; of one that somebody wrote, what stands there."""
    at = document.get("ingested_at")
    return f"{at:%Y%m%dT%H%M%S%f}" if isinstance(at, datetime) else str(at)


def _twins(database: Database[Any], taken: _Taken) -> tuple[str, ...]:
    """The files that found rows in place already, maybe these; they are known as read no more.

    Read again, each finds its own rows as they are and brings those that have left.
    """
    finished = {"status": FINISHED, "unchanged": {"$gt": 0}, "kind": {"$ne": OF_COLLECTION}}
    later = {"finished_at": {"$gt": min(run["started_at"] for run in taken.runs)}}
    others = {"_id": {"$nin": [run["_id"] for run in taken.runs]}, "run_of": {"$exists": False}}
    wanted = {**finished, **later, **others}
    files = sorted(database[tables.INGESTIONS].distinct("file", wanted))
    database[tables.INGESTIONS].update_many(wanted, {"$set": {LACKS_ROWS: True}})
    return tuple(files)


def _finish(database: Database[Any], taken: _Taken) -> None:
    """The record under another id, so that the same file is not known as ingested any more."""
    records, name = database[tables.INGESTIONS], taken.record["_id"]
    if taken.is_gone:
        change = {"$set": {"status": FINISHED}, "$unset": {"gone": "", "is_noted": ""}}
        records.update_one({"_id": name}, change)
        return
    ids = [run["_id"] for run in taken.runs]
    database[tables.TRANSACTIONS_REJECTED].delete_many({"ingestion": {"$in": ids}})
    found: Document = records.find_one({"_id": name}, {"gone": 0, "is_noted": 0}) or taken.record
    kept = {**found, **taken.stamp, "status": WITHDRAWN, "withdrawn_from": name}
    kept["attempts"] = sum(run["attempts"] for run in (found, *taken.runs[1:]))
    kept["_id"] = f"withdrawn:{taken.stamp['withdrawn_at']:%Y%m%dT%H%M%S%f}:{name}"
    records.replace_one({"_id": kept["_id"]}, kept, upsert=True)
    records.delete_many({"_id": {"$in": ids}})
