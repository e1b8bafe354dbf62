"""What became of a station: its gaps, its events, and what its last fetches said."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from pymongo.database import Database
from sqlalchemy import Engine, Interval, cast, func, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.rows import Wanted, matching
from txplatform.domains.air_quality.queries.status import BOOKS
from txplatform.periods import HOUR

FETCHED = ("source", "status", "sentence", *BOOKS, "kind", "facts")


class Gap(NamedTuple):
    """Hours in a row for which a station sent nothing at all; `end` is the first that came."""

    station_id: str
    begin: datetime
    end: datetime
    hours: int


def gaps(engine: Engine, wanted: Wanted) -> list[Gap]:
    """The gaps of stations, the newest first."""
    table = tables.air_hourly
    hours = (table.c.station_id, table.c.hour_start)
    silent = select(*hours).where(*matching(table, wanted._replace(parameters=None)))
    silent = silent.group_by(*hours).having(func.count(table.c.value) == 0)
    each = silent.subquery()
    place = func.row_number().over(partition_by=each.c.station_id, order_by=each.c.hour_start)
    island = (each.c.hour_start - place * cast("1 hour", Interval)).label("island")
    placed = select(each.c.station_id, each.c.hour_start, island).subquery()
    ends = func.min(placed.c.hour_start), func.max(placed.c.hour_start) + HOUR, func.count()
    found = select(placed.c.station_id, *ends).group_by(placed.c.station_id, placed.c.island)
    with engine.connect() as connection:
        return [Gap(*row) for row in connection.execute(found.order_by(ends[0].desc()))]


def events(engine: Engine, station_id: str | None, size: int) -> list[dict[str, Any]]:
    """What officers were told of, those that last first, then the newest."""
    table = tables.air_events
    found = select(table).order_by(
        table.c.ended_at.is_not(None), table.c.began_at.desc(), table.c.event_id.desc()
    )
    if station_id:
        found = found.where(table.c.station_id == station_id)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(found.limit(size)).mappings()]


def fetches(database: Database[Any], station_id: str, size: int) -> list[dict[str, Any]]:
    """The newest fetches and imports of a station, with their books."""
    found = database[tables.FETCHES].find(
        {"station_id": station_id}, sort=[("started_at", -1)], limit=size
    )
    return [
        {
            "started_at": each["started_at"].replace(tzinfo=UTC),
            **{name: each.get(name) for name in FETCHED},
        }
        for each in found
    ]
