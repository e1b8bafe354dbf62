"""CDNOW as the papers of Fader and Hardie publish it: 39 weeks fitted, 39 weeks predicted."""

import csv
from pathlib import Path

import numpy as np
import pytest

from txplatform.domains.commerce.models.bg_nbd import BgNbd
from txplatform.domains.commerce.models.fits import Fits, fit
from txplatform.domains.commerce.models.occasion_values import GammaGamma, fit_gamma_gamma, means_of
from txplatform.domains.commerce.models.occasions import Histories, distinct, histories
from txplatform_tests.domains.commerce.models.histories import customer
from txplatform_tests.domains.commerce.models.published_shops import Shop

HALF = 39.0


@pytest.fixture(scope="module")
def known(calibration: Shop) -> Histories:
    return histories(calibration.occasions, calibration.as_of)


@pytest.fixture(scope="module")
def fits(known: Histories) -> Fits:
    return fit(known)


def test_histories_are_those_of_the_published_summary(
    calibration: Shop, known: Histories, shared_data: Path
) -> None:
    path = shared_data / "commerce/cdnow/cdnow_customers_summary_with_transactions.csv"
    with path.open(newline="") as file:
        published = {int(row["ID"]): row for row in csv.DictReader(file)}
    ids = [int(one.as_py()) for one in calibration.occasions.customer_ids]

    rows = [published[ids[position]] for position in known.customer.tolist()]

    assert known.customer.size == len(published) == 2_357
    assert known.repeats.tolist() == [int(row["x"]) for row in rows]
    for days, column in ((known.last_days, "t_x"), (known.days, "T")):
        assert np.abs(days / 7 - [float(row[column]) for row in rows]).max() < 0.006


def test_the_published_parameters(fits: Fits, known: Histories) -> None:
    assert isinstance(fits.repeat.model, BgNbd)
    assert np.round(fits.repeat.model, 3).tolist() == [0.243, 4.414, 0.793, 2.426]
    assert fits.repeat.model == pytest.approx((0.24259, 4.4136, 0.7929, 2.4259), rel=1e-4)
    assert fits.repeat.rich_log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert isinstance(fits.value.model, GammaGamma)
    assert np.round(fits.value.model, 2).tolist() == [6.25, 3.74, 15.44]
    assert fits.value.model == pytest.approx((6.2496, 3.7442, 15.4435), rel=1e-4)
    assert fits.value.rich_log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert fits.value.customer_count == means_of(known).values.size == 946
    assert fit_gamma_gamma(means_of(known)).has_converged


def test_the_published_customer(fits: Fits) -> None:
    bought_twice = distinct(customer(2, 213, 272))

    assert fits.repeat.model.expected(bought_twice, HALF)[0] == pytest.approx(1.226, abs=5e-4)
    assert fits.repeat.model.alive(bought_twice)[0] == pytest.approx(0.7266, abs=5e-5)


def test_a_customer_who_came_once(fits: Fits) -> None:
    """With the rounded parameters of the paper, too."""
    once = distinct(customer(0, 0, 272))

    assert fits.repeat.model.expected(once, HALF)[0] == pytest.approx(0.1948, abs=5e-5)
    rounded = BgNbd(0.243, 4.414, 0.793, 2.426)
    assert rounded.expected(once, HALF)[0] == pytest.approx(0.1951, abs=5e-5)
    assert fits.repeat.model.alive(once)[0] == 1


def test_the_published_mean(fits: Fits) -> None:
    spent = customer(2, 213, 272)._replace(repeat_cents=np.array([4_470]))

    assert fits.value.model.expected(spent)[0] == pytest.approx(24.66, abs=0.005)


def test_the_second_half(cdnow: Shop, calibration: Shop, fits: Fits, known: Histories) -> None:
    predicted = fits.forecast(known).expected(HALF).sum()

    came = cdnow.occasions.within(calibration.as_of, cdnow.as_of)
    assert round(predicted) == 1_653
    assert came.day.size == 1_882
