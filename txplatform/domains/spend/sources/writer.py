"""Writing a batch of purchases: ask which ids are known, insert the others, correct what changed.

Every step can be repeated after a kill at any point: ids are deterministic, the earlier version is
in the history before its document is replaced, and what this ingestion wrote carries its mark.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ReplaceOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.documents import Document, Entry, is_same_purchase
from txplatform.domains.spend.sources.ingestions import Ingestion, now, weeks_of
from txplatform.domains.spend.sources.report import Outcome, Tally
from txplatform.periods import monday_of

DUPLICATE_KEY = 11000
MARK = ("source_file", "source_line", "ingested_at")


class TransactionWriter:
    """Writes the batches of one ingestion and tallies what became of every row."""

    def __init__(
        self, database: Database[Any], ingestion: Ingestion, tally: Tally, *, has_ids: bool
    ) -> None:
        """Write to `database`; rows of a source that `has_ids` can be corrections."""
        self._transactions = database[tables.TRANSACTIONS]
        self._history = database[tables.TRANSACTIONS_HISTORY]
        self._ingestion = ingestion
        self._tally = tally
        self._has_ids = has_ids
        # Where the batch before had nothing known, the next one is inserted without asking.
        self._is_blind = self._transactions.find_one({}, {"_id": 1}) is None

    def write(self, entries: Sequence[Entry]) -> None:
        """Write a batch.

        Versions of one id are written one after the other, in their order. What turns out to be
        there already, or was written by another ingestion in the meantime, is asked for.
        """
        while entries:
            first, later = _first_of_each_id(entries)
            known = {} if self._is_blind else self._find(first)
            raced = self._insert([entry for entry in first.values() if entry.id not in known])
            loaded = [e for e in first.values() if e.id not in known and e.id not in raced]
            self._count("loaded", loaded)
            raced |= self._settle([(first[i], found) for i, found in known.items()])
            entries = [first[document_id] for document_id in raced] + later
            self._is_blind = not (known or entries)

    def _find(self, ids: Iterable[str]) -> dict[str, Document]:
        fields = None if self._has_ids else MARK
        found = self._transactions.find({"_id": {"$in": list(ids)}}, fields)
        return {document["_id"]: document for document in found}

    def _insert(self, entries: Sequence[Entry]) -> set[str]:
        """Insert documents; returns the ids that are there already."""
        if not entries:
            return set()
        try:
            self._transactions.insert_many(
                [entry.document(self._ingestion) for entry in entries], ordered=False
            )
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != DUPLICATE_KEY for failure in failures):
                raise
            return {entries[failure["index"]].id for failure in failures}
        return set()

    def _settle(self, known: Sequence[tuple[Entry, Document]]) -> set[str]:
        """Compare entries with the documents that are there; returns the ids to look at again."""
        corrections: list[tuple[Entry, Document]] = []
        settled: dict[Outcome, list[Entry]] = {}
        replaced: list[Document] = []
        history = self._history_of(known)
        for entry, found in known:
            earlier = history.get(entry.id, [])
            outcome = self._outcome(entry, found, earlier)
            if outcome is None:
                corrections.append((entry, found))
            else:
                settled.setdefault(outcome, []).append(entry)
                if outcome == "corrected":
                    replaced += [old for old in earlier if old["_id"] == self._key(entry)]
        for outcome, entries in settled.items():
            self._count(outcome, entries, replaced)
        return self._correct(corrections) if corrections else set()

    def _history_of(
        self, known: Iterable[tuple[Entry, Document]]
    ) -> Mapping[str, Sequence[Document]]:
        """Earlier versions, asked for where they can matter: seldom, but for a resumed file."""
        asked = [
            entry.id
            for entry, found in known
            if self._has_ids and (self._ingestion.is_resumed or not self._is_same(found, entry))
        ]
        versions: dict[str, list[Document]] = {}
        if asked:
            for version in self._history.find({"transaction_id": {"$in": asked}}):
                versions.setdefault(version["transaction_id"], []).append(version)
        return versions

    def _outcome(
        self, entry: Entry, found: Document, earlier: Sequence[Document]
    ) -> Outcome | None:
        """What became of a row whose id is there already; None if it is a correction to write."""
        if any(self._has_mark_of(version, entry) for version in (found, *earlier)):
            is_correction = any(version["_id"] == self._key(entry) for version in earlier)
            return "corrected" if is_correction else "loaded"
        if not self._has_ids or self._is_same(found, entry):
            return "unchanged"
        return "unchanged" if self._is_later(found, entry) else None

    def _is_later(self, found: Document, entry: Entry) -> bool:
        """Whether a document comes from an ingestion begun later, or from a later row of this one.

        An interrupted file that is completed, or a refused row that is replayed, does not undo
        what came after it.
        """
        ingestion, line = self._ingestion, entry.line
        is_own = found["ingested_at"] in (ingestion.started_at, ingestion.as_of)
        if is_own and found["source_file"] == ingestion.source_file and line is not None:
            return bool(found["source_line"] > line)
        return bool(found["ingested_at"] > ingestion.as_of)

    def _correct(self, corrections: Sequence[tuple[Entry, Document]]) -> set[str]:
        """Replace documents, their earlier versions first going to the history."""
        self._history.bulk_write([self._to_history(*pair) for pair in corrections])
        self._transactions.bulk_write(
            [
                ReplaceOne(
                    {"_id": entry.id, tables.FINGERPRINT_FIELD: found[tables.FINGERPRINT_FIELD]},
                    entry.document(self._ingestion),
                )
                for entry, found in corrections
            ],
            ordered=False,
        )
        kept = self._find(entry.id for entry, _ in corrections)
        raced = {
            entry.id for entry, _ in corrections if not self._has_mark_of(kept[entry.id], entry)
        }
        done = [pair for pair in corrections if pair[0].id not in raced]
        self._count("corrected", [entry for entry, _ in done], [found for _, found in done])
        for entry, _ in corrections:
            if entry.id in raced:
                self._history.delete_one({"_id": self._key(entry)})
        return raced

    def _to_history(self, entry: Entry, found: Document) -> ReplaceOne[Document]:
        version = {
            **found,
            "_id": self._key(entry),
            "transaction_id": entry.id,
            "replaced_at": now(),
            "replaced_by_file": self._ingestion.source_file,
            "replaced_by_line": entry.line,
        }
        return ReplaceOne({"_id": self._key(entry)}, version, upsert=True)

    def _count(
        self, outcome: Outcome, entries: Sequence[Entry], replaced: Iterable[Document] = ()
    ) -> None:
        self._tally.add(outcome, [entry.purchase.cents for entry in entries])
        if outcome != "unchanged":
            days = {entry.purchase.transaction_date for entry in entries}
            replaced_days = (version["transaction_date"] for version in replaced)
            self._tally.weeks.update(map(monday_of, days), weeks_of(replaced_days))

    def _key(self, entry: Entry) -> str:
        return entry.key(self._ingestion)

    def _is_same(self, found: Document, entry: Entry) -> bool:
        return is_same_purchase(found, entry.document(self._ingestion))

    def _has_mark_of(self, document: Mapping[str, Any], entry: Entry) -> bool:
        """Whether a document, or an earlier version of it, was written for this very row."""
        return (
            document["ingested_at"] == self._ingestion.started_at
            and document["source_line"] == entry.line
            and bool(document["source_file"] == self._ingestion.source_file)
        )


def _first_of_each_id(entries: Iterable[Entry]) -> tuple[dict[str, Entry], list[Entry]]:
    first: dict[str, Entry] = {}
    later = [entry for entry in entries if first.setdefault(entry.id, entry) is not entry]
    return first, later
