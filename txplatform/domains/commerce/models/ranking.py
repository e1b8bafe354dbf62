"""How well a prediction ranks customers, whatever its scale: AUC, Gini, deciles, top tenth.

Equal predictions are worth the mean of all orders among them, so that no figure depends on the
order of the customers.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from txplatform.domains.commerce.models.occasions import Flags, Real, Whole

BOOTSTRAP_SAMPLES = 200
BOOTSTRAP_SEED = 20_260_101
INTERVAL_PCT = (2.5, 97.5)
TENTHS = 10
Counts = NDArray[np.int32]
"""How often each customer is drawn: half as wide as `Whole`, it is read from the cache."""


class GiniShare(NamedTuple):
    """A ranking's Gini as share of the perfect ranking's, with a 95 % interval."""

    share: float
    low: float
    high: float


def auc(score: Real, is_true: Flags) -> float | None:
    """Chance that one that is true scores above one that is not, ties half; None of one class."""
    if is_true.all() or not is_true.any():
        return None
    return float(roc_auc_score(is_true, score))


def gini_shares(predictions: Mapping[str, Real], actual: Real) -> dict[str, GiniShare | None]:
    """How near each ranking comes to the perfect one: 1 is perfect, 0 is chance.

    The interval is that of 200 samples of the customers with replacement, always the same ones.
    None where all customers bring the same.
    """
    best = _Ranking.of(actual, actual)
    once = np.ones(actual.size, np.int32)
    if not best.gini(once):
        return dict.fromkeys(predictions)
    rankings = [_Ranking.of(prediction, actual) for prediction in predictions.values()]
    weighed = chain([once], _samples(actual.size))
    shares = np.array([_shares(rankings, best, weights) for weights in weighed])
    intervals = np.nanpercentile(shares[1:], INTERVAL_PCT, axis=0)
    figures = np.vstack([shares[0], intervals]).T.tolist()
    return {name: GiniShare(*three) for name, three in zip(predictions, figures, strict=True)}


def top_share(prediction: Real, actual: Real) -> float | None:
    """Share of all that the tenth with the highest predictions brings, rounded up."""
    total = float(actual.sum())
    if not total:
        return None
    return float(_tied_mean(prediction, actual)[: -(-actual.size // TENTHS)].sum()) / total


def decile_error(prediction: Real, actual: Real) -> float | None:
    """How far the tenths by prediction miss, as share of the total, once the totals agree."""
    if not actual.sum() or not prediction.sum():
        return None
    scaled = np.sort(prediction)[::-1] * (actual.sum() / prediction.sum())
    got = np.array_split(_tied_mean(prediction, actual), TENTHS)
    expected = np.array_split(scaled, TENTHS)
    missed = sum(abs(e.sum() - g.sum()) for e, g in zip(expected, got, strict=True))
    return float(missed / actual.sum())


class _Ranking(NamedTuple):
    """Who brings something in the order of a prediction, ready to be weighed again and again."""

    order: Whole
    """All customers from the lowest prediction to the highest."""
    bringing: Whole
    """Customers that bring something, mostly few."""
    actual: Real
    """What each of these brings."""
    begins: Whole
    """In the order, where the customers begin of whom the same is predicted as of each of these."""
    ends: Whole
    """And where they end."""

    @classmethod
    def of(cls, prediction: Real, actual: Real) -> Self:
        """The ranking of all customers by a prediction."""
        order = np.argsort(prediction)
        bringing = np.flatnonzero(actual)
        given, ordered = prediction[bringing], prediction[order]
        begins, ends = (np.searchsorted(ordered, given, side) for side in ("left", "right"))
        return cls(order, bringing, actual[bringing], begins, ends)

    def gini(self, weights: Counts) -> float:
        """Gini of the actual values in this order, each customer counted as often as it weighs.

        0 where they bring nothing.
        """
        below = np.empty(weights.size + 1, np.int64)
        below[0] = 0
        np.cumsum(weights.take(self.order), out=below[1:])
        value = weights.take(self.bringing) * self.actual
        total = float(value.sum() * below[-1])
        middle = (below.take(self.begins) + below.take(self.ends)) / 2
        return 2 * float((value * middle).sum()) / total - 1 if total else 0.0


def _shares(rankings: list[_Ranking], best: _Ranking, weights: Counts) -> list[float]:
    """Gini of each ranking as share of the best one's; NaN where a sample has nothing to rank."""
    perfect = best.gini(weights)
    return [ranking.gini(weights) / perfect if perfect else np.nan for ranking in rankings]


def _samples(size: int) -> Iterator[Counts]:
    """How often each customer is drawn, for each sample."""
    drawn = np.random.default_rng(BOOTSTRAP_SEED)
    for _ in range(BOOTSTRAP_SAMPLES):
        yield np.bincount(drawn.integers(0, size, size), minlength=size).astype(np.int32)


def _tied_mean(prediction: Real, actual: Real) -> Real:
    """Actual values from the highest prediction down; equal predictions share their mean."""
    levels, level = np.unique(-prediction, return_inverse=True)
    counts = np.bincount(level, minlength=levels.size)
    means = np.bincount(level, weights=actual, minlength=levels.size) / counts
    return np.repeat(means, counts)
