"""Analyses of what is published: profiles, trend, comparison, headline; of believed hours only."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Engine, cast, func, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.rows import Wanted
from txplatform.domains.air_quality.rules import Level, Rules
from txplatform.domains.air_quality.transforms import patterns, periods
from txplatform.domains.air_quality.transforms.daily import figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT, PLACES, Booleans
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.patterns import Cell, Comparison, Trend
from txplatform.domains.air_quality.transforms.periods import DaysSummary, Year

VALUE_PLACES = 6


class Believed(NamedTuple):
    """A station's published hours of one parameter, and which of them are believed."""

    hours: StationHours
    parameter: str
    valid: Booleans
    suspect_days: Booleans

    @property
    def believed(self) -> Booleans:
        """Valid hours of days on which the sensor is not suspect."""
        return self.valid & ~self.suspect_days[self.hours.days.day_of_hour]


class Count(NamedTuple):
    """How many valid days lie above a level; those of a suspect sensor counted apart."""

    level: Level
    n_above: int
    n_valid: int
    n_suspect: int


def believed_hours(engine: Engine, station: str, zone: str, wanted: Wanted) -> Believed:
    """Read the hours of a station and of the one parameter that is wanted."""
    (parameter,) = wanted.parameters or ("pm25",)
    table = tables.air_hourly
    value = cast(table.c.value * 10**VALUE_PLACES, BigInteger).label("value")
    statement = select(table.c.hour_start, value, table.c.is_valid).where(
        table.c.station_id == station, table.c.parameter == parameter
    )
    for condition in _days(table, wanted):
        statement = statement.where(condition)
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    hours = np.array([row.hour_start.replace(tzinfo=None) for row in rows], "datetime64[h]")
    scale = 10 ** (PLACES - VALUE_PLACES)
    values = np.array(
        [ABSENT if row.value is None else row.value * scale for row in rows], np.int64
    )
    valid = np.array([row.is_valid for row in rows], dtype=bool)
    none = np.zeros(len(rows), dtype=bool)
    found = on_the_axis(station, zone, Received(hours, {parameter: values}, none, valid))
    suspect = _suspect_days(engine, station, parameter)
    is_suspect = np.isin(found.days.dates, np.array(suspect, "datetime64[D]"))
    return Believed(found, parameter, found.is_duplicate, is_suspect)


def _days(table: Any, wanted: Wanted) -> list[Any]:
    first = [table.c.local_date >= wanted.first] if wanted.first else []
    last = [table.c.local_date <= wanted.last] if wanted.last else []
    return first + last


def _suspect_days(engine: Engine, station: str, parameter: str) -> list[date]:
    table = tables.air_daily
    statement = select(table.c.local_date).where(
        table.c.station_id == station, table.c.parameter == parameter, table.c.is_suspect
    )
    with engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def profile(found: Believed) -> list[Cell]:
    """By local hour, weekday and month."""
    return patterns.profile(found.hours, found.parameter, found.believed)


def trend(found: Believed, rules: Rules) -> Trend:
    """The slope of the valid, believed days."""
    days = figures_of_days(found.hours, found.parameter, found.valid, rules)
    return patterns.trend(days, found.suspect_days)


def headline(found: Believed, rules: Rules) -> DaysSummary:
    """Mean, 99th percentile and maximum of the valid, believed days."""
    days = figures_of_days(found.hours, found.parameter, found.valid, rules)
    return periods.summary(days, found.suspect_days)


def years(found: Believed, rules: Rules) -> list[Year]:
    """Calendar years with their capture and legal means."""
    return periods.years(found.hours, found.parameter, found.believed, rules)


def comparison(first: Believed, second: Believed) -> Comparison:
    """Two stations on their common believed hours."""
    sides = [(each.hours, each.believed) for each in (first, second)]
    return patterns.compare(sides[0], sides[1], first.parameter)


def counts_above(
    engine: Engine, station: str, levels: tuple[Level, ...], wanted: Wanted
) -> list[Count]:
    """How many valid, believed days lie above each level of a day or of its 8-hour maximum."""
    above, daily = tables.air_exceedances, tables.air_daily
    keys = (above.c.parameter, above.c.level_set, above.c.compared, above.c.level)
    suspect = func.count().filter(above.c.is_suspect)
    exceeded = select(*keys, func.count(), suspect).where(above.c.station_id == station)
    valid = select(daily.c.parameter, func.count(daily.c.mean), func.count(daily.c.max_8h)).where(
        daily.c.station_id == station, ~daily.c.is_suspect
    )
    for condition in _days(above, wanted):
        exceeded = exceeded.where(condition)
    for condition in _days(daily, wanted):
        valid = valid.where(condition)
    with engine.connect() as connection:
        n_above = {tuple(row[:4]): row[4:] for row in connection.execute(exceeded.group_by(*keys))}
        n_valid = {row[0]: row[1:] for row in connection.execute(valid.group_by(daily.c.parameter))}
    return [_count(level, n_above, n_valid) for level in levels if level.mean in {"day", "max_8h"}]


def _count(level: Level, n_above: dict[tuple[Any, ...], Any], n_valid: dict[str, Any]) -> Count:
    key = (level.parameter, level.code, level.mean, level.level.quantize(Decimal("0.0001")))
    days, eight_hours = n_valid.get(level.parameter, (0, 0))
    every, suspect = n_above.get(key, (0, 0))
    return Count(level, every - suspect, days if level.mean == "day" else eight_hours, suspect)
