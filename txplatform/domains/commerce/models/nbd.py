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
        return np.ones_like(known.weeks)

    def expected(self, known: Distinct, weeks: float) -> Real:
        """E[Y(t)]: occasions in the next `weeks`."""
        return (self.r + known.repeats) / (self.alpha + known.weeks) * weeks

    def none_within(self, known: Distinct, weeks: float) -> Real:
        """P(no purchase): no occasion in the next `weeks`."""
        ratio = (self.alpha + known.weeks) / (self.alpha + known.weeks + weeks)
        return ratio ** (self.r + known.repeats)


def fit_nbd(known: Distinct) -> Maximum:
    """The parameters r, alpha under which the histories are likeliest."""
    rate = known.total(known.repeats) / max(known.total(known.weeks), 1.0)
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
    end = alpha + known.weeks
    log_ratio = np.log(alpha / end)
    gain = gammaln(r + known.repeats) - gammaln(r)
    value = gain + r * log_ratio - known.repeats * np.log(end)
    by_r = digamma(r + known.repeats) - digamma(r) + log_ratio
    return value, by_r, r / alpha - (r + known.repeats) / end
