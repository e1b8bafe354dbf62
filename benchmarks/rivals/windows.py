"""MongoDB alone: its window functions compute every column, one COPY brings them over."""

from typing import Any

from bson import Decimal128

from rivals.results import COLUMNS, copied
from txplatform.domains.spend import tables
from txplatform.platform import Platform


def _quotient(numerator: Any, denominator: str, digits: int) -> dict[str, Any]:
    """Half up, away from zero; MongoDB's own $round goes to the even digit."""
    size = {"$abs": {"$multiply": [numerator, Decimal128(str(10**digits))]}}
    doubled = {"$add": [{"$multiply": [size, 2]}, denominator]}
    floored = {"$floor": {"$divide": [doubled, {"$multiply": [denominator, 2]}]}}
    shifted = {"$divide": [floored, Decimal128(str(10**digits))]}
    signed = {"$cond": [{"$lt": [numerator, 0]}, {"$multiply": [shifted, -1]}, shifted]}
    return {"$cond": [{"$gt": [denominator, 0]}, signed, None]}


def _pipeline() -> list[dict[str, Any]]:
    total, department = "$total_amount", "$department_amount"
    refund = {"$cond": [{"$lt": ["$amount", 0]}, "$amount", Decimal128("0")]}
    truncated = {"$dateTrunc": {"date": "$transaction_date", "unit": "week", "startOfWeek": "mon"}}
    week_before = {"range": [-7, -7], "unit": "day"}
    return [
        {
            "$group": {
                "_id": {"week_start": truncated, "department": "$department", "d": "$division"},
                "total_amount": {"$sum": "$amount"},
                "refund_amount": {"$sum": refund},
                "transaction_count": {"$sum": 1},
            }
        },
        {
            "$set": {
                "week_start": "$_id.week_start",
                "department": "$_id.department",
                "division": "$_id.d",
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": {"week": "$week_start", "department": "$department"},
                "output": {"department_amount": {"$sum": total}},
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": "$week_start",
                "output": {"week_amount": {"$sum": total}},
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": "$department",
                "sortBy": {"week_start": 1},
                "output": {
                    "department_previous_amount": {"$max": department, "window": week_before}
                },
            }
        },
        _projection(),
    ]


def _projection() -> dict[str, Any]:
    total, department, week = "$total_amount", "$department_amount", "$week_amount"
    previous = "$department_previous_amount"
    change = {"$multiply": [{"$subtract": [department, previous]}, 100]}
    return {
        "$project": {
            "_id": 0,
            "week_start": 1,
            "department": 1,
            "division": 1,
            "transaction_count": 1,
            **{
                name: {"$toString": value}
                for name, value in {
                    "total_amount": total,
                    "refund_amount": "$refund_amount",
                    "department_amount": department,
                    "week_amount": week,
                    "department_share": _quotient(department, week, 6),
                    "division_share_of_department": _quotient(total, department, 6),
                    "division_share_of_week": _quotient(total, week, 6),
                    "department_previous_amount": previous,
                    "department_change_pct": _quotient(change, previous, 4),
                }.items()
            },
        }
    }


def run(platform: Platform, _: Any) -> str:
    """The whole collection in one aggregation."""
    found = platform.database[tables.TRANSACTIONS].aggregate(_pipeline(), allowDiskUse=True)
    rows = ({**row, "week_start": row["week_start"].date()} for row in found)
    return copied(platform, "by_windows", ([row.get(name) for name in COLUMNS] for row in rows))
