"""How much an occasion is worth: Gamma-Gamma, or one mean where customers do not differ.

Source: Fader, Hardie, The Gamma-Gamma Model of Monetary Value (2013). A customer's mean of x
occasions is gamma (p x, its rate x), rates differ as gamma (q, gamma).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln

from txplatform.domains.commerce.models.maximum import Maximum, maximum, shortfall
from txplatform.domains.commerce.models.occasions import CENTS, Histories, Levels, Real, levels

LEAST_GAIN = 1.0
"""Of log-likelihood, for one parameter more."""
HIGHEST_CORRELATION = 0.3


class GammaGamma(NamedTuple):
    """The parameters, and what they say of the customers' next occasions."""

    p: float
    q: float
    gamma: float

    def expected(self, known: Histories) -> Real:
        """E[M]: between the mean of all and the customer's own, the nearer the more it bought."""
        above = self.gamma + known.repeat_cents / CENTS
        return self.p * above / (self.p * known.repeats + self.q - 1)


class PooledMean(NamedTuple):
    """One mean for all."""

    mean: float

    def expected(self, known: Histories) -> Real:
        """E[M]: the same of everybody."""
        return np.full(known.repeats.size, self.mean)


class Means(NamedTuple):
    """Customers with x > 0 and z > 0."""

    repeats: Levels
    """x."""
    values: Real
    """z."""
    totals: Real
    """x z."""


class ValueFit(NamedTuple):
    """The model of values that was chosen, and against what."""

    model: GammaGamma | PooledMean
    rich_log_likelihood: float | None
    simple_log_likelihood: float | None
    """That of one gamma for all."""
    customer_count: int
    correlation: float | None
    """Of x and z: the model assumes that they say nothing of each other."""
    fallback_reason: str
    """Why it is the pooled mean; empty for Gamma-Gamma."""

    @property
    def gain(self) -> float | None:
        """What the customers' differences explain, in log-likelihood; never negative."""
        if self.rich_log_likelihood is None or self.simple_log_likelihood is None:
            return None
        return max(self.rich_log_likelihood - self.simple_log_likelihood, 0.0)

    @property
    def warning(self) -> str:
        """A sentence where the model's assumption does not hold; empty where it does."""
        if self.correlation is None or abs(self.correlation) <= HIGHEST_CORRELATION:
            return ""
        return (
            f"Customers who come more often spend differently (correlation {self.correlation:.2f})"
            ", which Gamma-Gamma assumes they do not"
        )


def fit_occasion_values(known: Histories) -> ValueFit:
    """Gamma-Gamma where it gains 1 in log-likelihood over one gamma for all, else the mean."""
    means = means_of(known)
    if means.values.size < 2:
        reason = "fewer than two customers have bought again"
        return ValueFit(_pooled_mean(known), None, None, means.values.size, None, reason)
    simple, rich = fit_one_gamma(means), fit_gamma_gamma(means)
    reason = _reason(rich, simple)
    return ValueFit(
        _pooled_mean(known) if reason else GammaGamma(*rich.parameters),
        rich.log_likelihood,
        simple.log_likelihood,
        means.values.size,
        _correlation(means),
        reason,
    )


def means_of(known: Histories) -> Means:
    """The means that a model of values can learn from."""
    repeats = known.repeats[known.has_mean].astype(np.float64)
    totals = known.repeat_cents[known.has_mean] / CENTS
    return Means(levels(repeats), totals / repeats, totals)


def fit_gamma_gamma(means: Means) -> Maximum:
    """The parameters p, q, gamma under which the means are likeliest."""
    typical = float(means.values.mean())
    starts = tuple((p, q, typical * (q - 1) / p) for p, q in ((1, 2), (5, 4), (1, 15)))
    return maximum(lambda theta: likelihood(theta, means), starts, float(means.values.size))


def fit_one_gamma(means: Means) -> Maximum:
    """The shape and rate of one gamma for all, under which the means are likeliest."""
    typical = float(means.values.mean())
    starts = tuple((p, p / typical) for p in (0.5, 1.0, 5.0))
    return maximum(lambda theta: one_gamma(theta, means), starts, float(means.values.size))


def likelihood(theta: Real, means: Means) -> tuple[float, Real]:
    """Log-likelihood and gradient by p, q, gamma: equation 1a of the note."""
    p, q, gamma = (float(value) for value in theta)
    x, z, total = means
    above = gamma + total
    own, beyond = np.log(total / above), np.log(gamma / above)
    both = x.each(lambda x: digamma(p * x + q))
    value = x.each(lambda x: gammaln(p * x + q) - gammaln(p * x) - gammaln(q))
    value += q * beyond + p * x.rows * own - np.log(z)
    by_p = x.rows * (both - x.each(lambda x: digamma(p * x)) + own)
    by_q = both - digamma(q) + beyond
    by_gamma = q / gamma - (p * x.rows + q) / above
    return float(value.sum()), np.array([by_p.sum(), by_q.sum(), by_gamma.sum()])


def one_gamma(theta: Real, means: Means) -> tuple[float, Real]:
    """Log-likelihood and gradient by shape and rate, where all customers share them."""
    p, rate = (float(value) for value in theta)
    x, z, total = means
    scaled = np.log(rate * total)
    value = p * x.rows * scaled - np.log(z) - rate * total - x.each(lambda x: gammaln(p * x))
    by_p = x.rows * scaled - x.each(lambda x: x * digamma(p * x))
    by_rate = p * x.rows / rate - total
    return float(value.sum()), np.array([by_p.sum(), by_rate.sum()])


def _reason(rich: Maximum, simple: Maximum) -> str:
    """Why Gamma-Gamma is not used; empty if it is."""
    _, q, _ = rich.parameters
    if rich.has_converged and q <= 1:
        return f"Gamma-Gamma has no mean (q = {q:.3f}, not above 1)"
    return shortfall(rich, simple, ("Gamma-Gamma", "one gamma"), LEAST_GAIN)


def _pooled_mean(known: Histories) -> PooledMean:
    repeats = int(known.repeats.sum())
    return PooledMean(float(known.repeat_cents.sum()) / CENTS / repeats if repeats else 0.0)


def _correlation(means: Means) -> float | None:
    if means.repeats.values.size < 2 or np.ptp(means.values) == 0:
        return None
    x, z = (column - column.mean() for column in (means.repeats.rows, means.values))
    return float((x * z).sum() / np.sqrt((x * x).sum() * (z * z).sum()))
