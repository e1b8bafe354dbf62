"""What the alert rules read of the collection `transactions`, as Arrow: purchases, merchants.

Amounts travel as exact decimal text. Memory grows with the weeks that are asked for; nothing
becomes a list of Python documents.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from bson.decimal128 import Decimal128
from pyarrow import compute as pc
from pymongo.database import Database

from txplatform import money
from txplatform.connectors import mongo
from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.measuring import WeekMeasure, unfit
from txplatform.domains.spend.rules.benford import LOWEST_AMOUNT
from txplatform.domains.spend.rules.merchant_keys import UNKNOWN
from txplatform.domains.spend.tables import FINGERPRINT_FIELD
from txplatform.domains.spend.transforms.pushdown import (
    NO_SUM,
    in_weeks,
    text_or_null,
    week_start_of,
)
from txplatform.periods import mondays

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
    "amount": {"$cond": [{"$isNumber": "$amount"}, {"$toString": "$amount"}, NO_SUM]},
}
_DECLARED: dict[str, Any] = {
    "transaction_id": {"$convert": {"input": "$transaction_id", "to": "string", "onError": None}},
    **{name: text_or_null(f"${name}") for name in NAMES},
    FINGERPRINT_FIELD: {
        "$convert": {"input": f"${FINGERPRINT_FIELD}", "to": "long", "onError": 0, "onNull": 0}
    },
}
"""What somebody may have written otherwise, in the types of `_PURCHASES`."""
_DIGITS = pa.schema(
    [
        ("week", pa.timestamp("ms")),
        ("department", pa.string()),
        ("two_digits", pa.string()),
        ("count", pa.int64()),
    ]
)
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
    fields = {"_id": 0, **{name: _COMPUTED.get(name, 1) for name in _PURCHASES.names}}
    parts = measuring.slices(mondays(first, last), parallel * measuring.SLICES_PER_READER)
    pipelines = [[{"$match": in_weeks(part[0], part[-1])}, {"$project": fields}] for part in parts]
    try:
        found = mongo.aggregate(database[tables.TRANSACTIONS], pipelines, _PURCHASES, parallel)
    except TypeError:  # a name or an id that is no text; to ask for each would take a tenth longer
        pipelines = [[*pipeline, {"$set": _DECLARED}] for pipeline in pipelines]
        found = mongo.aggregate(database[tables.TRANSACTIONS], pipelines, _PURCHASES, parallel)
    return measuring.typed(found, "amount")


def digit_counts(database: Database[Any], first: date, last: date, parallel: int) -> pa.Table:
    """How many amounts of a week and department begin with each two digits.

    Refunds and amounts below 10 do not count. The covering index has all that is asked for:
    MongoDB reads no document, and answers with counts.

    Returns:
        `week` (date), `department`, `two_digits` (int) and `count`.
    """
    parts = measuring.slices(mondays(first, last), parallel * measuring.SLICES_PER_READER)
    pipelines = [_digit_counts(part[0], part[-1]) for part in parts]
    found = mongo.aggregate(database[tables.TRANSACTIONS], pipelines, _DIGITS, parallel)
    digits = found["two_digits"].cast(pa.int32())
    return measuring.typed(found.set_column(2, "two_digits", digits))


def _digit_counts(first: date, last: date) -> list[dict[str, Any]]:
    counted = {"$gte": Decimal128(LOWEST_AMOUNT), "$lte": Decimal128(money.LARGEST)}
    # Added to 0.00 it is written with all of its digits: 1E+3 would begin with an E.
    written = {"$toString": {"$add": ["$amount", Decimal128("0.00")]}}
    digits = {"$substrBytes": [written, 0, 2]}
    key = {
        "week": week_start_of("$transaction_date"),
        "department": "$department",
        # Somebody may have written a list of amounts, which is more than 10 as well.
        "two_digits": {"$cond": [{"$isNumber": "$amount"}, digits, None]},
    }
    return [
        {"$match": {**in_weeks(first, last), "amount": counted, "department": {"$type": "string"}}},
        {"$group": {"_id": key, "count": {"$sum": 1}}},
        {"$match": {"_id.two_digits": {"$ne": None}}},
        {"$project": {"_id": 0, **{name: f"$_id.{name}" for name in key}, "count": 1}},
    ]


def find_unfit(read: pa.Table) -> unfit.Unfit:
    """The weeks whose purchases the rules could not read or add up, and their departments."""
    sums = {
        **{name: read[name] for name in unfit.KEY},
        "total_amount": pc.abs(read["amount"]),
        "refund_amount": pa.nulls(read.num_rows, money.ARROW).fill_null(Decimal(0)),
    }
    nameless = pc.or_(*(pc.is_null(read[name]) for name in ("merchant", "category")))
    found = {week: set[str | None]() for week in read.filter(nameless)["week_start"].to_pylist()}
    return {**found, **unfit.find(pa.table(sums))}


def left_out(read: pa.Table, found: unfit.Unfit) -> pa.Table:
    """The purchases without those of these weeks, amounts as money."""
    kept = read.filter(pc.invert(pc.is_in(read["week_start"], pa.array(found, pa.date32()))))
    position = kept.schema.get_field_index("amount")
    return kept.set_column(position, "amount", kept["amount"].cast(money.ARROW))


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
    return measuring.measures_of(of_weeks, first, last)


def merchants(database: Database[Any]) -> pa.Table:
    """Every merchant, as the source names it, in all documents.

    Returns:
        `merchant`, `purchase_count`, `total_amount` and `first_day` (date) of its purchases;
        refunds and zeros left out.
    """
    sums = {
        "purchase_count": {"$sum": 1},
        "total_amount": {"$sum": "$amount"},
        "first_day": {"$min": "$transaction_date"},
    }
    pipeline: list[dict[str, Any]] = [
        {"$match": {"amount": {"$gt": 0}, **measuring.ANY_DAY}},
        {
            "$group": {
                "_id": merchant_or_unknown(),
                **sums,
                "first_day": {"$min": "$transaction_date"},
            }
        },
        {
            "$project": {
                "_id": 0,
                "merchant": "$_id",
                "purchase_count": 1,
                "total_amount": {"$toString": fitting("$total_amount")},
                "first_day": 1,
            }
        },
    ]
    found = mongo.aggregate(database[tables.TRANSACTIONS], [pipeline], _MERCHANTS, 1)
    return measuring.typed(found, "total_amount")


def merchant_or_unknown() -> dict[str, Any]:
    """Expression for the merchant as the source names it."""
    return {"$ifNull": [text_or_null("$merchant"), UNKNOWN]}


def fitting(field: str) -> dict[str, Any]:
    """Expression for a merchant's sum, or the largest that a column holds: nothing hangs on it."""
    return {"$round": [{"$min": [field, Decimal128(money.LARGEST)]}, 2]}


def first_busy_week(database: Database[Any], fewest: int) -> date | None:
    """The Monday of the first week that has at least `fewest` transactions, if any.

    MongoDB stops counting a week there, and mostly the first weeks are busy.
    """
    ends = measuring.span(database)
    collection = database[tables.TRANSACTIONS]
    for week in mondays(*ends) if ends else ():
        if collection.count_documents(in_weeks(week, week), limit=fewest) >= fewest:
            return week
    return None


def first_day(database: Database[Any]) -> date | None:
    """The day of the very first transaction; None: there is none."""
    found = database[tables.TRANSACTIONS].find_one(
        measuring.ANY_DAY, {"_id": 0, "transaction_date": 1}, sort=[("transaction_date", 1)]
    )
    day: date | None = found["transaction_date"].date() if found else None
    return day
