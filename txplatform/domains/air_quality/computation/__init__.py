"""One computation: the stored hours of a station to the rows of its days, published at once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np

from txplatform.connectors.period_tables import Replacement
from txplatform.domains.air_quality import planning, publishing
from txplatform.domains.air_quality.computation.stored import Window, stored_hours
from txplatform.domains.air_quality.models.forecast import NextHour, forecast
from txplatform.domains.air_quality.publishing import Stamp
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.sources import documents
from txplatform.domains.air_quality.sources.fetching import exclusive
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms.figures import StationFigures, figures_of
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.parameters import PARTICLES
from txplatform.domains.air_quality.transforms.rows import rows_of
from txplatform.platform import Platform

LEARNT = timedelta(days=400)
"""Hours that a forecast is fitted on and scored with."""

PREDICTED = (*PARTICLES, "co")


class Computed(NamedTuple):
    """What computing days of a station did."""

    station_id: str
    days: list[date]
    rows: Mapping[date, Replacement]
    """Of `air_daily`, by day."""

    @property
    def total(self) -> Replacement:
        """Of all days."""
        return added(self.rows.values())


def added(parts: Iterable[Replacement]) -> Replacement:
    """Several replacements as one."""
    counts = [sum(column) for column in zip(*parts, strict=True)]
    return Replacement(*counts) if counts else Replacement(0, 0, 0)


def compute(
    platform: Platform, basis: Basis, station: Station, days: Collection[date], run_id: str
) -> Computed:
    """Compute local days of a station and publish them; with the newest hours, what comes next.

    A fetch of the station waits meanwhile, so that no change falls between reading and the mark.
    """
    wanted = sorted(days)
    with exclusive(platform, station):
        figures = figures_of(_hours_around(platform, station, wanted), basis.rules)
        marked = np.isin(figures.hours.days.dates, np.array(wanted, dtype="datetime64[D]"))
        rows = rows_of(figures, basis.levels, marked)
        stamp = Stamp(run_id, basis.rules.version)
        done = publishing.publish(platform.engine, station.station_id, wanted, rows, stamp)
        if len(marked) and marked[-1]:
            ahead = next_hours(figures)
            publishing.publish_forecasts(platform.engine, station.station_id, ahead, run_id)
    return Computed(station.station_id, wanted, done)


def _hours_around(platform: Platform, station: Station, days: list[date]) -> StationHours:
    """The hours of some days, and of those before that their figures depend on."""
    start = _midnight(days[0]) - planning.REACH
    newest = documents.last_hour(platform.database, station.station_id)
    end = _midnight(days[-1]) + timedelta(days=2)
    if newest is not None and newest < end:
        start = min(start, newest - LEARNT)
    return stored_hours(platform.database, station, Window(start, end))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def next_hours(figures: StationFigures) -> dict[str, list[NextHour]]:
    """By parameter, the next hours as of the last believed one."""
    return {name: forecast(figures.hours, name, figures.believed(name)) for name in PREDICTED}


def compute_stale(platform: Platform, basis: Basis, run_id: str) -> list[Computed]:
    """Compute what fetches made stale, station by station."""
    stale = planning.stale_days(platform.engine, basis.rules)
    return [
        compute(platform, basis, basis.stations[station_id], days, run_id)
        for station_id, days in stale.items()
        if station_id in basis.stations
    ]


def compute_each(
    platform: Platform, basis: Basis, days: Collection[date], run_id: str
) -> list[Computed]:
    """Compute the same local days of every station."""
    return [compute(platform, basis, each, days, run_id) for each in basis.stations.values()]


def compute_all(platform: Platform, basis: Basis, run_id: str) -> list[Computed]:
    """Compute every day of every station again."""
    known = {each: planning.known_days(platform.engine, each) for each in basis.stations}
    return [
        compute(platform, basis, basis.stations[station_id], days, run_id)
        for station_id, days in known.items()
        if days
    ]
