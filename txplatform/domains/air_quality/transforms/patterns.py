"""Analyses of valid, believed hours: profiles, trend and the comparison of two stations."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from txplatform.domains.air_quality.transforms.daily import DailyFigures
from txplatform.domains.air_quality.transforms.exact import (
    SCALE,
    Booleans,
    Floats,
    Integers,
    half_up,
    percentile,
    total,
)
from txplatform.domains.air_quality.transforms.hours import StationHours

CELL_LEAST = 10
"""Values that a cell of a profile needs."""

DAYS_PER_YEAR = 365.25
BOOTSTRAPS, BLOCK_MONTHS, SEED = 1_000, 12, 20_240_206
SEASON_YEARS, TREND_YEARS = 2, 3


class Cell(NamedTuple):
    """One cell of a profile: a local clock hour, an ISO weekday or a month."""

    by: str
    at: int
    n: int
    mean: Decimal | None
    median: Decimal | None
    p10: Decimal | None
    p90: Decimal | None


class Trend(NamedTuple):
    """The slope of the daily means per year; `kind` says how much may be called it."""

    kind: str
    """`season`: under 2 years, season not removed; `slope`: from 2 years; `trend`: from 3."""
    n: int
    per_year: Decimal | None
    low: Decimal | None
    high: Decimal | None


class Comparison(NamedTuple):
    """Two stations on the hours that are valid at both; bias is the second less the first."""

    n: int
    first_mean: Decimal | None
    second_mean: Decimal | None
    bias: Decimal | None
    correlation: Decimal | None
    rmse: Decimal | None


def profile(hours: StationHours, name: str, believed: Booleans) -> list[Cell]:
    """The cells by local hour, weekday and month, in this order."""
    days = hours.days
    dates = days.dates[days.day_of_hour]
    weekday = (dates.astype(np.int64) + 3) % 7 + 1
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    groups = (("hour", days.hour_of_day, range(24)), ("weekday", weekday, range(1, 8)))
    return [
        _cell(by, at, hours.values[name][believed & (keys == at)])
        for by, keys, cells in (*groups, ("month", month, range(1, 13)))
        for at in cells
    ]


def _cell(by: str, at: int, values: Integers) -> Cell:
    if len(values) < CELL_LEAST:
        return Cell(by, at, len(values), None, None, None, None)
    ordered = np.sort(values)
    mean = Fraction(total(values), len(values))
    quantiles = (_quantile(ordered, Fraction(share, 10)) for share in (5, 1, 9))
    return Cell(by, at, len(values), *(half_up(x / SCALE, 4) for x in (mean, *quantiles)))


def _quantile(ordered: Integers, share: Fraction) -> Fraction:
    """A percentile with linear interpolation, of the two values that it lies between."""
    position = share * (len(ordered) - 1)
    below = int(position)
    pair = [Fraction(int(value)) for value in ordered[below : below + 2]]
    return percentile(pair, position - below) or Fraction(0)


def trend(figures: DailyFigures, left_out: Booleans) -> Trend:
    """Theil and Sen's slope of the valid, believed days, with what it may be called."""
    kept = np.nonzero(figures.is_complete & ~left_out)[0]
    days = figures.dates[kept].astype(np.int64)
    means = figures.sums[kept] / (figures.n_hours[kept] * SCALE)
    if len(kept) < 2:
        return Trend("season", len(kept), None, None, None)
    span = (days[-1] - days[0] + 1) / DAYS_PER_YEAR
    if span < SEASON_YEARS:
        return Trend("season", len(kept), _decimal(_slope(days, means)), None, None)
    kind = "trend" if span >= TREND_YEARS else "slope"
    return Trend(kind, len(kept), *_of_months(figures.dates[kept], means))


def _slope(at: Iterable[float] | NDArray[Any], values: Floats) -> float:
    """The median of the slopes of all pairs, per year of days."""
    x = np.asarray(at, dtype=float)
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first]
    rises = (values[second] - values[first])[apart > 0] / apart[apart > 0]
    return float(np.median(rises)) * DAYS_PER_YEAR


def _of_months(dates: NDArray[np.datetime64], means: Floats) -> tuple[Decimal, Decimal, Decimal]:
    """Slope of the months less their calendar month's median, with a bootstrapped 95 % interval."""
    months, at = np.unique(dates.astype("datetime64[M]"), return_inverse=True)
    monthly = np.bincount(at, means) / np.bincount(at)
    season = months.astype(np.int64) % 12
    usual = np.array([np.median(monthly[season == month]) for month in season])
    rest = monthly - usual
    middle = months.astype("datetime64[D]").astype(float)
    slope = _slope(middle, rest)
    low, high = np.percentile(_bootstrapped(middle, rest, slope), [2.5, 97.5])
    return _decimal(slope), _decimal(low), _decimal(high)


def _bootstrapped(at: Floats, values: Floats, slope: float) -> Floats:
    """Slopes of the line with its errors drawn anew, in blocks of a year of months."""
    line = slope * at / DAYS_PER_YEAR
    errors = values - line
    draw = np.random.default_rng(SEED)
    width = min(BLOCK_MONTHS, len(at))
    blocks = -(-len(at) // width)
    starts = draw.integers(0, len(at) - width + 1, size=(BOOTSTRAPS, blocks))
    picks = (starts[:, :, None] + np.arange(width)).reshape(BOOTSTRAPS, -1)[:, : len(at)]
    return np.array([_slope(at, line + errors[pick]) for pick in picks])


def compare(
    first: tuple[StationHours, Booleans], second: tuple[StationHours, Booleans], name: str
) -> Comparison:
    """Two stations, each with the hours that are believed, on their common hours."""
    sides = [
        (hours.hours[believed], hours.values[name][believed]) for hours, believed in (first, second)
    ]
    _, left, right = np.intersect1d(
        sides[0][0], sides[1][0], assume_unique=True, return_indices=True
    )
    x, y = sides[0][1][left], sides[1][1][right]
    if len(x) < 2:
        return Comparison(len(x), None, None, None, None, None)
    means = [Fraction(total(values), len(values) * SCALE) for values in (x, y)]
    apart = (y - x) / SCALE
    spread = np.std(x / SCALE) * np.std(y / SCALE)
    return Comparison(
        len(x),
        half_up(means[0], 4),
        half_up(means[1], 4),
        half_up(means[1] - means[0], 4),
        _decimal(np.corrcoef(x / SCALE, y / SCALE)[0, 1]) if spread > 0 else None,
        _decimal(float(np.sqrt(np.mean(apart * apart)))),
    )


def _decimal(number: float) -> Decimal:
    return half_up(Decimal(repr(float(number))), 4)
