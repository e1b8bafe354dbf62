"""The newest of each station: last hour, index, next hours, and what cannot be believed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.sources.stations import Station

SILENT_AFTER = timedelta(hours=6)
CURRENT = timedelta(hours=3)
"""A NowCast needs two of three hours: one of a sensor that has been dead for longer is history."""


class Reading(NamedTuple):
    """The newest valid value of a parameter."""

    parameter: str
    hour_start: datetime
    value: Decimal
    flags: list[str]
    nowcast: Decimal | None
    nowcast_aqi: int | None


class Suspicion(NamedTuple):
    """A sensor that is not believed on the newest day."""

    parameter: str
    reason: str


class Now(NamedTuple):
    """What is known of a station at this moment."""

    station: Station
    last_hour: datetime | None
    is_silent: bool
    readings: list[Reading]
    suspicions: list[Suspicion]
    forecasts: list[dict[str, Any]]
    moves: list[datetime]
    """When it seems to have been carried elsewhere, while nobody has confirmed it."""

    @property
    def worst(self) -> Reading | None:
        """The current reading with the highest index, which is the station's."""
        with_index = [
            each
            for each in self.readings
            if each.nowcast_aqi is not None
            and self.last_hour is not None
            and each.hour_start > self.last_hour - CURRENT
        ]
        return max(with_index, key=lambda each: each.nowcast_aqi or 0, default=None)


def now(engine: Engine, stations: Iterable[Station]) -> list[Now]:
    """Each station's newest figures."""
    return [_of(engine, station) for station in stations]


def _of(engine: Engine, station: Station) -> Now:
    readings = _readings(engine, station.station_id)
    last = max((each.hour_start for each in readings), default=None)
    is_silent = last is None or datetime.now(UTC) - last > SILENT_AFTER
    return Now(
        station,
        last,
        is_silent,
        readings,
        _suspicions(engine, station.station_id),
        _forecasts(engine, station.station_id),
        _moves(engine, station.station_id),
    )


def _readings(engine: Engine, station_id: str) -> list[Reading]:
    table = tables.air_hourly
    newest = (
        select(table)
        .where(table.c.station_id == station_id, table.c.is_valid)
        .ext(distinct_on(table.c.parameter))
        .order_by(table.c.parameter, table.c.hour_start.desc())
    )
    names = Reading._fields
    with engine.connect() as connection:
        rows = connection.execute(newest).all()
    return [Reading(*(getattr(row, name) for name in names)) for row in rows]


def _suspicions(engine: Engine, station_id: str) -> list[Suspicion]:
    table = tables.air_daily
    newest = (
        select(func.max(table.c.local_date))
        .where(table.c.station_id == station_id, table.c.n_hours > 0)
        .scalar_subquery()
    )
    statement = select(table.c.parameter, table.c.suspicion).where(
        table.c.station_id == station_id, table.c.local_date == newest, table.c.is_suspect
    )
    with engine.connect() as connection:
        return [Suspicion(*row) for row in connection.execute(statement)]


def _moves(engine: Engine, station_id: str) -> list[datetime]:
    table = tables.air_events
    lasting = select(table.c.began_at).where(
        table.c.station_id == station_id, table.c.kind == "moved", table.c.ended_at.is_(None)
    )
    with engine.connect() as connection:
        return list(connection.execute(lasting.order_by(table.c.began_at)).scalars())


def _forecasts(engine: Engine, station_id: str) -> list[dict[str, Any]]:
    table = tables.air_forecasts
    statement = (
        select(table)
        .where(table.c.station_id == station_id)
        .order_by(table.c.parameter, table.c.horizon)
    )
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]
