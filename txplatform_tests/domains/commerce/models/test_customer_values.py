"""Values of customers: a sum by hand, decimals at the end, countries that add up."""

from datetime import date
from decimal import Decimal
from math import inf, nan

import numpy as np
import pytest

from txplatform.domains.commerce.models.columns import table_of, whole_units
from txplatform.domains.commerce.models.customer_values import (
    Valuation,
    customer_value,
    share_kept,
    value_by_country,
)
from txplatform.domains.commerce.models.fits import Fits, fit, model_fits
from txplatform.domains.commerce.models.nbd import Nbd
from txplatform.domains.commerce.models.occasion_values import (
    PooledMean,
    ValueFit,
    fit_occasion_values,
)
from txplatform.domains.commerce.models.occasions import histories
from txplatform.domains.commerce.models.repeat_buying import RepeatFit
from txplatform.domains.commerce.tables import expectations as tables
from txplatform_tests.domains.commerce.models.histories import table
from txplatform_tests.domains.commerce.models.published_shops import occasions

AS_OF = date(2026, 1, 30)
STEADY = Fits(
    RepeatFit(Nbd(2.0, 10.0), -1.0, -1.0, ""),
    ValueFit(PooledMean(50.0), None, None, 0, None, ""),
)


def test_a_value_is_the_sum_of_twelve_discounted_months() -> None:
    shop = occasions([("Ann", date(2026, 1, 1), 100), ("Ann", date(2026, 1, 15), 320)])
    known = histories(shop, AS_OF)

    (row,) = customer_value(shop, known, STEADY, Valuation(0.9)).to_pylist()

    monthly = (2 + 1) / (10 + 4) * 365.25 / 84
    discounts = sum(1.01**-month for month in range(1, 13))
    assert row["customer_id"] == "Ann"
    assert row["expected_occasions"] == round(Decimal(12 * monthly), 6)
    assert row["clv"] == Decimal(f"{0.9 * 50 * monthly * discounts:.2f}")
    assert row["mean_value"] == Decimal("3.20")
    assert (row["observed_weeks"], row["last_weeks"]) == (Decimal(4), Decimal(2))


def test_what_refunds_take_later_is_not_kept() -> None:
    shop = occasions([("Ann", date(2026, 1, 1), 10_000)])

    assert share_kept(9_850, shop) == pytest.approx(0.985)
    assert share_kept(0, occasions([])) == 1


def test_countries_add_up_to_the_cent_the_most_valuable_first() -> None:
    values = table_of(
        tables.customer_value,
        {
            "customer_id": ["a", "b", "c"],
            "country": ["Italy", "France", "Italy"],
            "expected_occasions": np.array([1.0, 2.0, 0.5]),
            "clv": np.array([0.1, 0.6, 0.2]),
        },
    )

    france, italy = value_by_country(values).to_pylist()

    assert france["country"] == "France"
    assert italy == {
        "country": "Italy",
        "customer_count": 2,
        "expected_occasions": Decimal("1.500000"),
        "clv": Decimal("0.30"),
        "mean_clv": Decimal("0.15"),
        "share": Decimal("0.333333"),
    }


def test_numbers_are_rounded_half_up_and_what_is_none_is_null() -> None:
    assert whole_units([0.125, -0.125, nan, inf], 2).to_pylist() == [13, -13, None, None]
    assert whole_units([1.005, None], 2).to_pylist() == [100, None]  # 1.005 is below in doubles


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(0, 0, 100, 0)] * 5, "fewer than two"),
        ([(3, 50, 100, 3_000)] * 50, "not above 1|less than 1|did not converge"),
    ],
)
def test_where_customers_do_not_differ_one_mean_is_used(
    rows: list[tuple[int, int, int, int]], reason: str
) -> None:
    found = fit_occasion_values(table(rows))

    assert isinstance(found.model, PooledMean)
    assert any(part in found.fallback_reason for part in reason.split("|"))


def test_a_warning_where_value_and_frequency_go_together() -> None:
    """Gamma-Gamma takes them for independent."""
    rows = [(x, 300, 350, x * (1_000 * x + jitter)) for x in range(1, 30) for jitter in (0, 700)]

    found = fit_occasion_values(table(rows))

    assert found.correlation is not None
    assert found.correlation > 0.9
    assert "correlation" in found.warning


def test_the_fits_are_a_table_of_two_rows() -> None:
    known = table([(x, 10 * x, 300, 5_000 * x + 17 * n) for x in range(8) for n in range(9)])

    often, much = model_fits(fit(known), known).to_pylist()

    assert (often["part"], much["part"]) == ("repeat_buying", "occasion_value")
    assert often["customer_count"] == 72
    assert much["customer_count"] == 63
    assert often["gain"] >= 0
