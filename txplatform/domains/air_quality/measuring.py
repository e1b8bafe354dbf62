"""What MongoDB holds of each day, counted."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from pymongo.database import Database

from txplatform.domains.air_quality import tables
from txplatform.periods import DAY


def measure_days(database: Database[Any], days: Sequence[date]) -> dict[date, dict[str, Any]]:
    """By day (UTC), how many hours of how many stations are stored, and the last change."""
    if not days:
        return {}
    first, last = (datetime.combine(pick(days), time(), UTC) for pick in (min, max))
    pipeline: list[dict[str, Any]] = [
        {"$match": {"hour_start": {"$gte": first, "$lt": last + DAY}}},
        {
            "$group": {
                "_id": {"$dateTrunc": {"date": "$hour_start", "unit": "day"}},
                "hours": {"$sum": 1},
                "stations": {"$addToSet": "$station_id"},
                "fetched_at": {"$max": "$fetched_at"},
            }
        },
    ]
    found = {row["_id"].date(): row for row in database[tables.AIR_HOURS].aggregate(pipeline)}
    return {day: _figures(found.get(day)) for day in days}


def _figures(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"hours": 0, "stations": 0}
    last = row["fetched_at"].isoformat(timespec="seconds")
    return {"hours": row["hours"], "stations": len(row["stations"]), "last_fetch": last}
