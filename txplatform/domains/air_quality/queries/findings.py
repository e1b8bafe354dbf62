"""What an officer should know: incomplete days, sensors that drift, stations that are silent."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pymongo.database import Database
from sqlalchemy import Engine, Select, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.sources.documents import last_hour
from txplatform.domains.air_quality.sources.stations import FILES, Station


def incomplete_days(engine: Engine, parameter: str, first: date, last: date) -> list[str]:
    """Closed days of a parameter without enough hours for a mean, each in a sentence."""
    table = tables.air_daily
    statement = select(table).where(
        table.c.parameter == parameter,
        table.c.local_date.between(first, last),
        table.c.local_date < datetime.now(UTC).date(),
        table.c.mean.is_(None),
    )
    return [
        f"{row.local_date}: station {row.station_id} has {row.n_hours} of {row.n_expected} hours"
        for row in _rows(engine, statement.order_by(table.c.local_date, table.c.station_id))
    ]


def suspect_sensors(engine: Engine, first: date, last: date) -> list[str]:
    """Sensors whose drift alarm holds on a day, each in a sentence."""
    table = tables.air_daily
    statement = select(table).where(table.c.local_date.between(first, last), table.c.is_suspect)
    return [
        f"{row.local_date}: {row.parameter} of station {row.station_id} ({row.suspicion})"
        for row in _rows(engine, statement.order_by(table.c.local_date, table.c.station_id))
    ]


def silent_stations(
    database: Database[Any], stations: Iterable[Station], limit: timedelta
) -> list[str]:
    """Stations whose network told nothing for longer than a limit, each in a sentence."""
    now = datetime.now(UTC)
    heard = {station: last_hour(database, station.station_id) for station in stations}
    return [
        f"{station.name} was last heard of {f'at {last:%Y-%m-%d %H:%M} (UTC)' if last else 'never'}"
        for station, last in heard.items()
        if station.provider != FILES and (last is None or now - last > limit)
    ]


def _rows(engine: Engine, statement: Select[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(statement))
