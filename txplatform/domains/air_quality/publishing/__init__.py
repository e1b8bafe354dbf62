"""The one write path of the figures: days of a station replaced in one database transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from txplatform.connectors.period_tables import Grain, PeriodTable, Replacement
from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.models.forecast import NextHour
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms import CODE_VERSION
from txplatform.domains.air_quality.transforms.rows import StationRows

DAY, STATION = "local_date", "station_id"
HOURLY = PeriodTable(
    tables.air_hourly,
    tables.air_hourly_history,
    Grain(DAY, tables.HOURLY_KEY, tables.HOURLY_VALUES, within=STATION),
)
DAILY = PeriodTable(
    tables.air_daily,
    tables.air_daily_history,
    Grain(DAY, tables.DAILY_KEY, tables.DAILY_VALUES, within=STATION),
)
EXCEEDANCES = PeriodTable(
    tables.air_exceedances,
    tables.air_exceedances_history,
    Grain(DAY, tables.EXCEEDANCE_KEY, tables.EXCEEDANCE_VALUES, within=STATION),
)


class Stamp(NamedTuple):
    """Which run writes, by which rules."""

    run_id: str
    rules_version: str


def publish(
    engine: Engine, station_id: str, days: Sequence[date], rows: StationRows, stamp: Stamp
) -> dict[date, Replacement]:
    """Replace days of a station in all tables at once, and note what they were computed from.

    Returns:
        By day, what happened to the rows of `air_daily`.
    """
    with engine.begin() as connection:
        for table, part in zip((HOURLY, DAILY, EXCEEDANCES), rows, strict=True):
            done = table.put(connection, part, days, stamp.run_id, only=[station_id])
            if table is DAILY:
                replaced = done
        _note_computed(connection, station_id, days, stamp)
    return replaced


def _note_computed(
    connection: Connection, station_id: str, days: Sequence[date], stamp: Stamp
) -> None:
    source = tables.source_days
    known = select(source.c.local_date, source.c.changed_at).where(
        (source.c.station_id == station_id) & source.c.local_date.in_(days)
    )
    changed_at = {row.local_date: row.changed_at for row in connection.execute(known)}
    rows = [
        {
            "station_id": station_id,
            "local_date": day,
            "changed_at": changed_at.get(day),
            "code_version": CODE_VERSION,
            "rules_version": stamp.rules_version,
            "computed_at": func.clock_timestamp(),
            "run_id": stamp.run_id,
        }
        for day in days
    ]
    new = insert(tables.computed_days).values(rows)
    others = {name: new.excluded[name] for name in rows[0] if name not in {STATION, DAY}}
    connection.execute(new.on_conflict_do_update(index_elements=[STATION, DAY], set_=others))


def publish_stations(engine: Engine, stations: Sequence[Station]) -> None:
    """Say who the stations are whose figures are published: by their names they are known."""
    rows = [
        {
            "station_id": each.station_id,
            "station": each.name,
            "place": each.place,
            "zone": each.figures_zone,
            "latitude": each.latitude,
            "longitude": each.longitude,
        }
        for each in stations
    ]
    new = insert(tables.air_stations)
    said = {column.name: new.excluded[column.name] for column in tables.air_stations.c}
    with engine.begin() as connection:
        if rows:
            connection.execute(new.on_conflict_do_update(index_elements=[STATION], set_=said), rows)


def publish_forecasts(
    engine: Engine, station_id: str, hours: Mapping[str, Sequence[NextHour]], run_id: str
) -> None:
    """Replace the next hours of a station; no forecast is better than one of old hours."""
    table = tables.air_forecasts
    rows = [
        _forecast_row(station_id, name, hour, run_id)
        for name, each in hours.items()
        for hour in each
    ]
    with engine.begin() as connection:
        connection.execute(delete(table).where(table.c.station_id == station_id))
        if rows:
            connection.execute(insert(table).values(rows))


def _forecast_row(station_id: str, parameter: str, hour: NextHour, run_id: str) -> dict[str, Any]:
    return {
        "station_id": station_id,
        "parameter": parameter,
        "horizon": hour.horizon,
        "hour_start": hour.hour_start,
        **hour.expected._asdict(),
        "is_persistence": hour.is_persistence,
        "n_scored": hour.score.n,
        "rmse": hour.score.rmse,
        "persistence_rmse": hour.score.persistence_rmse,
        "coverage_pct": hour.score.coverage_pct,
        "computed_at": func.clock_timestamp(),
        "run_id": run_id,
    }
