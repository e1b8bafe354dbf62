"""Analyses of what is published: profiles, trend, comparison, headline; of believed hours only."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Engine, cast, func, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.rows import Wanted, matching
from txplatform.domains.air_quality.rules import Level, Rules
from txplatform.domains.air_quality.transforms import patterns, periods
from txplatform.domains.air_quality.transforms.daily import figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT, PLACES, Booleans
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.patterns import Cell, Comparison, Trend
from txplatform.domains.air_quality.transforms.periods import DaysSummary, Year, YearLevel

VALUE_PLACES = 6
COUNTED = ("day", "max_8h", "hour")
"""What levels are about that are exceeded so many times; a year is above or is not."""


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
    """How many valid days (or hours) lie above a level; those of a suspect sensor apart."""

    level: Level
    n_above: int
    n_valid: int
    n_suspect: int


def believed_hours(engine: Engine, station: str, zone: str, wanted: Wanted) -> Believed:
    """Read the hours of a station and of the one parameter that is wanted."""
    (parameter,) = wanted.parameters or ("pm25",)
    table = tables.air_hourly
    value = cast(table.c.value * 10**VALUE_PLACES, BigInteger).label("value")
    asked = wanted._replace(station_id=station, parameters=(parameter,))
    statement = select(table.c.hour_start, value, table.c.is_valid).where(*matching(table, asked))
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


def year_levels(found: Believed, rules: Rules, levels: Sequence[Level]) -> list[YearLevel]:
    """Calendar years against the levels of years."""
    return periods.year_levels(found.hours, found.believed, rules, levels)


def comparison(first: Believed, second: Believed) -> Comparison:
    """Two stations on their common believed hours."""
    sides = [(each.hours, each.believed) for each in (first, second)]
    return patterns.compare(sides[0], sides[1], first.parameter)


def counts_above(
    engine: Engine, station: str, levels: tuple[Level, ...], wanted: Wanted
) -> list[Count]:
    """How many valid, believed days lie above each level of days, or hours above one of hours."""
    above, daily = tables.air_exceedances, tables.air_daily
    keys = (above.c.parameter, above.c.level_set, above.c.compared, above.c.level)
    n_above, suspect = func.sum(above.c.n_above), above.c.is_suspect
    counts = (n_above, func.coalesce(n_above.filter(suspect), 0))
    asked = wanted._replace(station_id=station)
    exceeded = select(*keys, *counts).where(*matching(above, asked))
    counted = (func.count(daily.c.mean), func.count(daily.c.max_8h), func.sum(daily.c.n_hours))
    valid = select(daily.c.parameter, *counted).where(*matching(daily, asked), ~daily.c.is_suspect)
    with engine.connect() as connection:
        by_key = {tuple(row[:4]): row[4:] for row in connection.execute(exceeded.group_by(*keys))}
        n_valid = {row[0]: row[1:] for row in connection.execute(valid.group_by(daily.c.parameter))}
    return [_count(level, by_key, n_valid) for level in levels if level.mean in COUNTED]


def _count(level: Level, n_above: dict[tuple[Any, ...], Any], n_valid: dict[str, Any]) -> Count:
    key = (level.parameter, level.code, level.mean, level.level.quantize(Decimal("0.0001")))
    valid = dict(zip(COUNTED, n_valid.get(level.parameter, (0, 0, 0)), strict=True))
    every, suspect = n_above.get(key, (0, 0))
    return Count(level, every - suspect, valid[level.mean], suspect)
