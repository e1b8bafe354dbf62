"""BG/NBD: customers buy at rates of their own, and after an occasion some never come back.

Source: Fader, Hardie, Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24 (2005). Rates are gamma (r, alpha), the chance of leaving
after an occasion is beta (a, b); times are weeks.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, betaln, digamma, expit, hyp2f1, log_expit

from txplatform.domains.commerce.models.maximum import Maximum, maximum
from txplatform.domains.commerce.models.nbd import rate_likelihood, silence
from txplatform.domains.commerce.models.occasions import Distinct, Real

POLE = 1e-5
"""How near a or a + b may come to 1, where E[Y(t)] is 0 / 0."""


HIGHEST_A = 50
"""Above it customers hardly differ in their chance to leave, and the series loses its digits."""
_points, _weights = np.polynomial.legendre.leggauss(32)
NODES = ((_points + 1) / 2, _weights / 2)


class BgNbd(NamedTuple):
    """The parameters, and what they say of customers with a history."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, known: Distinct) -> Real:
        """P(alive): whether the customer still buys at the cut; 1 without a repeat."""
        return np.asarray(expit(-_log_odds_of_leaving(known, *self)), np.float64)

    def expected(self, known: Distinct, weeks: float) -> Real:
        """E[Y(t)]: occasions in the next `weeks`.

        The hypergeometric function after Euler's transformation, which leaves x in one place:
        ((alpha + T) / (alpha + T + t))^(r + x) 2F1(r + x, b + x; a + b + x - 1; t / (alpha + T +
        t)) is that ratio to the power a - 1 times 2F1(a + b - 1 - r, a - 1; a + b + x - 1; ...).
        """
        still_buying = self._by_series(known, weeks)
        is_lost = ~np.isfinite(still_buying)
        if is_lost.any():
            still_buying = np.where(is_lost, self._by_nodes(known, weeks), still_buying)
        return still_buying * self.alive(known)

    def _by_series(self, known: Distinct, weeks: float) -> Real:
        """E[Y(t)] of who is alive; NaN where the series is beyond doubles."""
        if self.a > HIGHEST_A:
            return np.full_like(known.counts, np.nan)
        a = self._away_from_poles()
        end = self.alpha + known.weeks.rows + weeks
        below = a + self.b + known.repeats.rows - 1
        with np.errstate(invalid="ignore", over="ignore"):
            series = hyp2f1(a + self.b - 1 - self.r, a - 1, below, weeks / end)
            still = (1 - weeks / end) ** (a - 1) * series
        return np.asarray(below / (a - 1) * (1 - still))

    def _by_nodes(self, known: Distinct, weeks: float) -> Real:
        """E[Y(t)] of who is alive, as a mean over its chance p of leaving, beta (a, b + x).

        With one p it is (1 - ((alpha + T) / (alpha + T + p t))^(r + x)) / p.
        """
        pace = known.weeks.each(lambda past: weeks / (self.alpha + past))
        events = known.repeats.each(lambda x: self.r + x)
        total = np.zeros_like(pace)
        for quantile, weight in zip(*NODES, strict=True):
            p = known.repeats.each(partial(self._chance_of_leaving, quantile))
            total -= weight * np.expm1(-events * np.log1p(p * pace)) / p
        return total

    def _chance_of_leaving(self, quantile: float, repeats: Real) -> Real:
        return np.maximum(betaincinv(self.a, self.b + repeats, quantile), np.finfo(float).tiny)

    def none_within(self, known: Distinct, weeks: float) -> Real:
        """P(no purchase): no occasion in the next `weeks`, gone or not."""
        return 1 - self.alive(known) * (1 - silence(self.r, self.alpha, known, weeks))

    def _away_from_poles(self) -> float:
        is_near = min(abs(self.a - 1), abs(self.a + self.b - 1)) < POLE
        return self.a + 2 * POLE if is_near else self.a


def fit_bg_nbd(known: Distinct) -> Maximum:
    """The parameters r, alpha, a, b under which the histories are likeliest."""
    customers = max(float(known.counts.sum()), 1.0)
    typical = max(known.total(known.weeks.rows) / customers, 1.0)
    starts = ((1.0, typical, 1.0, 1.0), (0.3, typical / 6, 0.8, 2.5), (3.0, 3 * typical, 0.1, 3.0))
    return maximum(lambda theta: likelihood(theta, known), starts, customers)


def likelihood(theta: Real, known: Distinct) -> tuple[float, Real]:
    """Log-likelihood and gradient by r, alpha, a, b.

    Equation 6 of the paper: NBD's likelihood, times what the customer's stay after x occasions
    adds, B(a, b + x) / B(a, b), times 1 + the odds that it left at the last one.
    """
    r, alpha, a, b = (float(value) for value in theta)
    rate, by_r, by_alpha = rate_likelihood(r, alpha, known)
    x = known.repeats
    stay = x.each(lambda x: np.asarray(betaln(a, b + x) - betaln(a, b), np.float64))
    by_a = x.each(lambda x: digamma(a + b) - digamma(a + b + x))
    by_b = by_a + x.each(lambda x: digamma(b + x) - digamma(b))
    odds = _log_odds_of_leaving(known, r, alpha, a, b)
    gone = expit(odds)
    log_ratio, slope = _since_last(known, alpha)
    each = (
        by_r + gone * log_ratio,
        by_alpha + gone * x.each(lambda x: r + x) * slope,
        by_a + gone / a,
        by_b - gone * x.each(lambda x: 1 / np.where(x > 0, b + x - 1, 1)),
    )
    total = known.total(rate + stay - log_expit(-odds))
    return total, np.array([known.total(part) for part in each])


def _log_odds_of_leaving(known: Distinct, r: float, alpha: float, a: float, b: float) -> Real:
    """log of a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x); minus infinity for x = 0."""
    log_ratio, _ = _since_last(known, alpha)
    level = known.repeats.each(
        lambda x: np.where(x > 0, np.log(a) - np.log(np.where(x > 0, b + x - 1, 1)), -np.inf)
    )
    return level + known.repeats.each(lambda x: r + x) * log_ratio


def _since_last(known: Distinct, alpha: float) -> tuple[Real, Real]:
    """log((alpha + T) / (alpha + t_x)), and its slope by alpha."""
    end, last = known.weeks, known.last_weeks
    log_ratio = end.each(lambda t: np.log(alpha + t)) - last.each(lambda t: np.log(alpha + t))
    slope = end.each(lambda t: 1 / (alpha + t)) - last.each(lambda t: 1 / (alpha + t))
    return log_ratio, slope
