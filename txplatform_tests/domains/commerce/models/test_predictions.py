"""What the models say of a customer: integrals written out, bounds, and what grows with what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from txplatform.domains.commerce.models.bg_nbd import BgNbd
from txplatform.domains.commerce.models.nbd import Nbd
from txplatform.domains.commerce.models.occasion_values import GammaGamma, PooledMean
from txplatform.domains.commerce.models.occasions import Histories, distinct
from txplatform_tests.domains.commerce.models.histories import (
    customer,
    positive,
    some_histories,
    table,
)

MODELS = st.one_of(
    st.builds(BgNbd, positive, positive, positive, positive),
    st.builds(Nbd, positive, positive),
)


@given(known=some_histories(), model=MODELS, weeks=st.floats(0.1, 200))
def test_probabilities_are_probabilities(
    known: Histories, model: BgNbd | Nbd, weeks: float
) -> None:
    shared = distinct(known)

    for said in (model.alive(shared), model.none_within(shared, weeks)):
        assert ((said >= 0) & (said <= 1)).all()


@given(known=some_histories(), model=MODELS)
def test_more_time_brings_more_occasions(known: Histories, model: BgNbd | Nbd) -> None:
    shared = distinct(known)

    expected = np.stack([model.expected(shared, weeks) for weeks in (0.0, 1.0, 13.0, 52.0, 520.0)])

    assert expected[0] == pytest.approx(0, abs=1e-6)
    assert np.isfinite(expected).all()
    assert (np.diff(expected, axis=0) >= -1e-9 * expected.max()).all()


@given(known=some_histories(), model=MODELS, weeks=st.floats(0.1, 200))
def test_whoever_comes_comes_at_least_once(
    known: Histories, model: BgNbd | Nbd, weeks: float
) -> None:
    shared = distinct(known)

    some = 1 - model.none_within(shared, weeks)

    assert (some <= model.expected(shared, weeks) * (1 + 1e-6) + 1e-9).all()


@given(model=st.builds(BgNbd, positive, positive, positive, positive))
def test_the_longer_the_silence_the_likelier_gone(model: BgNbd) -> None:
    silent = [model.alive(distinct(customer(5, 70, days)))[0] for days in (70, 100, 200, 400)]

    assert silent == sorted(silent, reverse=True)


@pytest.mark.parametrize("x", [0, 1, 7])
@pytest.mark.parametrize("a", [0.4, 0.793, 1.0, 1.9])
def test_expected_occasions_are_an_integral(x: int, a: float) -> None:
    """E[Y(t)] alive = integral of the rate times the chance to still be there, over both mixtures.

    Given alive at T: the rate is gamma (r + x, alpha + T), the chance p of leaving beta (a,
    b + x); the mean of a customer with both is (1 - exp(-rate p t)) / p. The rate's part is done
    by hand: 1 - ((alpha + T) / (alpha + T + p t))^(r + x).
    """
    r, alpha, b, weeks, days = 0.7, 4.4, 2.4, 26.0, 280
    known = distinct(customer(x, 70 if x else 0, days))
    end = alpha + days / 7

    def of_chance(p: float) -> float:
        density = float(p ** (a - 1) * (1 - p) ** (b + x - 1))
        return density * float(1 - (end / (end + p * weeks)) ** (r + x)) / p

    total, _ = quad(of_chance, 0, 1, limit=200)
    scale, _ = quad(lambda p: p ** (a - 1) * (1 - p) ** (b + x - 1), 0, 1, limit=200)

    model = BgNbd(r, alpha, a, b)
    expected = model.expected(known, weeks)[0] / model.alive(known)[0]
    assert expected == pytest.approx(total / scale, rel=1e-4)


def test_thousands_of_occasions_are_no_trouble() -> None:
    """Catches: the series of the paper, which overflows with x."""
    busy = distinct(customer(5_000, 5_001, 5_002))

    said = BgNbd(0.25, 4.4, 0.6, 2.4).expected(busy, 52.0)[0]

    assert said == pytest.approx(5_000 / (5_002 / 7) * 52, rel=0.05)


def test_customers_who_all_leave_alike() -> None:
    """Catches: the series, which is beyond doubles where a and b are large."""
    r, alpha, p, weeks = 1.4, 0.6, 0.04, 52.0
    known = distinct(table([(0, 0, 140, 0), (9, 130, 140, 0)]))
    model = BgNbd(r, alpha, 4e5, 4e5 * (1 - p) / p)

    expected = model.expected(known, weeks) / model.alive(known)

    events, end = np.array([r, r + 9]), alpha + 20
    by_hand = (1 - (end / (end + p * weeks)) ** events) / p
    assert sorted(expected) == pytest.approx(sorted(by_hand), rel=1e-3)


@given(known=some_histories(), a=st.floats(40, 49))
def test_both_ways_to_expect_agree(known: Histories, a: float) -> None:
    model, shared = BgNbd(0.7, 4.4, a, 90.0), distinct(known)

    assert model._by_nodes(shared, 13.0) == pytest.approx(model._by_series(shared, 13.0), rel=1e-4)


def test_nbd_is_the_rate_that_was_seen() -> None:
    model = Nbd(2.0, 10.0)
    known = distinct(customer(4, 70, 140))

    assert model.expected(known, 15.0)[0] == pytest.approx((2 + 4) / (10 + 20) * 15)
    assert model.none_within(known, 15.0)[0] == pytest.approx((30 / 45) ** 6)
    assert model.alive(known)[0] == 1


def test_a_value_is_between_the_mean_of_all_and_the_customers_own() -> None:
    model = GammaGamma(6.0, 4.0, 15.0)
    known = table([(0, 0, 100, 0), (1, 50, 100, 9_000), (50, 50, 100, 450_000)])

    of_all, once, often = model.expected(known)

    assert of_all == pytest.approx(6 * 15 / 3)
    assert of_all < once < often < 90
    assert often == pytest.approx(90, rel=0.02)


def test_a_pooled_mean_is_everybodys() -> None:
    assert PooledMean(12.5).expected(table([(0, 0, 9, 0), (3, 5, 9, 60)])).tolist() == [12.5, 12.5]
