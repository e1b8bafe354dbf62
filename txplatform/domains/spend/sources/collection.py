"""Ingesting a company's MongoDB collection: read in batches, never written to.

Its own `_id` is the identity. There is no order of change to follow in a collection that something
else fills (`mongoimport`, Compass), so every run reads all of it, takes what is new or changed and
reports what has vanished. An interrupted run is not resumed, because the collection may not be the
same any more: the next one finds what it wrote as unchanged, and reports its weeks too.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from itertools import compress, islice
from operator import not_
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.uri_parser import parse_uri

from txplatform.connectors.files import Row, normal
from txplatform.connectors.files.rows import cells_of, names_of, typed_row
from txplatform.connectors.mongo import patience, why_not
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import ingestions
from txplatform.domains.spend.sources.cards import keeping
from txplatform.domains.spend.sources.identity import Occurrences, SourceIds, content_digest
from txplatform.domains.spend.sources.ingest import file_format
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.load import (
    BATCH,
    LOADING,
    Load,
    Progress,
    Source,
    batches,
    unheard,
)
from txplatform.domains.spend.sources.records import DEFAULT_POLICY, Policy, RecordParser
from txplatform.domains.spend.sources.refusals import RefusedRows
from txplatform.domains.spend.sources.report import IngestionReport, Tally
from txplatform.errors import SourceError, UsageError

KIND = "collection"
ID = "_id"
SAMPLED = 10_000
"""Documents that the header is made of; of the others only fields that the layout names."""


def ingest_collection(
    database: Database[Any],
    uri: str,
    layout: Layout,
    policy: Policy = DEFAULT_POLICY,
    on_progress: Progress = unheard,
) -> IngestionReport:
    """Take what is new or changed in `mongodb://host/database.collection` into `transactions`.

    Args:
        database: the platform's own.
        uri: the company's collection.
        layout: what the fields mean (`a.b` is the field b of an embedded document).
        policy: what the platform accepts.
        on_progress: told the stage (`loading`) and the fraction of it that is done.

    Raises:
        SourceError: the collection cannot be reached, is empty or lacks a field.
        UsageError: the address names no collection, or one of the platform's own.
        ReconciliationError: what was read and what is kept differ; the ingestion is unfinished.
    """
    began = time.monotonic()
    database = ingestions.own(database)
    with _opened(uri) as collection:
        company = _company(database, collection, layout)
        source, ingestion = _begin(database, company, layout, policy)
        seen = Occurrences()
        with (
            ingestions.recording_failure(database, ingestion),
            Load(database, ingestion, source) as load,
        ):
            for batch in batches(_rows(company, ZoneInfo(layout.time_zone))):
                load.take(batch)
                seen.number([content_digest(str(row.cells[0])) for row in batch])
                on_progress(LOADING, min(1.0, load.tally.rows_read / company.size))
            load.reconcile()
    gone = _vanished(database, company.name, seen)
    load.tally.vanished = len(gone)
    ingestions.offer(database, ingestion, gone)
    return _finished(database, ingestion, load.tally, layout, began)


def _finished(
    database: Database[Any],
    ingestion: ingestions.Ingestion,
    tally: Tally,
    layout: Layout,
    began: float,
) -> IngestionReport:
    """Record the run, in the place of those before it that were interrupted."""
    name = ingestion.source_file
    _forget_old_refusals(database, ingestion)
    seconds = time.monotonic() - began
    report = tally.report(name, layout.name, ingestions.now(), seconds)
    ingestions.finish(database, ingestion, report)
    weeks = report.weeks | ingestions.weeks_of_unfinished_runs(database, name)
    ingestions.supersede_unfinished_runs(database, name)
    return replace(report, weeks=weeks)


class _Company(NamedTuple):
    """A company's collection: its name `database.collection`, its fields, about how large."""

    collection: Collection[dict[str, Any]]
    name: str
    header: list[str]
    size: int


@contextmanager
def _opened(uri: str) -> Iterator[Collection[dict[str, Any]]]:
    """The collection that an address names, with its times as instants.

    Raises:
        UsageError: the address names none.
    """
    try:
        parts = parse_uri(uri)
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise UsageError(f"The source is not a MongoDB address{why_not(uri, error)}.") from None
    if not parts["database"] or not parts["collection"]:
        raise UsageError("Write the source as mongodb://host/database.collection.")
    client: MongoClient[dict[str, Any]] = MongoClient(uri, **patience(parts["options"]))
    clamped = DatetimeConversion.DATETIME_CLAMP  # one beyond the year 9999 is refused, not all
    options = CodecOptions[dict[str, Any]](tz_aware=True, datetime_conversion=clamped)
    with client:
        yield client[parts["database"]].get_collection(parts["collection"], options)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Say which collection it is that cannot be read: the platform's own server may be fine."""
    try:
        yield
    except (PyMongoError, BSONError) as error:
        reason = str(error).split(",", 1)[0]
        raise SourceError(f"The collection {name} cannot be read: {reason}.") from None


