"""A week of the collection `transactions`: its sums, its measure and its fingerprint.

The measure (documents, amount, fingerprint) is what a computation is reconciled against and what
tells whether a computed week is stale. What is done with it lives in `assets.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

import pyarrow as pa
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms import pushdown

WEEK = timedelta(weeks=1)
MONEY = pa.decimal128(18, 2)
NO_DOCUMENTS = "empty"
SLICES_PER_READER = 4


class WeekMeasure(NamedTuple):
    """What the collection holds of one week; amounts in the platform's currency."""

    week_start: date
    document_count: int
    total_amount: Decimal
    fingerprint: str


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def mondays(first: date, last: date) -> list[date]:
    """Every Monday from `first` to `last`, inclusive."""
    return [first + WEEK * n for n in range((last - first) // WEEK + 1)]


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
    return pa.concat_tables([sums, refunds])


def measure(
    database: Database[Any], first: date, last: date, parallel: int
) -> dict[date, WeekMeasure]:
    """Measure every week from `first` to `last` in the collection, the silent ones included."""
    pipelines = map(pushdown.week_sums, mondays(first, last))
    return measures_of(_read(database, pipelines, parallel), first, last)


def count(database: Database[Any], first: date, last: date) -> int:
    """Number of documents of the weeks `first` to `last`; MongoDB counts keys of the index."""
    return database[tables.TRANSACTIONS].count_documents(pushdown.in_weeks(first, last))


def measures_of(sums: pa.Table, first: date, last: date) -> dict[date, WeekMeasure]:
    """The measure of every week from `first` to `last` that `sums` amount to."""
    columns = ("transaction_count", "total_amount", "fingerprint")
    grouped = sums.group_by("week_start").aggregate([(name, "sum") for name in columns])
    found = {row["week_start"]: row for row in grouped.to_pylist()}
    return {week: _measure(week, found.get(week)) for week in mondays(first, last)}


def _measure(week: date, row: Mapping[str, Any] | None) -> WeekMeasure:
    if row is None:
        return WeekMeasure(week, 0, Decimal("0.00"), NO_DOCUMENTS)
    count, total = row["transaction_count_sum"], row["total_amount_sum"]
    content = f"{count}|{total}|{row['fingerprint_sum']}"
    return WeekMeasure(week, count, total, blake2b(content.encode(), digest_size=8).hexdigest())


def span(database: Database[Any]) -> tuple[date, date] | None:
    """The Mondays of the first and of the last document, or None where there is none."""
    ends = []
    for direction in (1, -1):
        found = database[tables.TRANSACTIONS].find_one(
            {}, {"_id": 0, "transaction_date": 1}, sort=[("transaction_date", direction)]
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
    typed = {"week_start": pa.date32(), "total_amount": MONEY, "refund_amount": MONEY}
    return sums.cast(pa.schema([(f.name, typed.get(f.name, f.type)) for f in sums.schema]))


def slices(weeks: Sequence[date], count: int) -> Iterator[Sequence[date]]:
    """At most `count` runs of neighbouring weeks; a week is never split between two."""
    size = -(-len(weeks) // count)
    return (weeks[start : start + size] for start in range(0, len(weeks), size))
