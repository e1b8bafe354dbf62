"""Days of one station: read, computed in process, published."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from txplatform.connectors.period_tables import Replacement
from txplatform.domains.air_quality import planning, publishing
from txplatform.domains.air_quality.computation.stored import Window, stored_hours
from txplatform.domains.air_quality.models.outcome import Outcome, outcome_of
from txplatform.domains.air_quality.publishing import Stamp
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.sources import documents
from txplatform.domains.air_quality.sources.fetching import exclusive
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.platform import Platform

LEARNT = timedelta(days=400)
"""Hours that a forecast is fitted on and scored with."""


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
        publishing.publish_stations(platform.engine, [station])
        hours = hours_around(platform, station, wanted)
        outcome = outcome_of(hours, basis.rules, basis.levels, wanted)
        stamp = Stamp(run_id, basis.version_of(station))
        return published(platform, station.station_id, wanted, outcome, stamp)


def published(
    platform: Platform, station_id: str, days: list[date], outcome: Outcome, stamp: Stamp
) -> Computed:
    """Publish what was computed of a station that the caller holds."""
    done = publishing.publish(platform.engine, station_id, days, outcome.rows, stamp)
    if outcome.ahead is not None:
        publishing.publish_forecasts(platform.engine, station_id, outcome.ahead, stamp.run_id)
    return Computed(station_id, days, done)


def hours_around(platform: Platform, station: Station, days: list[date]) -> StationHours:
    """The hours of some days, and of those before that their figures depend on."""
    start = _midnight(days[0]) - planning.REACH
    newest = documents.last_hour(platform.database, station.station_id)
    end = _midnight(days[-1]) + timedelta(days=2)
    if newest is not None and newest < end:
        start = min(start, newest - LEARNT)
    return stored_hours(platform.database, station, Window(start, end))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
