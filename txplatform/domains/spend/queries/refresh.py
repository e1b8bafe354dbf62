"""How long a purchase takes from its commit in MongoDB to the table that controllers read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from math import ceil
from typing import Any, NamedTuple

from pymongo.database import Database
from sqlalchemy import Engine, select, union

from txplatform.domains.spend import tables
from txplatform.domains.spend.tables import (
    computed_weeks,
    weekly_transactions,
    weekly_transactions_history,
)
from txplatform.ingestion.ledger import FINISHED

NEWEST = 1_000
"""Ingestions that are looked at."""


class Refresh(NamedTuple):
    """The newest change of a week: arrived, committed, and in the table (None: not yet)."""

    week_start: date
    arrived_at: datetime
    """When the ingestion that brought it began, which its documents say as `ingested_at`."""
    committed_at: datetime
    """When that ingestion had committed all its documents."""
    published_at: datetime | None
    last_published_at: datetime | None
    """The same of the newest change that is in the table, which an earlier one may be."""

    @property
    def seconds(self) -> float | None:
        """Seconds from the commit to the table."""
        at = self.published_at
        return None if at is None else (at - self.committed_at).total_seconds()


class RefreshTime(NamedTuple):
    """Refresh times of the weeks that ingestions changed; seconds from commit to table."""

    weeks: int
    waiting: int
    """Weeks that changed and were not computed since."""
    p50_seconds: float | None
    p95_seconds: float | None
    last_published_at: datetime | None


def refresh_time(engine: Engine, database: Database[Any]) -> RefreshTime:
    """The refresh times summed up; empty percentiles where nothing was published yet."""
    return summed_up(refreshes(engine, database))


def summed_up(found: Sequence[Refresh]) -> RefreshTime:
    """The refresh times of some weeks in one line."""
    seconds = sorted(one.seconds for one in found if one.seconds is not None)
    return RefreshTime(
        len(found),
        len(found) - len(seconds),
        percentile(seconds, 0.5),
        percentile(seconds, 0.95),
        max((one.last_published_at for one in found if one.last_published_at), default=None),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value that `share` of the sorted values do not exceed (nearest rank); None of none."""
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def refreshes(engine: Engine, database: Database[Any]) -> list[Refresh]:
    """The newest change of each week that one of the newest ingestions changed, by week."""
    changes: dict[date, list[tuple[datetime, datetime]]] = {}
    finished = database[tables.INGESTIONS].find(
        {"status": FINISHED, "weeks": {"$ne": []}}, ["weeks", "started_at", "finished_at"]
    )
    for one in finished.sort("started_at", -1).limit(NEWEST):
        times = (_in_utc(one["started_at"]), _in_utc(one["finished_at"]))
        for week in one["weeks"]:
            changes.setdefault(week.date(), []).append(times)
    stamps = _stamps(engine, list(changes))
    return [_of_week(week, changes[week], stamps.get(week, ())) for week in sorted(changes)]


def _of_week(
    week: date, changes: Sequence[tuple[datetime, datetime]], stamps: Sequence[datetime]
) -> Refresh:
    """The newest of a week's changes, which come newest first."""
    published = [
        min((stamp for stamp in stamps if stamp >= committed), default=None)
        for _, committed in changes
    ]
    return Refresh(week, *changes[0], published[0], next(filter(None, published), None))


def _in_utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC)


def _stamps(engine: Engine, weeks: list[date]) -> dict[date, list[datetime]]:
    """When something of each week was written, removed or found unchanged."""
    sources = (
        (weekly_transactions, weekly_transactions.c.computed_at),
        (weekly_transactions_history, weekly_transactions_history.c.valid_to),
        (computed_weeks, computed_weeks.c.computed_at),
    )
    statements = (
        select(table.c.week_start, at).where(table.c.week_start.in_(weeks)).distinct()
        for table, at in sources
    )
    found: dict[date, list[datetime]] = {}
    with engine.connect() as connection:
        for week, at in connection.execute(union(*statements)):
            found.setdefault(week, []).append(at)
    return found
