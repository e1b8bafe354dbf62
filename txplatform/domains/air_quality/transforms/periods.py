"""Years and exceedances: legal means, how many days lie above which level, what may be stated."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from txplatform.domains.air_quality.rules import Level, Rules
from txplatform.domains.air_quality.transforms.daily import DailyFigures
from txplatform.domains.air_quality.transforms.exact import (
    SCALE,
    Booleans,
    half_up,
    mean,
    percentile,
    total,
)
from txplatform.domains.air_quality.transforms.hours import StationHours

YEAR_PLACES = 4


class Year(NamedTuple):
    """One parameter's calendar year in the station's zone."""

    year: int
    n_hours: int
    n_expected: int
    capture_pct: Decimal
    mean: Decimal | None
    """Of the hours; None where a half-year has too few."""
    may_state: bool
    """Whether enough of the year is there for a statement about a legal limit."""


class Exceedance(NamedTuple):
    """How one parameter's days (or hours, or the year) stand against one level."""

    level: Level
    n_valid: int
    n_above: int
    value: Decimal | None
    """The percentile or yearly mean that the level is about, where it is about one."""


class DaysSummary(NamedTuple):
    """The headline of a stretch of days."""

    n_days: int
    n_valid: int
    mean: Decimal | None
    p99: Decimal | None
    maximum: Decimal | None


def years(hours: StationHours, name: str, valid: Booleans, rules: Rules) -> list[Year]:
    """Every calendar year that the hours touch."""
    calendar = hours.days.dates.astype("datetime64[Y]")[hours.days.day_of_hour]
    return [
        _year(hours, name, valid & (calendar == year), int(str(year)), rules)
        for year in np.unique(calendar)
    ]


def _year(hours: StationHours, name: str, valid: Booleans, year: int, rules: Rules) -> Year:
    middle = np.datetime64(f"{year}-07-01", "D")
    is_first = hours.days.dates[hours.days.day_of_hour] < middle
    halves = int((valid & is_first).sum()), int((valid & ~is_first).sum())
    expected = _expected(year, 1, 7), _expected(year, 7, 13)
    n_hours, n_expected = sum(halves), sum(expected)
    enough = all(n >= rules.share * of for n, of in zip(halves, expected, strict=True))
    exact = Fraction(total(hours.values[name][valid]), n_hours * SCALE) if n_hours else None
    return Year(
        year,
        n_hours,
        n_expected,
        half_up(Fraction(100 * n_hours, n_expected), 2),
        half_up(exact, YEAR_PLACES) if exact is not None and enough else None,
        n_hours >= rules.legal_share * n_expected,
    )


def _expected(year: int, first: int, end: int) -> int:
    """Hours of some months; what a zone takes in spring it gives back in autumn."""
    stop = date(year + 1, 1, 1) if end > 12 else date(year, end, 1)
    return (stop - date(year, first, 1)).days * 24


def summary(figures: DailyFigures, left_out: Booleans | None = None) -> DaysSummary:
    """Mean, 99th percentile and maximum of the valid days, those left out aside."""
    out = np.zeros(len(figures.dates), dtype=bool) if left_out is None else left_out
    means = [value for day, value in figures.exact_means().items() if not out[day]]
    return DaysSummary(
        int((figures.n_hours > 0).sum()),
        len(means),
        _rounded(mean(means)),
        _rounded(percentile(means, Fraction(99, 100))),
        _rounded(max(means, default=None)),
    )


def _rounded(value: Fraction | None) -> Decimal | None:
    return None if value is None else half_up(value, YEAR_PLACES)


def exceedances(
    figures: Mapping[str, DailyFigures], levels: Sequence[Level], left_out: Mapping[str, Booleans]
) -> list[Exceedance]:
    """How many valid, believed days lie above each level of a day or of a day's 8-hour maximum."""
    return [
        _exceedance(figures[level.parameter], level, left_out.get(level.parameter))
        for level in levels
        if level.mean in {"day", "max_8h"} and level.parameter in figures
    ]


def _exceedance(figures: DailyFigures, level: Level, left_out: Booleans | None) -> Exceedance:
    believed = np.ones(len(figures.dates), bool) if left_out is None else ~left_out
    valid = (figures.is_complete if level.mean == "day" else figures.max_8h >= 0) & believed
    above = (
        figures.are_above(level.level) if level.mean == "day" else figures.are_above_8h(level.level)
    )
    return Exceedance(level, int(valid.sum()), int((above & believed).sum()), None)
