"""Everything that is said of one station's hours and days, computed in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.alarms import Drift, drifts
from txplatform.domains.air_quality.transforms.daily import DailyFigures, daily_figures
from txplatform.domains.air_quality.transforms.exact import Booleans
from txplatform.domains.air_quality.transforms.flags import Flags, flag_hours, is_valid
from txplatform.domains.air_quality.transforms.hourly import HourlyFigures, hourly_figures
from txplatform.domains.air_quality.transforms.hours import StationHours

Columns = NDArray[np.int64]


@dataclass(frozen=True)
class StationFigures:
    """A station's hours with their flags and running figures, its days, and what is suspect."""

    hours: StationHours
    flags: Mapping[str, Flags]
    hourly: Mapping[str, HourlyFigures]
    daily: Mapping[str, DailyFigures]
    drift: Mapping[str, Drift]

    def suspect_days(self, name: str) -> Booleans:
        """The local days on whose end a parameter is suspect."""
        if name in self.drift:
            return self.drift[name].holds
        return np.zeros(len(self.hours.days.dates), dtype=bool)

    def believed(self, name: str) -> Booleans:
        """The hours that analyses are made of: valid, on days on which nothing is suspect."""
        return is_valid(self.flags[name]) & ~self.suspect_days(name)[self.hours.days.day_of_hour]


def figures_of(hours: StationHours, rules: Rules) -> StationFigures:
    """Compute the flags and all figures of a station's hours."""
    flags = flag_hours(hours, rules)
    return StationFigures(
        hours,
        flags,
        hourly_figures(hours, flags),
        daily_figures(hours, flags, rules),
        drifts(hours, rules),
    )


def differing_days(before: StationFigures, after: StationFigures) -> list[date]:
    """The local days of which the later figures say anything else, or anything for the first time.

    This is how far a corrected hour reaches: its day, the hours whose running figures it enters,
    and whatever its flags and alarms touch; exactly those.
    """
    by_day = (_said_by_day(before), _said_by_day(after))
    days = sorted(set(by_day[0]) | set(by_day[1]))
    return [day for day in days if by_day[0].get(day) != by_day[1].get(day)]


def _said_by_day(figures: StationFigures) -> dict[date, bytes]:
    """Per local day, all that is said of it and its hours, as bytes to be compared."""
    days = figures.hours.days
    if not len(days.dates):
        return {}
    hourly, daily = _hourly(figures), _daily(figures)
    ends = np.append(days.starts[1:], len(figures.hours))
    places = zip(days.dates.astype(object), days.starts, ends, strict=True)
    return {
        day: hourly[:, start:end].tobytes() + daily[:, at].tobytes()
        for at, (day, start, end) in enumerate(places)
    }


def _daily(figures: StationFigures) -> Columns:
    columns = [sign.astype(np.int64) for drift in figures.drift.values() for sign in drift]
    for each in figures.daily.values():
        columns += [each.n_hours, each.sums, each.n_8h, each.max_8h]
    return np.stack(columns)


def _hourly(figures: StationFigures) -> Columns:
    columns = [figures.hours.hours.astype(np.int64)]
    for each in figures.hourly.values():
        running = (each.mean_8h, each.nowcast, each.nowcast_aqi)
        columns += [each.values, each.flags.astype(np.int64)]
        columns += [column for column in running if column is not None]
    return np.stack(columns)
