"""On shops drawn from the models' assumptions: the truth is found, and believed where it should."""

import os
import subprocess
import sys

import numpy as np
import pytest

from txplatform.domains.commerce.models.bg_nbd import BgNbd
from txplatform.domains.commerce.models.customer_values import Valuation, customer_value
from txplatform.domains.commerce.models.fits import Fits, fit
from txplatform.domains.commerce.models.holdout import model_holdout
from txplatform.domains.commerce.models.occasion_values import GammaGamma
from txplatform.domains.commerce.models.occasions import Histories, histories
from txplatform.domains.commerce.models.ranking import auc
from txplatform_tests.domains.commerce.models.drawn_shops import AS_OF, DrawnShop, drawn_shop

BUYING = BgNbd(0.8, 5.0, 0.9, 3.5)
SPENDING = GammaGamma(6.0, 4.5, 20.0)
MEAN_VALUE = SPENDING.p * SPENDING.gamma / (SPENDING.q - 1)

DIGITS = """
from txplatform.domains.commerce.models.fits import fit
from txplatform.domains.commerce.models.occasions import Histories
import numpy as np
drawn = np.random.default_rng(5)
days = drawn.integers(30, 4_000, 30_000)
repeats = drawn.poisson(3, days.size)
last = np.where(repeats > 0, (days * drawn.random(days.size)).astype(int), 0)
cents = repeats * drawn.integers(100, 9_000, days.size)
found = fit(Histories(np.arange(days.size), repeats, last, days, cents))
print([value.hex() for value in (*found.repeat.model, *found.value.model)])
"""


@pytest.fixture(scope="module")
def shop() -> DrawnShop:
    return drawn_shop(3_000, BUYING, SPENDING, seed=11)


@pytest.fixture(scope="module")
def known(shop: DrawnShop) -> Histories:
    return histories(shop.occasions, AS_OF)


@pytest.fixture(scope="module")
def fits(known: Histories) -> Fits:
    return fit(known)


def test_the_parameters_that_made_the_shop_are_found(fits: Fits) -> None:
    """Within what 3,000 customers say, and half a day that a whole day hides."""
    assert isinstance(fits.repeat.model, BgNbd)
    assert isinstance(fits.value.model, GammaGamma)
    assert fits.repeat.model == pytest.approx(BUYING, rel=0.3)
    r, alpha, a, b = fits.repeat.model
    assert r / alpha == pytest.approx(BUYING.r / BUYING.alpha, rel=0.1)
    assert a / (a + b) == pytest.approx(BUYING.a / (BUYING.a + BUYING.b), rel=0.15)
    p, q, gamma = fits.value.model
    assert p * gamma / (q - 1) == pytest.approx(MEAN_VALUE, rel=0.05)


def test_who_has_left_is_seen(shop: DrawnShop, known: Histories, fits: Fits) -> None:
    """Of those who came again; the others cannot have left."""
    names = shop.occasions.customer_ids.to_pylist()
    gone = np.array([shop.has_left[names[place]] for place in known.customer.tolist()])
    again = known.repeats > 0

    alive = fits.forecast(known).alive()

    found = auc(-alive[again], gone[again])
    assert found is not None
    assert found > 0.85
    assert (1 - alive[again]).mean() == pytest.approx(gone[again].mean(), abs=0.05)


def test_totals_come_as_expected(shop: DrawnShop) -> None:
    """Three holdouts of a shop without seasons: within a tenth, and the bars of ranking met."""
    rows = model_holdout(shop.occasions, AS_OF).to_pylist()

    models = [row for row in rows if row["predictor"] == "model"]
    assert len(models) == 4
    for row in models[:3]:
        assert float(row["expected_occasions"]) == pytest.approx(row["actual_occasions"], rel=0.12)
        assert row["gini_low"] > 0
        assert row["error_bar"] == "met"


def test_values_follow_the_unit_of_money(shop: DrawnShop, known: Histories, fits: Fits) -> None:
    """Ten times the cents are ten times the value: no amount is compared with a constant."""
    dearer = shop.occasions._replace(cents=shop.occasions.cents * 10)
    of_dearer = histories(dearer, AS_OF)

    once = customer_value(shop.occasions, known, fits, Valuation(1.0))
    tenfold = customer_value(dearer, of_dearer, fit(of_dearer), Valuation(1.0))

    before, after = (np.array(table["clv"].to_pylist(), float) for table in (once, tenfold))
    assert after.sum() == pytest.approx(10 * before.sum(), rel=1e-4)
    assert np.abs(after - 10 * before).max() < 0.001 * after.max()


def test_the_digits_do_not_depend_on_the_number_of_threads() -> None:
    """Catches: sums by BLAS, which adds up in as many parts as there are threads."""
    digits = [
        subprocess.run(
            [sys.executable, "-c", DIGITS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},  # noqa: TID251 - a child's own
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]

    assert digits[0] == digits[1]
    assert "0x" in digits[0]
