"""What the collection `transactions` holds of a week: its sums, its measure and its fingerprint.

The measure (documents, amount, fingerprint) is what a computation is reconciled against and what
tells whether a computed week is stale. What is done with it is decided in `assets`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import compute as pc
from pymongo.database import Database

from txplatform import money
from txplatform.connectors import mongo
from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms import pushdown
from txplatform.periods import monday_of, mondays

NO_DOCUMENTS = "empty"
SLICES_PER_READER = 4
DOCUMENTS_AT_ONCE = 150_000
"""About 40 MB as Arrow, of which there are some copies at a time: a part is read while Spark looks
at the one before it and Python at the one before that."""
WIDE, MOST_DIGITS = pa.decimal128(38, 2), 20
FIRST_DAY, LAST_DAY = datetime(1900, 1, 1), datetime(2200, 1, 1)
"""Between these are the days of purchases; before the first, weeks cannot be told (`pushdown`)."""
ANY_DAY: Mapping[str, Any] = {"transaction_date": {"$gte": FIRST_DAY, "$lt": LAST_DAY}}
"""Documents that have one: somebody may have written others, which belong to no week."""


class WeekMeasure(NamedTuple):
    """What the collection holds of one week; amounts in the platform's currency.

    A sum that does not fit is the largest amount that does: such a week is never computed.
    """

    week_start: date
    document_count: int
    total_amount: Decimal
    fingerprint: str


def division_sums(database: Database[Any], first: date, last: date, parallel: int) -> pa.Table:
    """Sums per week, department and division of the weeks `first` to `last`, from MongoDB.

    Returns:
        `week_start` (date), `department`, `division`, `total_amount` and `refund_amount`
        (decimal(18, 2)), `transaction_count`, `fingerprint`; unordered, and refunds in rows of
        their own.
    """
    every = mondays(first, last)
    sums = _read(database, map(pushdown.division_sums, every), parallel)
    # Not beside the sums: a week that is still the same after its refunds vouches for them too.
    parts = slices(every, parallel)
    refunds = _read(database, (pushdown.refund_sums(one[0], one[-1]) for one in parts), parallel)
    return _together([sums, refunds, _left_out(database, first, last)])


def measure(
    database: Database[Any], first: date, last: date, parallel: int
) -> dict[date, WeekMeasure]:
    """Measure every week from `first` to `last` in the collection, the silent ones included."""
    sums = _read(database, map(pushdown.week_sums, mondays(first, last)), parallel)
    return measures_of(_together([sums, _left_out(database, first, last)]), first, last)


def _left_out(database: Database[Any], first: date, last: date) -> pa.Table:
    return _read(database, pushdown.left_out_of_sums(first, last), 1)


def _together(sums: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(sums, promote_options="permissive")


def count(database: Database[Any], first: date, last: date) -> int:
    """Number of documents of the weeks `first` to `last`; MongoDB counts keys of the index."""
    return database[tables.TRANSACTIONS].count_documents(pushdown.in_weeks(first, last))


ONLY_NULL = pc.CountOptions(mode="only_null")


def measures_of(sums: pa.Table, first: date, last: date) -> dict[date, WeekMeasure]:
    """The measure of every week from `first` to `last` that `sums` amount to."""
    columns = ("transaction_count", "total_amount", "fingerprint")
    added = [(name, "sum") for name in columns]
    grouped = sums.group_by("week_start").aggregate([*added, ("total_amount", "count", ONLY_NULL)])
    found = {row["week_start"]: row for row in grouped.to_pylist()}
    return {week: _measure(week, found.get(week)) for week in mondays(first, last)}


def _measure(week: date, row: Mapping[str, Any] | None) -> WeekMeasure:
    if row is None:
        return WeekMeasure(week, 0, Decimal("0.00"), NO_DOCUMENTS)
    count, total = row["transaction_count_sum"], row["total_amount_sum"]
    if row["total_amount_count"]:
        total = money.LARGEST
    total = max(-money.LARGEST, min(money.LARGEST, total))
    content = f"{count}|{total}|{row['fingerprint_sum']}"
    return WeekMeasure(week, count, total, blake2b(content.encode(), digest_size=8).hexdigest())


def span(database: Database[Any]) -> tuple[date, date] | None:
    """The Mondays of the first and of the last document, or None where there is none."""
    ends = []
    for direction in (1, -1):
        found = database[tables.TRANSACTIONS].find_one(
            ANY_DAY,
            {"_id": 0, "transaction_date": 1},
            sort=[("transaction_date", direction)],
        )
        if found is None:
            return None
        ends.append(monday_of(found["transaction_date"].date()))
    return ends[0], ends[1]


def _read(
    database: Database[Any], pipelines: Iterable[list[dict[str, Any]]], parallel: int
) -> pa.Table:
    collection = database[tables.TRANSACTIONS]
    sums = mongo.aggregate(collection, list(pipelines), pushdown.DIVISION_SUMS, parallel)
    return typed(sums, "total_amount", "refund_amount")


def typed(read: pa.Table, *amounts: str) -> pa.Table:
    """What MongoDB answered, with its instants as days and its decimal text as money."""
    for position, field in enumerate(read.schema):
        if field.name in amounts:
            read = read.set_column(position, field.name, as_money(read[position]))
        elif pa.types.is_timestamp(field.type):
            read = read.set_column(position, field.name, read[position].cast(pa.date32()))
    return read


def as_money(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimal text as money; where one does not fit, all as `WIDE`, NULL for what is no money."""
    try:
        return texts.cast(money.ARROW)
    except pa.ArrowInvalid:
        return pa.chunked_array([pa.array(map(_wide, texts.to_pylist()), WIDE)])


def _wide(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "NaN")
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount.adjusted() >= MOST_DIGITS:
        return None
    return amount if amount == round(amount, 2) else None


def slices(weeks: Sequence[date], count: int) -> Iterator[Sequence[date]]:
    """At most `count` runs of neighbouring weeks; a week is never split between two."""
    size = -(-len(weeks) // count)
    return (weeks[start : start + size] for start in range(0, len(weeks), size))


def parts(database: Database[Any], wanted: Sequence[date]) -> Iterator[Sequence[date]]:
    """The weeks in parts of neighbours, each small enough to be read at once.

    Args:
        database: where the documents are counted.
        wanted: Mondays, ascending, without a gap.
    """
    counts = {week: count(database, week, week) for week in wanted}
    return split(counts, wanted, DOCUMENTS_AT_ONCE)


def split(
    counts: Mapping[date, int], wanted: Sequence[date], at_most: int
) -> Iterator[Sequence[date]]:
    """Parts of neighbours of `at_most` documents, or of a single week with more.

    Args:
        counts: documents of each week.
        wanted: Mondays, ascending, without a gap.
        at_most: documents to read at once.
    """
    start = 0
    while start < len(wanted):
        room, end = at_most, start
        while end < len(wanted) and (end == start or counts[wanted[end]] <= room):
            room -= counts[wanted[end]]
            end += 1
        yield wanted[start:end]
        start = end
