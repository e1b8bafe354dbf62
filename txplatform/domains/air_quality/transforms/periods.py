"""Years: legal means, what they are held against, what may be stated; and a headline of days."""

from collections.abc import Iterator, Sequence
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


class YearLevel(NamedTuple):
    """A year's mean against one level of years."""

    level: Level
    year: int
    mean: Decimal | None
    is_above: bool | None
    """By the unrounded mean; None where a half-year has too few hours for one."""
    may_state: bool


class DaysSummary(NamedTuple):
    """The headline of a stretch of days."""

    n_days: int
    n_valid: int
    mean: Decimal | None
    p99: Decimal | None
    maximum: Decimal | None


def years(hours: StationHours, name: str, valid: Booleans, rules: Rules) -> list[Year]:
    """Every calendar year that the hours touch."""
    return [year for year, _ in _years(hours, name, valid, rules)]


def year_levels(
    hours: StationHours, valid: Booleans, rules: Rules, levels: Sequence[Level]
) -> list[YearLevel]:
    """Every calendar year against every level of years of the hours' parameters."""
    return [
        YearLevel(
            level,
            year.year,
            year.mean,
            None if mean is None else mean > level.level,
            year.may_state,
        )
        for level in levels
        if level.mean == "year" and level.parameter in hours.values
        for year, mean in _years(hours, level.parameter, valid, rules)
    ]


def _years(
    hours: StationHours, name: str, valid: Booleans, rules: Rules
) -> Iterator[tuple[Year, Fraction | None]]:
    """The calendar years, each with its unrounded mean."""
    calendar = hours.days.dates.astype("datetime64[Y]")[hours.days.day_of_hour]
    for year in np.unique(calendar):
        yield _year(hours, name, valid & (calendar == year), int(str(year)), rules)


def _year(
    hours: StationHours, name: str, valid: Booleans, year: int, rules: Rules
) -> tuple[Year, Fraction | None]:
    middle = np.datetime64(f"{year}-07-01", "D")
    is_first = hours.days.dates[hours.days.day_of_hour] < middle
    halves = int((valid & is_first).sum()), int((valid & ~is_first).sum())
    expected = _expected(year, 1, 7), _expected(year, 7, 13)
    n_hours, n_expected = sum(halves), sum(expected)
    enough = all(n >= rules.share * of for n, of in zip(halves, expected, strict=True))
    mean = Fraction(total(hours.values[name][valid]), n_hours * SCALE) if enough else None
    figures = Year(
        year,
        n_hours,
        n_expected,
        half_up(Fraction(100 * n_hours, n_expected), 2),
        None if mean is None else half_up(mean, YEAR_PLACES),
        n_hours >= rules.legal_share * n_expected,
    )
    return figures, mean


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
