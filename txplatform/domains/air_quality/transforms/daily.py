"""Figures of local days: means by the 75 % rule, extremes, 8-hour maxima, the index."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms import aqi
from txplatform.domains.air_quality.transforms.exact import (
    ABSENT,
    SCALE,
    Booleans,
    Integers,
    divided,
)
from txplatform.domains.air_quality.transforms.flags import Flags, is_valid
from txplatform.domains.air_quality.transforms.hourly import running_means
from txplatform.domains.air_quality.transforms.hours import Hours, LocalDays, StationHours
from txplatform.domains.air_quality.transforms.parameters import AQI_DECIMALS, POLLUTANTS

_COMMON = 168
"""Divisible by 6, 7 and 8, the numbers of hours of an 8-hour mean, which thus compare exactly."""


class DailyFigures(NamedTuple):
    """What one parameter's local days say; sums stay exact for comparisons and further means."""

    dates: Hours
    expected: Integers
    n_hours: Integers
    sums: Integers
    is_complete: Booleans
    """Whether enough hours are valid for a mean."""
    minimum: Integers
    maximum: Integers
    n_8h: Integers
    max_8h: Integers
    """The day's largest 8-hour mean in units of 10^-13 / 168; ABSENT where too few."""

    def means(self) -> Integers:
        """The means in units of 10^-4; ABSENT where the day is incomplete."""
        return divided(self.sums, np.where(self.is_complete, self.n_hours, 0), 4)

    def max_8h_means(self) -> Integers:
        """The largest 8-hour means in units of 10^-4."""
        is_there = self.max_8h != ABSENT
        return divided(np.where(is_there, self.max_8h, 0), np.where(is_there, _COMMON, 0), 4)

    def exact_means(self) -> dict[int, Fraction]:
        """By index of the day, the unrounded means of the complete days."""
        return {
            int(day): Fraction(int(self.sums[day]), int(self.n_hours[day]) * SCALE)
            for day in np.nonzero(self.is_complete)[0]
        }

    def capture(self) -> Integers:
        """Valid hours of those expected, per cent in units of 10^-2."""
        return (20_000 * self.n_hours + self.expected) // (2 * self.expected)

    def aqi(self, parameter: str) -> Integers | None:
        """The US index of each complete day's mean; None where the parameter has none."""
        if parameter not in AQI_DECIMALS:
            return None
        counts = np.where(self.is_complete, self.n_hours, 0)
        return aqi.index_of_mean(self.sums, counts, parameter)

    def are_above(self, level: Decimal) -> Booleans:
        """Which complete days' unrounded means lie above a level."""
        limit = int(level * SCALE)
        return self.is_complete & (self.sums > limit * self.n_hours)

    def are_above_8h(self, level: Decimal) -> Booleans:
        """Which days' largest 8-hour means lie above a level."""
        return (self.max_8h != ABSENT) & (self.max_8h > int(level * SCALE) * _COMMON)


def daily_figures(
    hours: StationHours, flags: Mapping[str, Flags], rules: Rules
) -> dict[str, DailyFigures]:
    """Per parameter, the figures of every local day from the first to the last."""
    return {
        name: figures_of_days(hours, name, is_valid(flags[name]), rules) for name in hours.values
    }


def figures_of_days(hours: StationHours, name: str, valid: Booleans, rules: Rules) -> DailyFigures:
    """The figures of one parameter's local days from the hours that are valid."""
    days, values = hours.days, hours.values[name]
    counts = days.sums(valid.astype(np.int64))
    largest, n_8h = _of_8_hours(days, values, valid, rules, name in POLLUTANTS)
    return DailyFigures(
        dates=days.dates,
        expected=days.expected,
        n_hours=counts,
        sums=days.sums(np.where(valid, values, 0)),
        is_complete=_are_enough(counts, days.expected, rules.share),
        minimum=_extreme(days, values, valid, np.minimum),
        maximum=_extreme(days, values, valid, np.maximum),
        n_8h=n_8h,
        max_8h=largest,
    )


def _are_enough(counts: Integers, expected: Integers, share: Decimal) -> Booleans:
    part, whole = share.as_integer_ratio()
    return counts * whole >= expected * part


def _extreme(days: LocalDays, values: Integers, valid: Booleans, pick: np.ufunc) -> Integers:
    if not len(values):
        return values
    limits = np.iinfo(np.int64)
    neutral = limits.max if pick is np.minimum else limits.min
    found = pick.reduceat(np.where(valid, values, neutral), days.starts)
    return np.where(found == neutral, ABSENT, found)


def _of_8_hours(
    days: LocalDays, values: Integers, valid: Booleans, rules: Rules, applies: bool
) -> tuple[Integers, Integers]:
    """Per day, the largest 8-hour mean (in 168ths) and how many of them there are."""
    if not applies or not len(values):
        return np.full(len(days.dates), ABSENT), np.zeros(len(days.dates), np.int64)
    running = running_means(values, valid)
    enough = running.are_enough
    comparable = running.sums * (_COMMON // np.where(enough, running.counts, _COMMON))
    largest = np.maximum.reduceat(np.where(enough, comparable, ABSENT), days.starts)
    n_8h = days.sums(enough.astype(np.int64))
    return np.where(_are_enough(n_8h, days.expected, rules.share), largest, ABSENT), n_8h
