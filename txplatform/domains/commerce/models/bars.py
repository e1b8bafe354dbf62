"""What a holdout amounts to: the table `model_holdout`, with the bars that a model has to reach.

Where the data carry no signal the words say so; a bar that is missed is published as missed.
"""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from txplatform.domains.commerce.models.columns import amount, share
from txplatform.domains.commerce.models.holdout import Forecasts, forecasts
from txplatform.domains.commerce.models.occasions import Occasions, Real
from txplatform.domains.commerce.models.ranking import (
    GiniShare,
    decile_error,
    gini_shares,
    top_share,
)
from txplatform.domains.commerce.tables import expectations as tables
from txplatform.domains.commerce.tables.arrow import schema_of

MET, MISSED = "met", "missed"
NO_SIGNAL = "cannot tell customers apart"
SEASON_KNOWN, SEASON_UNKNOWN = "season corrected", "season unknown"
MODEL = "model"
HIGHEST_ERROR_SHARE = 0.6
GINI_TOLERANCE = 0.02
HIGHEST_DECILE_ERROR = 0.20


class Judged(NamedTuple):
    """Figures of one way of predicting."""

    predicted: float | None
    error: float | None
    gini: GiniShare | None
    top: float | None
    decile: float | None


def model_holdout(occasions: Occasions, as_of: date) -> pa.Table:
    """The table `model_holdout`: a row per cut and way of predicting, the latest cut first."""
    rows = [row for held in forecasts(occasions, as_of) for row in _rows(held)]
    return pa.Table.from_pylist(rows, schema_of(tables.model_holdout))


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
    error, last, yearly = (
        figures[name].error or 0.0 for name in (MODEL, "last_period", "yearly_formula")
    )
    return error <= last and error <= HIGHEST_ERROR_SHARE * yearly


def _is_ranking_good(figures: dict[str, Judged]) -> bool:
    model, *others = (_share(figures[name].gini) for name in (MODEL, "recency", "money"))
    return model >= max(others) - GINI_TOLERANCE


def _is_decile_error_low(model: Judged) -> bool:
    return model.decile is not None and model.decile <= HIGHEST_DECILE_ERROR


def _share(gini: GiniShare | None) -> float:
    return gini.share if gini else 0.0


def _met(is_met: bool) -> str:
    return MET if is_met else MISSED


def _rows(held: Forecasts) -> list[dict[str, Any]]:
    figures = judged(held)
    total = float(held.actual.sum())
    rows = [_row(held, name, figure, total) for name, figure in figures.items()]
    ratio = _ratio(figures[MODEL].predicted, total)
    factor = held.season_factor
    rows[0] |= {
        "expected_occasions": share(held.expected_occasions),
        "season_factor": share(factor),
        "corrected_ratio": share(ratio * factor if ratio and factor else None),
        **bars(figures, factor),
    }
    return rows


def _row(held: Forecasts, name: str, figure: Judged, total: float) -> dict[str, Any]:
    gini = figure.gini
    return {
        "cut": held.cut,
        "predictor": name,
        "customer_count": held.customer_count,
        "actual_occasions": held.actual_occasions,
        "predicted_amount": amount(figure.predicted),
        "actual_amount": amount(total),
        "total_ratio": share(_ratio(figure.predicted, total)),
        "mean_absolute_error": amount(figure.error),
        "gini_share": share(gini.share if gini else None),
        "gini_low": share(gini.low if gini else None),
        "gini_high": share(gini.high if gini else None),
        "top_share": share(figure.top),
        "decile_error": share(figure.decile),
    }


def _ratio(predicted: float | None, actual: float) -> float | None:
    """Predicted / actual; None where nothing was predicted as an amount, or nothing came."""
    return None if predicted is None or not actual else predicted / actual
