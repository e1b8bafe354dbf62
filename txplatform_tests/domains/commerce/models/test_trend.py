"""Months taken apart: what is added up again, what is found in months that were made up."""

import polars as pl
import pytest

from txplatform.domains.commerce.models.trend import trend_of

SEASON = (0, 0, 0, 0, 0, 0, -60_000, -60_000, 0, 0, 30_000, 90_000)


def growth(count: int) -> pl.DataFrame:
    """Months of a shop that grows by 10.00 a month, with a season, in cents."""
    months = range(count)
    nets = [1_000_000 + 1_000 * month + SEASON[month % 12] for month in months]
    return pl.DataFrame({"month": months, "net_amount": nets})


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (23, 0), (24, 24), (36, 36)])
def test_two_whole_years_are_needed(count: int, expected: int) -> None:
    assert trend_of(growth(count)).height == expected


def test_the_parts_add_up_to_the_month() -> None:
    found = trend_of(growth(30))

    whole = found["trend"] + found["season"] + found["remainder"]
    assert whole.to_list() == growth(30)["net_amount"].to_list()


def test_trend_and_season_are_those_that_were_made_up() -> None:
    found = trend_of(growth(48))

    steps = found["trend"].diff().drop_nulls()
    assert steps.mean() == pytest.approx(1_000, rel=0.01)
    mean = sum(SEASON) / 12
    for month, season in enumerate(found["season"]):
        assert season == pytest.approx(SEASON[month % 12] - mean, abs=1_500)
    assert all(abs(rest) < 1_500 for rest in found["remainder"])
