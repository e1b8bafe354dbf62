"""The made-up shop has something true to find: the models find it, and its bars hold."""

import numpy as np
import pytest

from txplatform.domains.commerce.models.bg_nbd import BgNbd
from txplatform.domains.commerce.models.fits import Fits, fit
from txplatform.domains.commerce.models.occasion_values import GammaGamma
from txplatform.domains.commerce.models.occasions import histories
from txplatform.domains.commerce.sources import sample
from txplatform.domains.commerce.sources.sample import DAY_SECONDS, Plan, Shop
from txplatform_tests.domains.commerce.models.histories import Row
from txplatform_tests.domains.commerce.models.published_shops import occasions

PLAN = Plan(customers=3_000, seed=3)


@pytest.fixture(scope="module")
def shop() -> Shop:
    """A drawn shop."""
    return sample.drawn(PLAN)


@pytest.fixture(scope="module")
def fits(shop: Shop) -> Fits:
    """The models, fitted on its sales."""
    lines = shop.lines
    is_known = (lines.what == sample.SALE) & (lines.customer >= 0)
    days = (lines.at[is_known] // DAY_SECONDS).astype("datetime64[D]").astype(object)
    rows: list[Row] = [
        (str(who), day, int(cents))
        for who, day, cents in zip(
            lines.customer[is_known].tolist(), days, lines.amount[is_known].tolist(), strict=True
        )
    ]
    totals: dict[tuple[str, object], int] = {}
    for who, day, cents in rows:
        totals[who, day] = totals.get((who, day), 0) + cents
    known = occasions([(who, day, cents) for (who, day), cents in totals.items()])  # type: ignore[misc]
    after = np.datetime64(PLAN.first_day, "D") + PLAN.days
    return fit(histories(known, after.astype(object)))


def test_rates_and_leaving_are_found(fits: Fits) -> None:
    found = fits.repeat.model

    assert isinstance(found, BgNbd)
    assert found.r == pytest.approx(sample.RATE_SHAPE, rel=0.35)
    # The season lets some 7 of 10 orders come, so that rates are lower than they were drawn.
    assert found.r / found.alpha == pytest.approx(
        0.7 * sample.RATE_SHAPE / sample.RATE_WEEKS, rel=0.35
    )
    assert 0 < found.a < found.b


def test_customers_differ_in_what_they_spend(fits: Fits) -> None:
    assert isinstance(fits.value.model, GammaGamma)
    assert fits.value.gain is not None
    assert fits.value.gain > 1


def test_the_newest_have_left_less_often_than_the_oldest(shop: Shop) -> None:
    order = np.argsort(shop.joined)
    oldest, newest = np.split(shop.has_left[order], 2)

    assert oldest.mean() > newest.mean()
