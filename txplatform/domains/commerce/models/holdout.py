"""How far to trust the values: `model_holdout`, fitted before a cut, judged on the 90 days after.

Beside the model stand what a shop would do without one: the last period again, the yearly formula
(orders per month x basket x 12) that values a one-time buyer at twelve times its purchase, and
ranking by recency or money alone. The model has to reach bars: where the data carry no signal the
words say so, and a bar that is missed is published as missed.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from txplatform.domains.commerce.models.columns import table_of_rows
from txplatform.domains.commerce.models.fits import fit
from txplatform.domains.commerce.models.maximum import one_thread
from txplatform.domains.commerce.models.occasions import (
    CENTS,
    DAYS_PER_WEEK,
    Histories,
    Occasions,
    Real,
    histories,
)
from txplatform.domains.commerce.models.ranking import (
    GiniShare,
    decile_error,
    gini_shares,
    top_share,
)
from txplatform.domains.commerce.tables import expectations as tables
from txplatform.domains.commerce.transforms.calendar import number as day_number

HORIZON_DAYS = 90
CUT_COUNT, CUTS_AT_ONCE = 4, 2
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12

MET, MISSED = "met", "missed"
NO_SIGNAL = "cannot tell customers apart"
SEASON_KNOWN, SEASON_UNKNOWN = "season corrected", "season unknown"
MODEL = "model"
HIGHEST_ERROR_SHARE = 0.6
GINI_TOLERANCE = 0.02
HIGHEST_DECILE_ERROR = 0.20


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


class Judged(NamedTuple):
    """Figures of one way of predicting."""

    predicted_amount: float | None
    mean_absolute_error: float | None
    gini: GiniShare | None
    top_share: float | None
    decile_error: float | None


def model_holdout(occasions: Occasions, as_of: date) -> pa.Table:
    """The table `model_holdout`: a row per cut and way of predicting, the latest cut first."""

    def judge(cut: date) -> list[dict[str, Any]]:
        return _rows(forecasts(occasions, cut))

    # Cuts know nothing of each other; numpy works on arrays of two at a time.
    with one_thread(), ThreadPoolExecutor(CUTS_AT_ONCE) as pool:
        rows = chain.from_iterable(pool.map(judge, cuts(occasions, as_of)))
        return table_of_rows(tables.model_holdout, [*rows])


def cuts(occasions: Occasions, as_of: date) -> list[date]:
    """The cuts with 90 days of history before them, the latest first."""
    days = (as_of - timedelta(days=HORIZON_DAYS * (n + 1)) for n in range(CUT_COUNT))
    return [cut for cut in days if _has_history(occasions, cut)]


def forecasts(occasions: Occasions, cut: date) -> Forecasts:
    """What is predicted at a cut from what lies before it, and what came in the 90 days after."""
    past = occasions.before(cut)
    future = occasions.within(cut, cut + timedelta(days=HORIZON_DAYS))
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


def judged(held: Forecasts) -> dict[str, Judged]:
    """The figures of every way of predicting at a cut."""
    scores = held.amounts | held.scores
    ginis = gini_shares(scores, held.actual)
    return {name: _judged(held, name, score, ginis[name]) for name, score in scores.items()}


def bars(figures: dict[str, Judged], season_factor: float | None) -> dict[str, str | None]:
    """Which bars the model reaches."""
    gini = figures[MODEL].gini
    has_signal = gini is not None and gini.low > 0
    return {
        "error_bar": _met(_is_error_low(figures)),
        "ranking_bar": _met(_is_ranking_good(figures)) if has_signal else NO_SIGNAL,
        "decile_bar": _met(_is_decile_error_low(figures[MODEL])) if has_signal else None,
        "season": SEASON_UNKNOWN if season_factor is None else SEASON_KNOWN,
    }


def _judged(held: Forecasts, name: str, score: Real, gini: GiniShare | None) -> Judged:
    top = top_share(score, held.actual)
    if name not in held.amounts:
        return Judged(None, None, gini, top, None)
    error = float(np.abs(score - held.actual).mean())
    return Judged(float(score.sum()), error, gini, top, decile_error(score, held.actual))


def _is_error_low(figures: dict[str, Judged]) -> bool:
    names = (MODEL, "last_period", "yearly_formula")
    error, last, yearly = (figures[name].mean_absolute_error or 0.0 for name in names)
    return error <= last and error <= HIGHEST_ERROR_SHARE * yearly


def _is_ranking_good(figures: dict[str, Judged]) -> bool:
    ginis = (figures[name].gini for name in (MODEL, "recency", "money"))
    model, *others = (gini.share if gini else 0.0 for gini in ginis)
    return model >= max(others) - GINI_TOLERANCE


def _is_decile_error_low(model: Judged) -> bool:
    return model.decile_error is not None and model.decile_error <= HIGHEST_DECILE_ERROR


def _met(is_met: bool) -> str:
    return MET if is_met else MISSED


def _rows(held: Forecasts) -> list[dict[str, Any]]:
    figures, factor = judged(held), held.season_factor
    rows = [_row(held, name, figure) for name, figure in figures.items()]
    ratio = rows[0]["total_ratio"]
    rows[0] |= {
        "expected_occasions": held.expected_occasions,
        "season_factor": factor,
        "corrected_ratio": ratio * factor if ratio and factor else None,
        **bars(figures, factor),
    }
    return rows


def _row(held: Forecasts, name: str, figure: Judged) -> dict[str, Any]:
    total, predicted = float(held.actual.sum()), figure.predicted_amount
    gini = figure.gini._asdict() if figure.gini else {}
    return figure._asdict() | {
        "cut": held.cut,
        "predictor": name,
        "customer_count": held.customer_count,
        "actual_occasions": held.actual_occasions,
        "actual_amount": total,
        "total_ratio": None if predicted is None or not total else predicted / total,
        **{f"gini_{part}": value for part, value in gini.items()},
    }
