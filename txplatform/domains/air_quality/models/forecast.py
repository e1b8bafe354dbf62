"""The next two hours of a pollutant: a ridge regression, held against persistence.

Rolling origin: every prediction that is scored comes from a fit on hours before its origin,
renewed daily. Where the regression does not beat "as it is now", that is what is shown.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from txplatform.domains.air_quality.transforms.exact import (
    Booleans,
    Floats,
    Integers,
    as_floats,
    half_up,
)
from txplatform.domains.air_quality.transforms.hours import StationHours

HORIZONS = (1, 2)
SCORED_HOURS = 60 * 24
REFIT_HOURS = 24
LEAST_ROWS = 14 * 24
"""Hours with a known target that a fit needs; with fewer, persistence is shown."""

LAGS = (0, 1, 2, 3, 5, 8, 11, 21, 22, 23, 24)
LONGEST_GAP = 3
"""Hours over which a lag repeats the last known value; where that is older, the newest stands."""

HARMONICS = (1, 2, 3)
RIDGE = 10.0
ERROR_ROWS = 30 * 24
LOW, HIGH = 0.05, 0.95
COVERAGE = (Decimal(85), Decimal(95))
PLACES = 4
_FLOOR = 0.25
"""Share of the usual level below which errors do not shrink with the level any more."""


class Fit(NamedTuple):
    """A fitted regression: its weights, and its usual errors relative to the level."""

    weights: Floats
    low: float
    high: float
    floor: float


class Predictions(NamedTuple):
    """Per origin what is predicted, NaN where nothing can be."""

    value: Floats
    low: Floats
    high: Floats


class Score(NamedTuple):
    """How the regression did against persistence on the same hours."""

    horizon: int
    n: int
    rmse: Decimal | None
    persistence_rmse: Decimal | None
    coverage_pct: Decimal | None

    @property
    def is_better(self) -> bool:
        """Whether the regression is worth showing: closer, and honest about its interval."""
        if self.rmse is None or self.persistence_rmse is None or self.coverage_pct is None:
            return False
        is_honest = COVERAGE[0] <= self.coverage_pct <= COVERAGE[1]
        return self.rmse < self.persistence_rmse and is_honest


class Interval(NamedTuple):
    """What is expected, and between what it will lie nine times out of ten."""

    value: Decimal
    low: Decimal
    high: Decimal


class NextHour(NamedTuple):
    """What is shown of one hour ahead of the last believed one."""

    hour_start: datetime
    horizon: int
    expected: Interval
    is_persistence: bool
    score: Score


def forecast(hours: StationHours, name: str, believed: Booleans) -> list[NextHour]:
    """The hours that follow the last believed one; none where nothing is believed."""
    if not believed.any():
        return []
    end = int(np.nonzero(believed)[0][-1]) + 1
    known = np.where(believed, as_floats(hours.values[name]), np.nan)[:end]
    last = hours.hours[end - 1].astype(datetime).replace(tzinfo=UTC)
    return [_next(known, hours.days.hour_of_day[:end], last, horizon) for horizon in HORIZONS]


def _next(known: Floats, hour_of_day: Integers, last: datetime, horizon: int) -> NextHour:
    target = last + timedelta(hours=horizon)
    table = _table(known, hour_of_day, horizon)
    predicted = _rolling(table, known, horizon)
    score = _score(predicted, known, horizon)
    fit = next(_fits(table, [len(known) - 1], horizon))
    if fit is not None and score.is_better:
        value, low, high = (float(column[0]) for column in _predict(fit, table[-1:, :-1]))
        shown = Interval(*map(_decimal, (value, low, high)))
        return NextHour(target, horizon, shown, False, score)
    errors = (known[horizon:] - known[:-horizon])[-ERROR_ROWS:]
    low, high = _quantiles(errors[np.isfinite(errors)])
    now = float(known[-1])
    shown = Interval(*map(_decimal, (now, now + low, now + high)))
    return NextHour(target, horizon, shown, True, score)


def _table(known: Floats, hour_of_day: Integers, horizon: int) -> Floats:
    """Per origin the features, then the target; a row with NaN is not fitted."""
    carried = _carried(known)
    lags = [np.concatenate((np.full(lag, np.nan), carried))[: len(known)] for lag in LAGS]
    lags = [np.where(np.isfinite(lag), lag, known) for lag in lags]
    angle = 2 * np.pi * ((hour_of_day + horizon) % 24) / 24
    cycle = [wave(times * angle) for times in HARMONICS for wave in (np.sin, np.cos)]
    ahead = np.concatenate((known, np.full(horizon, np.nan)))[horizon:]
    louder = [wave * known for wave in cycle]
    return np.column_stack([np.ones(len(known)), *lags, *cycle, *louder, ahead])


def _carried(known: Floats) -> Floats:
    """Values with short gaps filled by the last known one."""
    at = np.arange(len(known))
    last = np.maximum.accumulate(np.where(np.isfinite(known), at, -1))
    is_near = (last >= 0) & (at - last <= LONGEST_GAP)
    return np.where(is_near, known[np.maximum(last, 0)], np.nan)


def _rolling(table: Floats, known: Floats, horizon: int) -> Predictions:
    """Predict the last 60 days, each day from a fit on the targets before its first origin."""
    predicted = Predictions(*(np.full(len(known), np.nan) for _ in Predictions._fields))
    first = max(len(known) - SCORED_HOURS - horizon, 0)
    origins = range(first, len(known) - horizon, REFIT_HOURS)
    for origin, fit in zip(origins, _fits(table, origins, horizon), strict=True):
        if fit is not None:
            day = slice(origin, min(origin + REFIT_HOURS, len(known) - horizon))
            for column, values in zip(predicted, _predict(fit, table[day, :-1]), strict=True):
                column[day] = values
    return predicted


def _fits(table: Floats, origins: range | list[int], horizon: int) -> Iterator[Fit | None]:
    """For each origin, in order, the regression of the rows whose target lies before it.

    The products of the rows are added up as the origin moves on, instead of anew each day.
    """
    usable: Booleans = np.asarray(np.isfinite(table).all(axis=1))
    products, begin = np.zeros((table.shape[1], table.shape[1])), 0
    for origin in origins:
        end = max(origin - horizon, begin)
        rows = table[begin:end][usable[begin:end]]
        products += rows.T @ rows
        begin = end
        yield _fit(products, table[:end], usable[:end])


def _fit(products: Floats, table: Floats, usable: Booleans) -> Fit | None:
    """Solve for the weights; features are brought to one spread so that each shrinks alike."""
    n = products[0, 0]
    if n < LEAST_ROWS:
        return None
    means = products[0, :-1] / n
    spread = np.sqrt(np.maximum(np.diag(products)[:-1] / n - means**2, 1e-12))
    penalty = np.diag(RIDGE * spread**2)
    penalty[0, 0] = 0
    solved = np.linalg.solve(products[:-1, :-1] + penalty, products[:-1, -1])
    weights = solved.astype(np.float64)
    rows = table[np.nonzero(usable)[0][-ERROR_ROWS:]]
    levels = np.abs(rows[:, :-1] @ weights)
    floor = max(_FLOOR * float(np.median(levels)), 1e-9)
    low, high = _quantiles((rows[:, -1] - rows[:, :-1] @ weights) / (levels + floor))
    return Fit(weights, low, high, floor)


def _quantiles(errors: Floats) -> tuple[float, float]:
    if not len(errors):
        return 0.0, 0.0
    low, high = np.quantile(errors, [LOW, HIGH])
    return float(low), float(high)


def _predict(fit: Fit, rows: Floats) -> Predictions:
    value = rows @ fit.weights
    level = np.abs(value) + fit.floor
    return Predictions(value, value + fit.low * level, value + fit.high * level)


def _score(predicted: Predictions, known: Floats, horizon: int) -> Score:
    """Both on the hours of the last 60 days whose origin and target are known."""
    first = max(len(known) - SCORED_HOURS - horizon, 0)
    now, target = known[first:-horizon], known[first + horizon :]
    part = [column[first:-horizon] for column in predicted]
    scored = np.isfinite(now) & np.isfinite(target)
    persistence = _rmse(target[scored], now[scored])
    if not scored.any() or not np.isfinite(part[0][scored]).all():
        return Score(horizon, int(scored.sum()), None, persistence, None)
    value, low, high = (column[scored] for column in part)
    inside = (target[scored] >= low) & (target[scored] <= high)
    coverage = half_up(Decimal(100 * int(inside.sum())) / int(scored.sum()), 2)
    return Score(horizon, len(value), _rmse(target[scored], value), persistence, coverage)


def _rmse(truth: Floats, guess: Floats) -> Decimal | None:
    return _decimal(float(np.sqrt(np.mean((truth - guess) ** 2)))) if len(truth) else None


def _decimal(number: float) -> Decimal:
    return half_up(Decimal(repr(number)), PLACES)