def _company(
    database: Database[Any], collection: Collection[dict[str, Any]], layout: Layout
) -> _Company:
    """Look at the first documents, and for what the layout names at all of them.

    Raises:
        SourceError: there are none, or the server does not answer or refuses.
        UsageError: it is a collection of the platform's own.
    """
    name = f"{collection.database.name}.{collection.name}"
    with _reading(name):
        size = collection.estimated_document_count()
        first = list(islice(collection.find(), SAMPLED))
        fields = names_of(first)
        fields += _later_fields(collection, file_format(layout).lacking(fields)) if first else []
    is_own = collection.database.client.address == database.client.address
    if is_own and collection.database.name == database.name:
        raise UsageError(f"{name} is the platform's own: name a collection of the company's.")
    if not first:
        raise SourceError(f"The collection {name} has no documents: check its name.")
    header = [ID, *dict.fromkeys(field for field in fields if field.split(".")[0] != ID)]
    return _Company(collection, name, header, max(1, size))


def _later_fields(collection: Collection[dict[str, Any]], wanted: Sequence[str]) -> list[str]:
    """What the layout names and the first documents do not have: fields of any other document."""
    names = lru_cache(None)(partial(_names_below, collection))
    found: list[str] = []
    for name in wanted:
        found += [one for one in names("") if "." in one and normal(one) == normal(name)]
        paths = [""]
        for part in name.split("."):
            paths = [
                f"{path}.{inner}".removeprefix(".")
                for path in paths
                for inner in names(path)
                if normal(inner) == normal(part)
            ]
        found += paths
    return found


def _names_below(collection: Collection[dict[str, Any]], path: str) -> list[str]:
    """The fields of the documents that are embedded somewhere; of all, where the path is empty."""
    if path.startswith("$") or ".$" in path:
        return []  # MongoDB has no way to ask for what is in it
    match = [{"$match": {path: {"$type": "object"}}}] if path else []
    pipeline: list[dict[str, Any]] = [
        *match,
        {"$project": {"field": {"$objectToArray": f"${path}" if path else "$$ROOT"}}},
        {"$unwind": "$field"},
        {"$group": {"_id": "$field.k"}},
    ]
    return [one["_id"] for one in collection.aggregate(pipeline)]


def _rows(company: _Company, zone: ZoneInfo) -> Iterator[Row]:
    fields = company.header[1:]
    with _reading(company.name):
        for number, document in enumerate(company.collection.find(batch_size=BATCH), 1):
            identity = json_util.dumps(document[ID], json_options=json_util.CANONICAL_JSON_OPTIONS)
            yield typed_row(number, [identity, *cells_of(fields, document, zone)])


def _begin(
    database: Database[Any], company: _Company, layout: Layout, policy: Policy
) -> tuple[Source, ingestions.Ingestion]:
    currency = ingestions.platform_currency(database, policy.currency, layout.currency)
    with_id = layout.model_copy(update={"id_column": ID})
    accepted = replace(policy, currency=currency)
    parser = RecordParser(with_id, company.header, accepted, f"The collection {company.name}")
    ingestions.adopt_currency(database, currency)
    run = f"{company.name}@{ingestions.now().isoformat(timespec='milliseconds')}"
    details = {"kind": KIND, "run_of": company.name}
    ingestion = ingestions.begin(database, run, company.name, layout, details)
    keep = keeping(layout, company.header, company.name, policy.hash_key)
    refused = RefusedRows(database, ingestion, layout.name, keep)
    return Source(parser, SourceIds(company.name), refused, has_lines=False), ingestion


def _vanished(database: Database[Any], name: str, seen: Occurrences) -> list[str]:
    """The documents of ours that come from the collection and are not in it any more."""
    own = {"source_file": name, "_id": {"$type": "string"}}
    ours = database[tables.TRANSACTIONS].find(own, {"_id": 1}, batch_size=BATCH)
    ids = (document["_id"] for document in ours)
    gone: list[str] = []
    while part := list(islice(ids, BATCH)):
        is_there = seen.holds([content_digest(one.removeprefix(f"{name}:")) for one in part])
        gone += compress(part, map(not_, is_there))
    return gone


def _forget_old_refusals(database: Database[Any], ingestion: ingestions.Ingestion) -> None:
    """What is refused now has been refused by this run; earlier runs' refusals are out of date."""
    database[tables.TRANSACTIONS_REJECTED].delete_many(
        {"source_file": ingestion.source_file, "ingestion": {"$ne": ingestion.id}}
    )
