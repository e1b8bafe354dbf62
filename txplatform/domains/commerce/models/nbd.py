"""NBD: customers buy at rates of their own and never leave; what BG/NBD has to be better than.

Source: Ehrenberg, The Pattern of Consumer Purchases, Applied Statistics 8 (1959); in the notation
of Fader, Hardie, Lee (2005), whose BG/NBD it is with a = 0.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln

from txplatform.domains.commerce.models.maximum import Maximum, maximum
from txplatform.domains.commerce.models.occasions import Distinct, Real


class Nbd(NamedTuple):
    """The parameters, and what they say of customers with a history."""

    r: float
    alpha: float

    def alive(self, known: Distinct) -> Real:
        """P(alive): 1, nobody leaves."""
        return np.ones_like(known.counts)

    def expected(self, known: Distinct, weeks: float) -> Real:
        """E[Y(t)]: occasions in the next `weeks`."""
        pace = known.weeks.each(lambda past: weeks / (self.alpha + past))
        return known.repeats.each(lambda x: self.r + x) * pace

    def none_within(self, known: Distinct, weeks: float) -> Real:
        """P(no purchase): no occasion in the next `weeks`."""
        return silence(self.r, self.alpha, known, weeks)


def fit_nbd(known: Distinct) -> Maximum:
    """The parameters r, alpha under which the histories are likeliest."""
    rate = known.total(known.repeats.rows) / max(known.total(known.weeks.rows), 1.0)
    slowness = 1 / max(rate, 1e-6)
    starts = tuple((r, r * slowness) for r in (0.3, 1.0, 10.0))
    return maximum(lambda theta: likelihood(theta, known), starts, float(known.counts.sum()))


def likelihood(theta: Real, known: Distinct) -> tuple[float, Real]:
    """Log-likelihood and gradient by r, alpha."""
    parts = rate_likelihood(float(theta[0]), float(theta[1]), known)
    total, *gradient = (known.total(part) for part in parts)
    return total, np.array(gradient)


def rate_likelihood(r: float, alpha: float, known: Distinct) -> tuple[Real, Real, Real]:
    """Of each history, G(r + x) alpha^r / (G(r) (alpha + T)^(r + x)) in logs, and its slopes."""
    log_end = known.weeks.each(lambda past: np.log(alpha + past))
    events = known.repeats.each(lambda x: r + x)
    gain = known.repeats.each(lambda x: gammaln(r + x) - gammaln(r))
    slope = known.repeats.each(lambda x: digamma(r + x) - digamma(r))
    value = gain + r * np.log(alpha) - events * log_end
    by_alpha = r / alpha - events * known.weeks.each(lambda past: 1 / (alpha + past))
    return value, slope + np.log(alpha) - log_end, by_alpha


def silence(r: float, alpha: float, known: Distinct, weeks: float) -> Real:
    """Chance that a customer who has not left does not come in the next `weeks`."""
    log_ratio = known.weeks.each(lambda past: np.log1p(-weeks / (alpha + past + weeks)))
    return np.exp(known.repeats.each(lambda x: r + x) * log_ratio)
