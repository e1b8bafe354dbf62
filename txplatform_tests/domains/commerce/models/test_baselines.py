"""What the model is held against, by hand: the last period, the yearly formula, recency, money."""

from datetime import timedelta

import pytest

from txplatform.domains.commerce.models.holdout import Forecasts, cuts, forecasts
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY, Row
from txplatform_tests.domains.commerce.models.published_shops import occasions

CUT = FIRST_DAY + timedelta(days=200)
AS_OF = CUT + timedelta(days=90)
MONTH = 365.25 / 12


def held(*rows: tuple[str, int, int]) -> Forecasts:
    """The latest holdout of a shop, from customer, days before the cut, and euros.

    One customer of its own came on the first day, so that history is long enough.
    """
    shop: list[Row] = [("first", FIRST_DAY, 100)]
    shop += [(name, CUT - timedelta(days=days), 100 * euros) for name, days, euros in rows]
    known = occasions(shop)
    return forecasts(known, cuts(known, AS_OF)[0])


def of(found: Forecasts, predictor: str, name: str = "ann") -> float:
    """What is said of a customer; names are sorted, `ann` before `first`."""
    place = {"ann": 0, "bob": 1, "first": -1}[name]
    return float((found.amounts | found.scores)[predictor][place])


def test_the_last_period_is_the_ninety_days_before_the_cut() -> None:
    found = held(("ann", 91, 7), ("ann", 90, 10), ("ann", 1, 5))

    assert of(found, "last_period") == 15
    assert of(found, "last_period", "first") == 0


@pytest.mark.parametrize(("days", "months"), [((10,), 1), ((30, 10), 1), ((71, 10), 61 / MONTH)])
def test_the_yearly_formula_takes_a_month_for_the_shortest_life(
    days: tuple[int, ...], months: float
) -> None:
    """Orders per month x basket x 12, for 90 days of the year: a one-time buyer at twelve times."""
    found = held(*(("ann", one, 30) for one in days))

    yearly = len(days) / months * 30 * 12
    assert of(found, "yearly_formula") == pytest.approx(yearly * 90 / 365.25)


def test_recency_ranks_by_the_last_day_and_money_by_all_of_it() -> None:
    found = held(("ann", 50, 500), ("bob", 20, 10), ("bob", 90, 20))

    assert of(found, "recency", "bob") > of(found, "recency", "ann")
    assert of(found, "money", "ann") > of(found, "money", "bob")
    assert of(found, "money", "bob") == 3_000


def test_what_came_is_of_those_who_were_known() -> None:
    """Catches: a customer of the holdout who was not there before it."""
    found = held(("ann", 50, 10), ("ann", -5, 40), ("ann", -89, 2), ("ann", -90, 900),
                 ("zoe", -10, 77))  # fmt: skip

    assert found.customer_count == 2
    assert found.actual.tolist() == [42, 0]
    assert found.actual_occasions == 2
