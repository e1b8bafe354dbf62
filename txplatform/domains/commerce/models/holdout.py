"""How far to trust the values: `model_holdout`, fitted before a cut, judged on the 90 days after.

Beside the model stand what a shop would do without one: the last period again, the yearly formula
(orders per month x basket x 12) that values a one-time buyer at twelve times its purchase, and
ranking by recency or money alone.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from txplatform.domains.commerce.models.fits import fit
from txplatform.domains.commerce.models.occasions import (
    CENTS,
    DAYS_PER_WEEK,
    Histories,
    Occasions,
    Real,
    day_number,
    histories,
)

HORIZON_DAYS = 90
CUT_COUNT = 4
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12


class Forecasts(NamedTuple):
    """What each way of predicting says of the customers known at a cut, and what came."""

    cut: date
    customer_count: int
    amounts: dict[str, Real]
    """Value of the 90 days, per predictor."""
    scores: dict[str, Real]
    """Predictors that rank without an amount."""
    actual: Real
    expected_occasions: float
    actual_occasions: int
    season_factor: float | None
    """Actual / predicted of the same dates a year before; None: season unknown."""


def cuts(occasions: Occasions, as_of: date) -> list[date]:
    """The cuts with 90 days of history before them, the latest first."""
    days = (as_of - timedelta(days=HORIZON_DAYS * (n + 1)) for n in range(CUT_COUNT))
    return [cut for cut in days if _has_history(occasions, cut)]


def forecasts(occasions: Occasions, as_of: date) -> Iterator[Forecasts]:
    """Each cut's predictions and what came of them."""
    for cut in cuts(occasions, as_of):
        end = cut + timedelta(days=HORIZON_DAYS)
        yield _forecasts(occasions.before(cut), occasions.within(cut, end), cut)


def _forecasts(past: Occasions, future: Occasions, cut: date) -> Forecasts:
    known = histories(past, cut)
    expected, worth = _predicted(known)
    return Forecasts(
        cut,
        known.customer.size,
        {
            "model": expected * worth,
            "last_period": _last_period(past, known, cut),
            "yearly_formula": _yearly_formula(past, known),
        },
        {
            "recency": (known.last_days - known.days).astype(np.float64),
            "money": past.cents_of(known.customer).astype(np.float64),
        },
        future.cents_of(known.customer) / CENTS,
        float(expected.sum()),
        int(future.count_of(known.customer).sum()),
        season_factor(past, cut),
    )


def season_factor(past: Occasions, cut: date) -> float | None:
    """Actual / predicted of the 90 days from the same date a year before the cut.

    None where a year and 90 days do not lie before the cut, or nothing was predicted.
    """
    start = _year_before(cut)
    if not _has_history(past, start):
        return None
    before = past.before(start)
    known = histories(before, start)
    predicted = float(np.prod(_predicted(known), axis=0).sum())
    came = past.within(start, start + timedelta(days=HORIZON_DAYS)).cents_of(known.customer)
    return float(came.sum()) / CENTS / predicted if predicted else None


def _predicted(known: Histories) -> tuple[Real, Real]:
    """Occasions of each customer in the next 90 days, and the value of one."""
    fits = fit(known)
    expected = fits.forecast(known).expected(HORIZON_DAYS / DAYS_PER_WEEK)
    return expected, fits.occasion_values(known)


def _last_period(past: Occasions, known: Histories, cut: date) -> Real:
    start = cut - timedelta(days=HORIZON_DAYS)
    return past.within(start, cut).cents_of(known.customer) / CENTS


def _yearly_formula(past: Occasions, known: Histories) -> Real:
    """Orders per month x basket x 12, as published, for the part of a year that 90 days are."""
    months = np.maximum(known.last_days / DAYS_PER_MONTH, 1)
    yearly = past.cents_of(known.customer) / CENTS / months * 12
    return yearly * HORIZON_DAYS / DAYS_PER_YEAR


def _has_history(occasions: Occasions, cut: date) -> bool:
    """Whether 90 days of occasions lie before a cut."""
    if not occasions.day.size:
        return False
    return day_number(cut) - int(occasions.day.min()) >= HORIZON_DAYS


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
