"""BG/NBD: customers buy at rates of their own, and after an occasion some never come back.

Source: Fader, Hardie, Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24 (2005). Rates are gamma (r, alpha), the chance of leaving
after an occasion is beta (a, b); times are weeks.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln, hyp2f1

from txplatform.domains.commerce.models.maximum import Maximum, maximum
from txplatform.domains.commerce.models.nbd import rate_likelihood
from txplatform.domains.commerce.models.occasions import Distinct, Real

POLE = 1e-5
"""How near a or a + b may come to 1, where E[Y(t)] is 0 / 0."""


class BgNbd(NamedTuple):
    """The parameters, and what they say of customers with a history."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, known: Distinct) -> Real:
        """P(alive): whether the customer still buys at the cut; 1 without a repeat."""
        return np.exp(-np.logaddexp(0, self._log_odds_of_leaving(known)))

    def expected(self, known: Distinct, weeks: float) -> Real:
        """E[Y(t)]: occasions in the next `weeks`.

        The hypergeometric function after Euler's transformation, which leaves x in one place:
        ((alpha + T) / (alpha + T + t))^(r + x) 2F1(r + x, b + x; a + b + x - 1; t / (alpha + T +
        t)) is that ratio to the power a - 1 times 2F1(a + b - 1 - r, a - 1; a + b + x - 1; ...).
        """
        a = self._away_from_poles()
        end = self.alpha + known.weeks + weeks
        below = a + self.b + known.repeats - 1
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, below, weeks / end)
        still = ((self.alpha + known.weeks) / end) ** (a - 1) * series
        return below / (a - 1) * (1 - still) * self.alive(known)

    def none_within(self, known: Distinct, weeks: float) -> Real:
        """P(no purchase): no occasion in the next `weeks`, gone or not."""
        alive = self.alive(known)
        ratio = (self.alpha + known.weeks) / (self.alpha + known.weeks + weeks)
        return 1 - alive + alive * ratio ** (self.r + known.repeats)

    def _log_odds_of_leaving(self, known: Distinct) -> Real:
        return _log_odds_of_leaving(known, *self)

    def _away_from_poles(self) -> float:
        is_near = min(abs(self.a - 1), abs(self.a + self.b - 1)) < POLE
        return self.a + 2 * POLE if is_near else self.a


def fit_bg_nbd(known: Distinct) -> Maximum:
    """The parameters r, alpha, a, b under which the histories are likeliest."""
    typical = max(known.total(known.weeks) / float(known.counts.sum()), 1.0)
    starts = ((1.0, typical, 1.0, 1.0), (0.3, typical / 6, 0.8, 2.5), (3.0, 3 * typical, 0.1, 3.0))
    return maximum(lambda theta: likelihood(theta, known), starts, float(known.counts.sum()))


def likelihood(theta: Real, known: Distinct) -> tuple[float, Real]:
    """Log-likelihood and gradient by r, alpha, a, b.

    Equation 6 of the paper: NBD's likelihood, times what the customer's stay after x occasions
    adds, B(a, b + x) / B(a, b), times 1 + the odds that it left at the last one.
    """
    r, alpha, a, b = (float(value) for value in theta)
    rate, by_r, by_alpha = rate_likelihood(r, alpha, known)
    stay = gammaln(b + known.repeats) - gammaln(a + b + known.repeats)
    stay += gammaln(a + b) - gammaln(b)
    odds = _log_odds_of_leaving(known, r, alpha, a, b)
    gone = np.exp(-np.logaddexp(0, -odds))
    end, last = alpha + known.weeks, alpha + known.last_weeks
    before = np.where(known.repeats > 0, b + known.repeats - 1, 1)
    both = digamma(a + b) - digamma(a + b + known.repeats)
    each = (
        by_r + gone * np.log(end / last),
        by_alpha + gone * (r + known.repeats) * (1 / end - 1 / last),
        both + gone / a,
        both + digamma(b + known.repeats) - digamma(b) - gone / before,
    )
    total = known.total(rate + stay + np.logaddexp(0, odds))
    return total, np.array([known.total(part) for part in each])


def _log_odds_of_leaving(known: Distinct, r: float, alpha: float, a: float, b: float) -> Real:
    """log of a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x); minus infinity for x = 0."""
    has_repeats = known.repeats > 0
    before = np.where(has_repeats, b + known.repeats - 1, 1)
    ratio = np.log((alpha + known.weeks) / (alpha + known.last_weeks))
    odds = np.log(a) - np.log(before) + (r + known.repeats) * ratio
    return np.where(has_repeats, odds, -np.inf)
