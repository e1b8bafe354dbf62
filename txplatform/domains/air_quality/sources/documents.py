"""Documents of `air_hours`: what an answer changes of what is stored, and writing it.

Newer wins, and the former document goes to the history first; a shorter answer deletes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bson.decimal128 import Decimal128
from pymongo import ReplaceOne, UpdateOne
from pymongo.database import Database

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.sources.records import Record
from txplatform.periods import HOUR

Document = dict[str, Any]


class Stamp(NamedTuple):
    """Which fetch brought a document, and when."""

    fetched_at: datetime
    fetch_id: str


class Change(NamedTuple):
    """One document to be written, and the one that it replaces."""

    document: Document
    former: Document | None


class Plan(NamedTuple):
    """What an answer does to the stored hours of a station; nothing is written yet."""

    changes: list[Change]
    unchanged: int
    vanished: int
    """Parameters that an hour had and the answer has not: they keep their value."""

    @property
    def new(self) -> int:
        """Hours that were not stored."""
        return sum(change.former is None for change in self.changes)

    @property
    def changed(self) -> int:
        """Stored hours that get other values."""
        return len(self.changes) - self.new


def identity(station_id: str, hour_start: datetime) -> str:
    """The `_id` of a station's hour, such as `283164601|2022-12-07T14:00Z`."""
    return f"{station_id}|{hour_start:%Y-%m-%dT%H:%M}Z"


def plan(
    database: Database[Any],
    station_id: str,
    records: list[Record],
    stamp: Stamp,
) -> Plan:
    """Compare records with what is stored of their hours."""
    stored = _stored(database, station_id, records)
    changes, vanished = [], 0
    for record in records:
        former = stored.get(identity(station_id, record.hour_start))
        document = _document(station_id, record, stamp, former)
        vanished += len(document["values"]) - len(record.values)
        if former is None or _said(document) != _said(former):
            changes.append(Change(document, former))
    return Plan(changes, len(records) - len(changes), vanished)


def _stored(
    database: Database[Any], station_id: str, records: list[Record]
) -> Mapping[str, Document]:
    if not records:
        return {}
    within = {"$gte": records[0].hour_start, "$lte": records[-1].hour_start}
    found = database[tables.AIR_HOURS].find({"station_id": station_id, "hour_start": within})
    return {document["_id"]: document for document in found}


def _document(
    station_id: str,
    record: Record,
    stamp: Stamp,
    former: Document | None,
) -> Document:
    received = {name: Decimal128(value) for name, value in record.values.items()}
    return {
        "_id": identity(station_id, record.hour_start),
        "station_id": station_id,
        "hour_start": record.hour_start.replace(tzinfo=None),
        "values": {**(former["values"] if former else {}), **received},
        "is_partial": record.hour_start + HOUR > stamp.fetched_at,
        "is_duplicate": record.is_duplicate,
        **stamp._asdict(),
        "version": former["version"] + 1 if former else 1,
    }


def _said(document: Document) -> tuple[Any, ...]:
    """What makes two documents of an hour the same; 7.0 and 7.00 are the same number."""
    values = {name: value.to_decimal() for name, value in document["values"].items()}
    return values, document["is_partial"], document["is_duplicate"]


def write(database: Database[Any], changes: Iterable[Change]) -> None:
    """Write changes: first what they replace into the history, then the documents.

    A document is replaced only where it still is the one that was compared; written again after
    an interruption, nothing is doubled.
    """
    listed = list(changes)
    former = [_to_history(change) for change in listed if change.former]
    if former:
        database[tables.AIR_HOURS_HISTORY].bulk_write(former, ordered=False)
    if listed:
        database[tables.AIR_HOURS].bulk_write(list(_replacements(listed)), ordered=False)


def _to_history(change: Change) -> UpdateOne:
    former = dict(change.former or {})
    key = f"{former['_id']}|{former['version']}"
    kept = {**former, "_id": key, "replaced_at": change.document["fetched_at"]}
    return UpdateOne({"_id": key}, {"$setOnInsert": kept}, upsert=True)


def _replacements(changes: list[Change]) -> Iterator[ReplaceOne[Document] | UpdateOne]:
    for document, former in changes:
        if former is None:
            yield UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True)
        else:
            is_same = {"_id": document["_id"], "version": former["version"]}
            yield ReplaceOne(is_same, document)


def last_hour(database: Database[Any], station_id: str) -> datetime | None:
    """The newest stored hour of a station."""
    newest = database[tables.AIR_HOURS].find_one(
        {"station_id": station_id}, {"hour_start": 1}, sort=[("hour_start", -1)]
    )
    return newest["hour_start"].replace(tzinfo=UTC) if newest else None


def decimals_of(document: Document) -> dict[str, Decimal]:
    """The values of a document as decimals."""
    return {name: value.to_decimal() for name, value in document["values"].items()}
