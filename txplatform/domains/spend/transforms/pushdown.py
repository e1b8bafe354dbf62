"""The sums per week, department and division as a MongoDB pipeline: documents stay in MongoDB.

The pipelines are the same step as `weekly.division_sums`, so Spark receives groups instead of
documents. Indexes of `transactions` answer them alone (see `tables.INDEXES`): one of all purchases,
one of refunds.
"""

from datetime import date, datetime, time
from typing import Any

import pyarrow as pa

from txplatform.domains.spend.tables import AS_TEXT, FINGERPRINT_FIELD, NO_AMOUNT, REFUNDS
from txplatform.periods import WEEK

ZERO, NO_SUM, NOTHING = {"$literal": "0.00"}, {"$literal": "NaN"}, {"$toLong": {"$literal": 0}}
_DIVISION = {name: f"${name}" for name in ("department", "division")}
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
"""What the pipeline returns. Amounts are decimal text, which arrives in Arrow without loss."""


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


def text_or_null(field: str) -> dict[str, Any]:
    """Expression for a name; what is none is NULL, which Arrow takes for text."""
    return {"$cond": [{"$eq": [{"$type": field}, "string"]}, field, None]}


def division_sums(week: date) -> list[dict[str, Any]]:
    """Pipeline: a document per department and division of a week, in the shape `DIVISION_SUMS`.

    Refunds apart, which are those of `refund_sums`: to tell them among all purchases would take
    MongoDB a fifth longer.
    """
    return _sums(week, _DIVISION)


def refund_sums(first: date, last: date) -> list[dict[str, Any]]:
    """Pipeline: a document per week, department and division with refunds, and nothing but them.

    In the shape `DIVISION_SUMS`; `division_sums` has counted these purchases already.
    """
    week = {"week_start": week_start_of("$transaction_date")}
    return [
        {"$match": {**in_weeks(first, last), **REFUNDS}},
        {"$group": {"_id": {**week, **_DIVISION}, "refund_amount": {"$sum": "$amount"}}},
        {
            "$project": {
                "_id": 0,
                "week_start": "$_id.week_start",
                **{key: text_or_null(f"$_id.{key}") for key in _DIVISION},
                "total_amount": ZERO,
                "refund_amount": {"$toString": "$refund_amount"},
                "transaction_count": NOTHING,
                "fingerprint": NOTHING,
            }
        },
    ]


def left_out_of_sums(first: date, last: date) -> list[list[dict[str, Any]]]:
    """Pipelines: a document per week, department and division with amounts that are no numbers.

    In the shape `DIVISION_SUMS`, with a total that is none: `$sum` passes over such an amount, be
    it text or missing. Each is answered by an index that holds nothing else.
    """
    week = {"week_start": week_start_of("$transaction_date")}
    return [
        [
            {"$match": {**in_weeks(first, last), **odd}},
            {"$group": {"_id": {**week, **_DIVISION}}},
            {
                "$project": {
                    "_id": 0,
                    "week_start": "$_id.week_start",
                    **{key: text_or_null(f"$_id.{key}") for key in _DIVISION},
                    "total_amount": NO_SUM,
                    "refund_amount": ZERO,
                    "transaction_count": NOTHING,
                    "fingerprint": NOTHING,
                }
            },
        ]
        for odd in (AS_TEXT, NO_AMOUNT)
    ]


def week_sums(week: date) -> list[dict[str, Any]]:
    """Pipeline: one document for a week, if it has any, in the shape `DIVISION_SUMS`.

    It asks MongoDB another question than `division_sums`, so the two can be held against
    each other.
    """
    return [*_sums(week, {}), {"$addFields": {"department": "", "division": ""}}]


def _sums(week: date, group: dict[str, str]) -> list[dict[str, Any]]:
    # Week by week: a group key that says the week takes longer.
    return [
        {"$match": in_weeks(week, week)},
        {
            "$group": {
                "_id": group,
                "total_amount": {"$sum": "$amount"},
                "transaction_count": {"$sum": 1},
                "fingerprint": {"$sum": f"${FINGERPRINT_FIELD}"},
            }
        },
        {
            "$project": {
                "_id": 0,
                "week_start": {"$literal": at_midnight(week)},
                **{key: text_or_null(f"$_id.{key}") for key in group},
                "total_amount": {"$toString": "$total_amount"},
                "refund_amount": ZERO,
                "transaction_count": {"$toLong": "$transaction_count"},
                "fingerprint": {"$toLong": "$fingerprint"},
            }
        },
    ]
