"""What the alert rules read of the collection `transactions`, as Arrow: purchases, merchants.

Amounts travel as exact decimal text. Memory grows with the weeks that are asked for; nothing
becomes a list of Python documents.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.spend import tables, weeks
from txplatform.domains.spend.tables import FINGERPRINT_FIELD
from txplatform.domains.spend.transforms.pushdown import in_weeks, week_start_of
from txplatform.domains.spend.weeks import MONEY, WeekMeasure

NAMES = ("department", "division", "merchant", "category", "card")

_PURCHASES = pa.schema(
    [
        ("transaction_id", pa.string()),
        *((name, pa.string()) for name in NAMES),
        ("transaction_date", pa.timestamp("ms")),
        ("week_start", pa.timestamp("ms")),
        ("amount", pa.string()),
        (FINGERPRINT_FIELD, pa.int64()),
    ]
)
_COMPUTED: Mapping[str, Any] = {
    "transaction_id": "$_id",
    "week_start": week_start_of("$transaction_date"),
    "amount": {"$toString": "$amount"},
}
_TYPED = {"transaction_date": pa.date32(), "week_start": pa.date32(), "amount": MONEY}
_MERCHANTS = pa.schema(
    [
        ("merchant", pa.string()),
        ("purchase_count", pa.int32()),
        ("total_amount", pa.string()),
        ("first_day", pa.timestamp("ms")),
    ]
)


def purchases(database: Database[Any], first: date, last: date, parallel: int) -> pa.Table:
    """Every transaction of the weeks `first` to `last`, refunds too; unordered.

    Returns:
        The columns that the rules read (`rules.purchases.TRANSACTION_COLUMNS`: text,
        `transaction_date` a date, `amount` decimal(18, 2)), and `week_start` and `fingerprint`,
        by which `measures` tells what was read.
    """
    return _read(database, first, last, parallel, _PURCHASES.names)


def amounts(database: Database[Any], first: date, last: date, parallel: int) -> pa.Table:
    """The same transactions with `department`, `transaction_date` and `amount` alone.

    The covering index has them: MongoDB reads no document.
    """
    return _read(database, first, last, parallel, ("department", "transaction_date", "amount"))


def _read(
    database: Database[Any], first: date, last: date, parallel: int, names: Iterable[str]
) -> pa.Table:
    fields = {"_id": 0, **{name: _COMPUTED.get(name, 1) for name in names}}
    parts = weeks.slices(weeks.mondays(first, last), parallel * weeks.SLICES_PER_READER)
    pipelines = [[{"$match": in_weeks(part[0], part[-1])}, {"$project": fields}] for part in parts]
    read = pa.schema([_PURCHASES.field(name) for name in names])
    found = mongo.aggregate(database[tables.TRANSACTIONS], pipelines, read, parallel)
    return found.cast(pa.schema([(f.name, _TYPED.get(f.name, f.type)) for f in found.schema]))


def measures(read: pa.Table, first: date, last: date) -> Mapping[date, WeekMeasure]:
    """The measure of each week from `first` to `last` of what `purchases` read.

    So a week of alerts says exactly which documents it comes from, and an ingestion at the same
    time leaves it stale instead of wrong.
    """
    of_weeks = pa.table(
        {
            "week_start": read["week_start"],
            "transaction_count": pa.repeat(1, read.num_rows),
            "total_amount": read["amount"],
            "fingerprint": read[FINGERPRINT_FIELD],
        }
    )
    return weeks.measures_of(of_weeks, first, last)


def merchants(database: Database[Any]) -> pa.Table:
    """Every merchant, as the source names it, in all documents.

    Returns:
        `merchant`, `purchase_count`, `total_amount` and `first_day` (date) of its purchases;
        refunds and zeros left out.
    """
    sums = {"purchase_count": {"$sum": 1}, "total_amount": {"$sum": "$amount"}}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"amount": {"$gt": 0}}},
        {"$group": {"_id": "$merchant", **sums, "first_day": {"$min": "$transaction_date"}}},
        {
            "$project": {
                "_id": 0,
                "merchant": "$_id",
                "purchase_count": 1,
                "total_amount": {"$toString": "$total_amount"},
                "first_day": 1,
            }
        },
    ]
    found = mongo.aggregate(database[tables.TRANSACTIONS], [pipeline], _MERCHANTS, 1)
    typed = {"total_amount": MONEY, "first_day": pa.date32()}
    return found.cast(pa.schema([(f.name, typed.get(f.name, f.type)) for f in found.schema]))


def first_busy_week(database: Database[Any], fewest: int) -> date | None:
    """The Monday of the first week that has at least `fewest` transactions, if any.

    MongoDB stops counting a week there, and mostly the first weeks are busy.
    """
    ends = weeks.span(database)
    collection = database[tables.TRANSACTIONS]
    for week in weeks.mondays(*ends) if ends else ():
        if collection.count_documents(in_weeks(week, week), limit=fewest) >= fewest:
            return week
    return None


def first_day(database: Database[Any]) -> date | None:
    """The day of the very first transaction; None: there is none."""
    found = database[tables.TRANSACTIONS].find_one(
        {}, {"_id": 0, "transaction_date": 1}, sort=[("transaction_date", 1)]
    )
    day: date | None = found["transaction_date"].date() if found else None
    return day
