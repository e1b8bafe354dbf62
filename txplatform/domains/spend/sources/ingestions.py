"""The record of an ingestion: begun, finished, skipped or resumed; and the platform's currency.

A file is recorded by the hash of its content, so that its name does not matter: a finished one is
skipped (an old file cannot undo a correction), an interrupted one is completed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.spend import tables
from txplatform.domains.spend.measuring import FIRST_DAY, LAST_DAY
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform.errors import UsageError
from txplatform.ingestion.ledger import FAILED, FINISHED, RUNNING, Ledger, is_under_way
from txplatform.periods import monday_of

CURRENCY = "currency"
SUPERSEDED, WITHDRAWING, WITHDRAWN = "superseded", "withdrawing", "withdrawn"
UNNOTED = {"status": {"$in": [FINISHED, WITHDRAWN]}, "is_noted": {"$ne": True}}
"""Intakes that are over and whose weeks nobody has measured since."""

LACKS_ROWS = "lacks_rows"
"""Marks a finished ingestion that repeated rows of another one which was withdrawn since."""

MOST_OFFERED = 50_000


class Ingestion(NamedTuple):
    """An ingestion under way.

    Its documents carry `source_file` and, as `ingested_at`, `started_at`: by these it knows its
    own after an interruption.
    """

    id: str
    source_file: str
    started_at: datetime
    is_resumed: bool
    as_of: datetime
    """When its rows arrived: `started_at`, or for a replay that of the ingestion replayed."""


class Activity(NamedTuple):
    """How often ingestions were begun so far, and how many of them are under way."""

    begun: int
    running: int


def activity(database: Database[Any]) -> Activity:
    """What ingestions have done and do: twice the same with none running, and nothing changed."""
    running = {"$cond": [{"$in": ["$status", [RUNNING, WITHDRAWING]]}, 1, 0]}
    group = {"_id": None, "begun": {"$sum": "$attempts"}, "running": {"$sum": running}}
    found = list(database[tables.INGESTIONS].aggregate([{"$group": group}]))
    return Activity(found[0]["begun"], found[0]["running"]) if found else Activity(0, 0)


def now() -> datetime:
    """This instant as MongoDB keeps it: UTC without a zone, in milliseconds."""
    instant = datetime.now(UTC).replace(tzinfo=None)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def finished_report(
    database: Database[Any], ingestion_id: str, file: str
) -> IngestionReport | None:
    """What the finished ingestion of the same content reported, as one that is skipped now."""
    whole = {"_id": ingestion_id, "status": FINISHED, LACKS_ROWS: {"$ne": True}}
    record = database[tables.INGESTIONS].find_one(whole)
    return record and IngestionReport.of_record(record, file)


def begin(
    database: Database[Any], ingestion_id: str, file: str, layout: Layout, details: dict[str, Any]
) -> Ingestion:
    """Record an ingestion as running, or take an interrupted one up again.

    Raises:
        UsageError: it was begun with another layout.
    """
    records = database[tables.INGESTIONS]
    started_at = now()
    fresh = {
        "file": file,
        "layout": layout.name,
        "layout_fingerprint": layout.fingerprint(),
        "started_at": started_at,
        "as_of": _first_seen(database, ingestion_id) or started_at,
        **details,
    }
    _require_same_layout(records.find_one({"_id": ingestion_id}), layout)
    record = Ledger(records).begin(ingestion_id, fresh)
    is_resumed = record["attempts"] > 1
    return Ingestion(
        ingestion_id, record["file"], record["started_at"], is_resumed, record["as_of"]
    )


def _first_seen(database: Database[Any], ingestion_id: str) -> datetime | None:
    """When a file arrived that was withdrawn and comes again: it undoes no correction since."""
    withdrawn = {"withdrawn_from": ingestion_id, "status": WITHDRAWN}
    known = database[tables.INGESTIONS].find_one(withdrawn, sort=[("as_of", 1)])
    return known and known["as_of"]


def _require_same_layout(record: dict[str, Any] | None, layout: Layout) -> None:
    if record and record["status"] == WITHDRAWING:
        raise UsageError(
            f"{record['file']} is being withdrawn: withdraw it again to complete that."
        )
    if record and record["layout_fingerprint"] != layout.fingerprint():
        raise UsageError(
            f"{record['file']} was begun with the layout {record['layout']} as it was on "
            f"{record['started_at']:%Y-%m-%d %H:%M} and not finished: ingest it with that layout, "
            "then replay its refused rows with the new one, or take back what it brought: "
            "`txplatform spend withdraw`."
        )


def next_run(database: Database[Any], run_of: str, layout: Layout) -> str:
    """Id for the next replay of refused rows; record `run_of` with it.

    An interrupted run with the same layout is taken up again.
    """
    runs = database[tables.INGESTIONS]
    unfinished = runs.find_one({**_unfinished(run_of), "layout_fingerprint": layout.fingerprint()})
    number = runs.count_documents({"run_of": run_of}) + 1
    return str(unfinished["_id"]) if unfinished else f"{run_of}#{number}"


def _unfinished(run_of: str) -> dict[str, Any]:
    return {"run_of": run_of, "status": {"$in": [RUNNING, FAILED]}}


def weeks_of_unfinished_runs(database: Database[Any], run_of: str) -> set[date]:
    """Mondays whose documents were changed by runs that nobody will take up again."""
    return weeks_written(database, database[tables.INGESTIONS].find(_unfinished(run_of)))


def weeks_written(database: Database[Any], runs: Iterable[Mapping[str, Any]]) -> set[date]:
    """Mondays whose documents were changed by ingestions, finished or not."""
    weeks: set[date] = set()
    for run in runs:
        written = {"source_file": run["file"], "ingested_at": run["started_at"]}
        replaced = {"_id": {"$regex": f"^{re.escape(run['_id'])}:"}}
        changed = ((tables.TRANSACTIONS, written), (tables.TRANSACTIONS_HISTORY, replaced))
        for collection, own in changed:
            weeks |= weeks_of(database[collection].distinct("transaction_date", own))
    return weeks


def weeks_of(days: Iterable[Any]) -> set[date]:
    """The Mondays of days, without what somebody wrote in place of one."""
    known = (day for day in days if isinstance(day, datetime) and FIRST_DAY <= day < LAST_DAY)
    return {monday_of(day.date()) for day in known}


def supersede_unfinished_runs(database: Database[Any], run_of: str) -> None:
    """Record that a finished run has taken the place of those that were interrupted."""
    database[tables.INGESTIONS].update_many(_unfinished(run_of), {"$set": {"status": SUPERSEDED}})


def finish(database: Database[Any], ingestion: Ingestion, report: IngestionReport) -> None:
    """Record an ingestion as finished, with its counts and sums."""
    finished = {"status": FINISHED, "finished_at": report.finished_at, **report.to_record()}
    Ledger(database[tables.INGESTIONS]).end(
        ingestion.id, finished, outdated=["error", LACKS_ROWS, "is_noted"]
    )


def offer(database: Database[Any], ingestion: Ingestion, gone: Sequence[str]) -> None:
    """Keep which purchases are not in their source any more, so that they can be withdrawn.

    The record holds so many; the next run finds the others again.
    """
    kept = {"gone": list(gone[:MOST_OFFERED])}
    database[tables.INGESTIONS].update_one({"_id": ingestion.id}, {"$set": kept})


def recording_failure(
    database: Database[Any], ingestion: Ingestion
) -> AbstractContextManager[None]:
    """Record why an ingestion stopped; the next try with the same content takes it up again."""
    return Ledger(database[tables.INGESTIONS]).recording_failure(ingestion.id)


def platform_currency(database: Database[Any], wanted: str | None, of_layout: str) -> str:
    """The platform's one currency: that of its purchases; of none, the setting, else the layout's.

    Raises:
        UsageError: the setting differs from the currency of the purchases that are there.
    """
    known = database[tables.PLATFORM].find_one({"_id": CURRENCY})
    if known is None or not _has_purchases(database):
        return wanted or of_layout
    code = str(known["code"])
    if wanted in (None, code):
        return code
    raise UsageError(
        f"TXPLATFORM_SPEND_CURRENCY is {wanted}, but the purchases are kept in {code}: "
        "unset it, or use another TXPLATFORM_MONGO_DATABASE for another currency."
    )


def _has_purchases(database: Database[Any]) -> bool:
    """Whether purchases are there or under way."""
    running = database[tables.INGESTIONS].find({"status": RUNNING})
    return bool(
        any(map(is_under_way, running)) or database[tables.TRANSACTIONS].find_one({}, {"_id": 1})
    )


def adopt_currency(database: Database[Any], code: str) -> None:
    """Record the platform's currency."""
    database[tables.PLATFORM].update_one({"_id": CURRENCY}, {"$set": {"code": code}}, upsert=True)


def own(database: Database[Any]) -> Database[Any]:
    """The platform's database with durable writes and times as they are compared here."""
    clamped = CodecOptions[dict[str, Any]](datetime_conversion=DatetimeConversion.DATETIME_CLAMP)
    return mongo.durable(database).with_options(codec_options=clamped)
