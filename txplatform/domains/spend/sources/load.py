"""Rows on their way into the collections: parsed, identified, written or refused, reconciled."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from itertools import repeat
from threading import Lock
from typing import Any, NamedTuple, Protocol, Self

from pymongo.database import Database

from txplatform.connectors.files import Row, in_batches
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.documents import Entry
from txplatform.domains.spend.sources.identity import Identified, SourceIds
from txplatform.domains.spend.sources.ingestions import Ingestion
from txplatform.domains.spend.sources.parsing import money
from txplatform.domains.spend.sources.records import Purchase, RecordParser, Refused
from txplatform.domains.spend.sources.report import Tally
from txplatform.domains.spend.sources.writer import TransactionWriter
from txplatform.errors import ReconciliationError

BATCH = 5_000
Progress = Callable[[str, float], None]
LOADING = "loading"
OBJECTS = 500_000
"""More than the batches in memory add; what a real leak of cycles adds is still collected."""

_lock = Lock()
_before: list[tuple[int, int, int]] = []


def unheard(_stage: str, _fraction: float) -> None:
    """Takes progress and tells nobody."""


class Identify(Protocol):
    """Gives purchases their `_id`, in the order of their source."""

    def __call__(self, purchases: Sequence[Purchase], lines: Sequence[int], /) -> list[Identified]:
        """Identify the next purchases, which stand on these lines."""


class Refusing(Protocol):
    """Where refused rows are kept."""

    @property
    def kept(self) -> Mapping[str, Any]:
        """Which documents of `transactions_rejected` are those of this load."""

    def take(self, batch: Sequence[Row], refused: Sequence[tuple[Row, Refused]]) -> None:
        """Keep the refused rows of a batch."""


class Source(NamedTuple):
    """What a load needs to know of where its rows come from."""

    parser: RecordParser
    identify: Identify
    refusing: Refusing
    has_lines: bool = True
    """Whether a row's number means the same the next time; a collection has no such order."""


class Load:
    """Takes the rows of one source batch by batch, and holds two batches in memory.

    While MongoDB writes one batch the next one is parsed; used as a context, it ends with all of
    them written.
    """

    def __init__(self, database: Database[Any], ingestion: Ingestion, source: Source) -> None:
        """Load into the platform's own collections of `database`."""
        self.tally = Tally()
        self._database = database
        self._ingestion = ingestion
        self._source = source
        self._has_ids = isinstance(source.identify, SourceIds)
        self._writer = TransactionWriter(database, ingestion, self.tally, has_ids=self._has_ids)
        self._writing = ThreadPoolExecutor(max_workers=1)
        self._ending = ExitStack()
        self._written: Future[None] | None = None

    def __enter__(self) -> Self:
        self._ending.enter_context(seldom_collected())
        self._ending.enter_context(self._writing)
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def take(self, batch: Sequence[Row]) -> None:
        """Parse, identify and write the next rows."""
        rows: list[Row] = []
        purchases: list[Purchase] = []
        refused: list[tuple[Row, Refused]] = []
        parse = self._source.parser.parse
        for row in batch:
            parsed = parse(row)
            if isinstance(parsed, Refused):
                refused.append((row, parsed))
            else:
                rows.append(row)
                purchases.append(parsed)
        self.tally.read([one.cents for one in purchases] + [why.cents for _, why in refused])
        lines = [row.line for row in rows]
        identified = self._source.identify(purchases, lines)
        kept = lines if self._source.has_lines else repeat(None, len(lines))
        described = zip(identified, purchases, kept, strict=True)
        entries = [Entry(*known, purchase, line) for known, purchase, line in described]
        self._wait()
        self._written = self._writing.submit(self._write, batch, entries, refused)

    def _wait(self) -> None:
        """Wait until the batch before is written; its error is raised here."""
        if self._written:
            self._written.result()

    def _write(
        self,
        batch: Sequence[Row],
        entries: Sequence[Entry],
        refused: Sequence[tuple[Row, Refused]],
    ) -> None:
        self._writer.write(entries)
        self._source.refusing.take(batch, refused)
        self.tally.add("refused", [why.cents for _, why in refused])
        self.tally.refused_by_rule.update(why.rule for _, why in refused)

    def reconcile(self) -> None:
        """Compare what was read with what the collections now hold of this ingestion.

        Raises:
            ReconciliationError: rows or amounts are missing or too many.
        """
        self._wait()
        tally, file = self.tally, self._ingestion.source_file
        tally.require_conservation(file)
        own = {"source_file": file, "ingested_at": self._ingestion.started_at}
        kept = [(tables.TRANSACTIONS, own)]
        if self._has_ids:
            kept.append((tables.TRANSACTIONS_HISTORY, own))
        counted = [count_and_sum(self._database, *each) for each in kept]
        written = sum(count for count, _ in counted), sum(amount for _, amount in counted)
        rows = tally.rows["loaded"] + tally.rows["corrected"]
        amount = money(tally.cents["loaded"] + tally.cents["corrected"])
        _require_equal(f"{file}: purchases", (rows, amount), written)
        _require_equal(
            f"{file}: refused rows",
            (tally.rows["refused"], money(tally.cents["refused"])),
            count_and_sum(self._database, tables.TRANSACTIONS_REJECTED, self._source.refusing.kept),
        )


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in batches that are written at once."""
    return in_batches(rows, BATCH)


def count_and_sum(
    database: Database[Any], collection: str, matching: Mapping[str, Any]
) -> tuple[int, Decimal]:
    """How many documents of a collection match, and the sum of their amounts."""
    group = {"_id": None, "count": {"$sum": 1}, "amount": {"$sum": "$amount"}}
    nothing = {"count": 0, "amount": 0}
    groups = database[collection].aggregate([{"$match": matching}, {"$group": group}])
    found = next(groups, nothing)
    amount = found["amount"]  # an integer where no amount is a decimal: refused rows may have none
    return found["count"], Decimal(str(amount))


def _require_equal(
    what: str, expected: tuple[int, Decimal], found: tuple[int, Decimal | int]
) -> None:
    if expected != found:
        raise ReconciliationError(
            f"{what} of {expected[1]} in {expected[0]} rows were written, but MongoDB holds "
            f"{found[1]} in {found[0]}; the ingestion is not finished, ingest the source again."
        )


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector run only when far more objects have come than gone.

    By default it looks after every 700, at rows that form no cycles and are gone with their batch:
    a quarter of an ingestion's computing. Of several ingestions in one process the last restores
    what was set before the first.
    """
    with _lock:
        _before.append(gc.get_threshold())
        gc.set_threshold(OBJECTS, *_before[0][1:])
    try:
        yield
    finally:
        with _lock:
            before = _before.pop()
            if not _before:
                gc.set_threshold(*before)
