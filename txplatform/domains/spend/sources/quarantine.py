"""The quarantine: what is refused and why; refused rows run again after a layout was mended.

A replay is an ingestion of its own, with its own record and counts: the record of the file says
what happened then, the quarantine what is still refused. Rows that can be read now are loaded with
the file and line where they stood, and leave the quarantine when the replay is finished; a replay
that is interrupted is completed by the next one. A row never undoes what came after its file.

Without ids, a row's occurrence number continues that of the identical rows which its own file has
loaded; if only another file has loaded the same purchase, the row is a repetition of that one.
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from txplatform.connectors.files import Kind, Row, reread
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import identity, ingestions
from txplatform.domains.spend.sources.cards import WITHHELD
from txplatform.domains.spend.sources.identity import Identified, SourceIds
from txplatform.domains.spend.sources.ingest import file_format
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.load import BATCH, Load, Source, batches
from txplatform.domains.spend.sources.records import (
    DEFAULT_POLICY,
    Policy,
    Purchase,
    RecordParser,
    Refused,
)
from txplatform.domains.spend.sources.refusals import why_fields
from txplatform.domains.spend.sources.report import IngestionReport, Tally
from txplatform.ingestion.ledger import FINISHED

KIND = "replay"


def refused_rows(
    database: Database[Any], rule: str | None = None, limit: int = 20
) -> list[dict[str, Any]]:
    """The latest refused rows (of one rule): `file`, `line`, `rule`, `reason` and `text`."""
    found = database[tables.TRANSACTIONS_REJECTED].find(
        {} if rule is None else {"rule": rule},
        sort=[("refused_at", -1), ("source_line", 1)],
        limit=limit,
    )
    shown = {"file": "source_file", "line": "source_line", "rule": "rule", "reason": "reason"}
    return [
        {name: row[field] for name, field in shown.items()} | {"text": row["raw"]} for row in found
    ]


def replay_rejected(
    database: Database[Any], layout: Layout, policy: Policy = DEFAULT_POLICY
) -> IngestionReport:
    """Run the refused rows of every file that was ingested with a layout of this name again.

    A company's collection is not replayed: ingesting it again reads its refused documents anyway.

    Returns:
        The report of the replay alone: `rows_read` are the rows that were refused before.

    Raises:
        UsageError: layout, policy and what is there already do not fit together.
        ReconciliationError: what was read and what is kept differ; the replay is unfinished.
    """
    began = time.monotonic()
    database = ingestions.own(database)
    currency = ingestions.platform_currency(database, policy.currency, layout.currency)
    files = {"layout": layout.name, "status": FINISHED, "run_of": {"$exists": False}}
    rejected = database[tables.TRANSACTIONS_REJECTED]
    total = Tally()
    for record in list(database[tables.INGESTIONS].find(files, sort=[("started_at", 1)])):
        if rejected.find_one({"ingestion": record["_id"]}):
            total += _replay(database, record, layout, replace(policy, currency=currency))
    seconds = time.monotonic() - began
    return total.report("refused rows", layout.name, ingestions.now(), seconds)


def _replay(
    database: Database[Any], record: Mapping[str, Any], layout: Layout, policy: Policy
) -> Tally:
    """Replay one file."""
    began = time.monotonic()
    parser = RecordParser(layout, record["header"], policy, record["file"])
    run = ingestions.next_run(database, record["_id"], layout)
    details = {"kind": KIND, "run_of": record["_id"], "as_of": record["started_at"]}
    ingestions.adopt_currency(database, policy.currency or layout.currency)
    ingestion = ingestions.begin(database, run, record["file"], layout, details)
    refused = _RefusedAgain(database, ingestion, record["_id"])
    identify = SourceIds(layout.name) if layout.id_column else _ContinuedIds(database, record)
    source = Source(parser, identify, refused)
    with (
        ingestions.recording_failure(database, ingestion),
        Load(database, ingestion, source) as load,
    ):
        for batch in batches(refused.rows(record, layout)):
            load.take(batch)
        load.reconcile()
    seconds = time.monotonic() - began
    report = load.tally.report(record["file"], layout.name, ingestions.now(), seconds)
    ingestions.finish(database, ingestion, report)
    load.tally.weeks |= ingestions.weeks_of_unfinished_runs(database, record["_id"])
    ingestions.supersede_unfinished_runs(database, record["_id"])
    refused.release()
    return load.tally


class _RefusedAgain:
    """The refused rows of one file, while they run again."""

    def __init__(
        self, database: Database[Any], ingestion: ingestions.Ingestion, replayed: str
    ) -> None:
        self._rejected = database[tables.TRANSACTIONS_REJECTED]
        self._run = ingestion.id
        self._replayed = replayed

    @property
    def kept(self) -> dict[str, Any]:
        """Which rows stay refused."""
        return {"ingestion": self._replayed, "replayed_by": {"$ne": self._run}}

    def rows(self, record: Mapping[str, Any], layout: Layout) -> Iterator[Row]:
        """The refused rows as they arrived, in the order of their file."""
        form = file_format(layout)._replace(delimiter=record["delimiter"])
        own = {"ingestion": self._replayed}
        for refused in self._rejected.find(own, sort=[("source_line", 1)], batch_size=BATCH):
            line, raw = refused["source_line"], refused["raw"]
            if raw == WITHHELD:
                yield Row(line, (), raw, refused["reason"])
            else:
                kind = Kind.JSON_LINES if refused.get("is_redacted") else Kind(record["kind"])
                yield reread(kind, form, record["header"], line, raw)

    def take(self, batch: Sequence[Row], refused: Sequence[tuple[Row, Refused]]) -> None:
        """Give the rows that stay the rule of now, and mark the others."""
        still = {row.line: why for row, why in refused}
        changes = [self._change(row.line, still.get(row.line)) for row in batch]
        self._rejected.bulk_write(changes, ordered=False)

    def _change(self, line: int, why: Refused | None) -> UpdateOne:
        stays = {"$set": why_fields(why), "$unset": {"replayed_by": ""}} if why else None
        leaves = {"$set": {"replayed_by": self._run}}
        return UpdateOne({"_id": f"{self._replayed}:{line}"}, stays or leaves)

    def release(self) -> None:
        """Let the rows go that are refused no more."""
        self._rejected.delete_many({"ingestion": self._replayed, "replayed_by": self._run})


class _ContinuedIds:
    """Identifies rows without ids after the identical rows of their file that were loaded."""

    def __init__(self, database: Database[Any], record: Mapping[str, Any]) -> None:
        self._transactions = database[tables.TRANSACTIONS]
        self._holders: dict[str, int] = {}
        replays = database[tables.INGESTIONS].find({"run_of": record["_id"]})
        self._own = {
            "source_file": record["file"],
            "ingested_at": {"$in": [record["started_at"], *(run["started_at"] for run in replays)]},
        }

    def __call__(self, purchases: Sequence[Purchase], lines: Sequence[int], /) -> list[Identified]:
        """Identify the next rows: the first occurrence that no other line of the file has."""
        texts = [identity.canonical_text(purchase) for purchase in purchases]
        digests = [identity.content_digest(text) for text in texts]
        ids = [""] * len(lines)
        occurrence, waiting = 1, list(range(len(lines)))
        while waiting:
            candidates = {at: identity.id_of_occurrence(digests[at], occurrence) for at in waiting}
            self._holders |= self._lines_of(set(candidates.values()) - self._holders.keys())
            for at, candidate in candidates.items():
                if self._holders.setdefault(candidate, lines[at]) == lines[at]:
                    ids[at] = candidate
            occurrence, waiting = occurrence + 1, [at for at in waiting if not ids[at]]
        return list(map(Identified, ids, texts))

    def _lines_of(self, ids: Collection[str]) -> dict[str, int]:
        found = self._transactions.find({"_id": {"$in": list(ids)}, **self._own}, ["source_line"])
        return {document["_id"]: document["source_line"] for document in found}
