"""Likelihoods: their slopes against differences, and against the formulas written out."""

from collections.abc import Callable, Sequence
from math import exp, lgamma, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txplatform.domains.commerce.models import bg_nbd, nbd, occasion_values
from txplatform.domains.commerce.models.maximum import Likelihood, maximum
from txplatform.domains.commerce.models.occasion_values import means_of
from txplatform.domains.commerce.models.occasions import Histories, Real, distinct
from txplatform.domains.commerce.models.repeat_buying import fit_repeat_buying
from txplatform_tests.domains.commerce.models.histories import positive, some_histories, table

LIKELIHOODS: dict[str, tuple[int, Callable[[Histories], Likelihood]]] = {
    "NBD": (2, lambda known: lambda theta: nbd.likelihood(theta, distinct(known))),
    "BG/NBD": (4, lambda known: lambda theta: bg_nbd.likelihood(theta, distinct(known))),
    "Gamma-Gamma": (
        3,
        lambda known: lambda theta: occasion_values.likelihood(theta, means_of(known)),
    ),
    "one gamma": (2, lambda known: lambda theta: occasion_values.one_gamma(theta, means_of(known))),
}


@pytest.mark.parametrize("name", LIKELIHOODS)
@given(known=some_histories(), theta=st.lists(positive, min_size=4, max_size=4))
def test_slopes_are_those_of_the_likelihood(
    name: str, known: Histories, theta: list[float]
) -> None:
    size, of_histories = LIKELIHOODS[name]
    likelihood, parameters = of_histories(known), np.array(theta[:size])

    value, slopes = likelihood(parameters)

    assert np.isfinite(value)
    for position, slope in enumerate(slopes):
        step = 1e-5 * parameters[position] * np.eye(size)[position]
        above, below = (likelihood(parameters + side * step)[0] for side in (1, -1))
        difference = (above - below) / (2 * step[position])
        noise = 1e-9 * abs(value) / step[position]
        assert slope == pytest.approx(difference, rel=1e-4, abs=1e-4 + noise)


@given(known=some_histories(), theta=st.tuples(positive, positive, positive, positive))
def test_bg_nbd_is_the_formula_of_the_paper(
    known: Histories, theta: tuple[float, float, float, float]
) -> None:
    """Customer by customer, without what the distinct ones share."""
    value, _ = bg_nbd.likelihood(np.array(theta), distinct(known))

    rows = zip(known.repeats, known.last_days / 7, known.days / 7, strict=True)
    assert value == pytest.approx(sum(_log_of_paper(theta, *row) for row in rows), rel=1e-9)


def _log_of_paper(theta: Sequence[float], x: int, t_x: float, weeks: float) -> float:
    r, alpha, a, b = theta
    rate = lgamma(r + x) - lgamma(r) + r * log(alpha)
    stayed = _log_beta(a, b + x) - _log_beta(a, b) - (r + x) * log(alpha + weeks)
    if not x:
        return rate + stayed
    left = _log_beta(a + 1, b + x - 1) - _log_beta(a, b) - (r + x) * log(alpha + t_x)
    high = max(stayed, left)
    return rate + high + log(exp(stayed - high) + exp(left - high))


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


@given(known=some_histories(), theta=st.tuples(positive, positive))
def test_bg_nbd_without_leaving_is_nbd(known: Histories, theta: tuple[float, float]) -> None:
    shared = distinct(known._replace(last_days=known.days))

    rich, _ = bg_nbd.likelihood(np.array([*theta, 1e-9, 1.0]), shared)

    simple, _ = nbd.likelihood(np.array(theta), shared)
    assert rich == pytest.approx(simple, abs=1e-3)


def test_the_top_of_a_known_hill() -> None:
    """The maximum of 3 log(x) - x + 5 log(y) - 2 y is at 3 and 2.5."""

    def hill(theta: Real) -> tuple[float, Real]:
        x, y = theta
        value = 3 * np.log(x) - x + 5 * np.log(y) - 2 * y
        return float(value), np.array([3 / x - 1, 5 / y - 2])

    top = maximum(hill, [(1.0, 1.0), (100.0, 0.01)], 1.0)

    assert top.has_converged
    assert top.parameters == pytest.approx((3.0, 2.5), rel=1e-6)


def test_a_slope_without_a_top_has_not_converged() -> None:
    def slope(theta: Real) -> tuple[float, Real]:
        return float(np.log(theta[0])), 1 / theta

    assert not maximum(slope, [(1.0,)], 1.0).has_converged


@settings(max_examples=6)
@given(known=some_histories())
def test_a_fit_always_ends_with_figures_that_can_be_shown(known: Histories) -> None:
    """Catches: one customer, no repeats, everybody on the same day."""
    fit = fit_repeat_buying(known)

    assert np.isfinite([*fit.model, fit.gain]).all()
    assert fit.gain >= 0
    assert np.isfinite(fit.model.expected(distinct(known), 52.0)).all()


def test_leaving_is_seen_where_it_is() -> None:
    """Half of the customers come weekly for ever; half came weekly for a while and stopped."""
    stay = [(50, 350, 357, 0)] * 40
    gone = [(n, 7 * n, 357, 0) for n in range(1, 41)]

    fit = fit_repeat_buying(table(stay + gone))

    assert fit.gain > 100
    assert not fit.fallback_reason
    assert fit.model.alive(distinct(table([stay[0]])))[0] > 0.9
    assert fit.model.alive(distinct(table([gone[4]])))[0] < 0.01
