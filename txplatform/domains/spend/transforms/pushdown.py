"""The sums per week, department and division as a MongoDB pipeline: documents stay in MongoDB.

The pipeline is the same step as `weekly.division_sums`, so Spark receives groups instead of
documents. The covering index of `transactions` (see `tables.INDEXES`) answers it alone.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from txplatform.domains.spend.tables import FINGERPRINT_FIELD

WEEK = timedelta(weeks=1)
ANCHOR = datetime(1900, 1, 1)
"""A Monday before any data. `$mod` keeps the sign of its operand: a later anchor would put the
rows before it into the wrong week. Arithmetic takes half the time of `$dateTrunc`."""

DIVISION_SUMS = pa.schema(
    [
        ("week_start", pa.timestamp("ms")),
        ("department", pa.string()),
        ("division", pa.string()),
        ("total_amount", pa.string()),
        ("refund_amount", pa.string()),
        ("transaction_count", pa.int64()),
        ("fingerprint", pa.int64()),
    ]
)
"""What the pipeline returns. Amounts are exact decimal text: a sum that happens to be zero
arrives as BSON int32 among Decimal128, and text carries both without loss."""


def at_midnight(day: date) -> datetime:
    """The instant under which a purchase of `day` is stored: midnight UTC, as naive datetime."""
    return datetime.combine(day, time())


def in_weeks(first: date, last: date) -> dict[str, Any]:
    """Filter of the documents of the weeks from Monday `first` to Monday `last`, inclusive."""
    return {"transaction_date": {"$gte": at_midnight(first), "$lt": at_midnight(last + WEEK)}}


def week_start_of(field: str) -> dict[str, Any]:
    """Expression for the Monday of a date field."""
    week_ms = int(WEEK.total_seconds() * 1000)
    since_monday = {"$mod": [{"$subtract": [field, ANCHOR]}, week_ms]}
    return {"$subtract": [field, since_monday]}


def division_sums(first: date, last: date) -> list[dict[str, Any]]:
    """Pipeline: one document per week, department and division, in the shape `DIVISION_SUMS`."""
    names = ("department", "division")
    return _sums(first, last, {name: f"${name}" for name in names})


def week_sums(first: date, last: date) -> list[dict[str, Any]]:
    """Pipeline: one document per week, in the shape `DIVISION_SUMS` with blank names.

    It asks MongoDB another question than `division_sums`, so the two can be held against
    each other.
    """
    pipeline = _sums(first, last, {})
    return [*pipeline, {"$addFields": {"department": "", "division": ""}}]


def _sums(first: date, last: date, keys: dict[str, str]) -> list[dict[str, Any]]:
    refund = {"$cond": [{"$lt": ["$amount", 0]}, "$amount", 0]}
    group = {"week_start": week_start_of("$transaction_date"), **keys}
    return [
        {"$match": in_weeks(first, last)},
        {
            "$group": {
                "_id": group,
                "total_amount": {"$sum": "$amount"},
                "refund_amount": {"$sum": refund},
                "transaction_count": {"$sum": 1},
                "fingerprint": {"$sum": f"${FINGERPRINT_FIELD}"},
            }
        },
        {
            "$project": {
                "_id": 0,
                **{key: f"$_id.{key}" for key in group},
                "total_amount": {"$toString": "$total_amount"},
                "refund_amount": {"$toString": "$refund_amount"},
                "transaction_count": {"$toLong": "$transaction_count"},
                "fingerprint": {"$toLong": "$fingerprint"},
            }
        },
    ]
