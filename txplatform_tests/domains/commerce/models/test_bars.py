"""Verdicts: when a bar is met, missed, or when the data cannot say."""

from datetime import date, timedelta

import numpy as np
import pytest

from txplatform.domains.commerce.models.holdout import (
    Judged,
    bars,
    cuts,
    forecasts,
    model_holdout,
    season_factor,
)
from txplatform.domains.commerce.models.ranking import GiniShare
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY, Row
from txplatform_tests.domains.commerce.models.published_shops import occasions

GOOD = GiniShare(0.6, 0.5, 0.7)


def figures(
    error: float = 5.0, gini: GiniShare | None = GOOD, decile: float | None = 0.1
) -> dict[str, Judged]:
    """A model against errors of 10 and 9, and rankings of 0.55 and 0.61."""
    return {
        "model": Judged(100.0, error, gini, 0.5, decile),
        "last_period": Judged(100.0, 9.0, GOOD, 0.5, 0.1),
        "yearly_formula": Judged(100.0, 10.0, GOOD, 0.5, 0.1),
        "recency": Judged(None, None, GiniShare(0.55, 0.5, 0.6), 0.5, None),
        "money": Judged(None, None, GiniShare(0.61, 0.5, 0.7), 0.5, None),
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (figures(), ("met", "met", "met")),
        (figures(error=6.1), ("missed", "met", "met")),
        (figures(gini=GiniShare(0.58, 0.5, 0.7)), ("met", "missed", "met")),
        (figures(decile=0.21), ("met", "met", "missed")),
        (figures(gini=GiniShare(0.6, -0.01, 1)), ("met", "cannot tell customers apart", None)),
        (figures(gini=None), ("met", "cannot tell customers apart", None)),
    ],
)
def test_bars(given: dict[str, Judged], expected: tuple[str | None, ...]) -> None:
    told = bars(given, None)

    assert (told["error_bar"], told["ranking_bar"], told["decile_bar"]) == expected
    assert told["season"] == "season unknown"
    assert bars(given, 1.1)["season"] == "season corrected"


def shop(days: int, monthly: int = 30) -> list[Row]:
    """Sixty customers who come every month, each with an amount of its own."""
    return [
        (f"C{who:02}", FIRST_DAY + timedelta(days=day), 1_000 + 100 * who)
        for who in range(60)
        for day in range(who % 30, days, monthly)
    ]


@pytest.mark.parametrize(("days", "count"), [(179, 0), (180, 1), (269, 1), (450, 4), (900, 4)])
def test_a_cut_needs_ninety_days_before_it(days: int, count: int) -> None:
    as_of = FIRST_DAY + timedelta(days=days)

    found = cuts(occasions(shop(days)), as_of)

    assert found == [as_of - timedelta(days=90 * number) for number in range(1, count + 1)]


def test_the_year_before_corrects_the_season() -> None:
    """In December each customer buys for three times as much, every year."""
    rows = [
        (who, day, cents * (3 if day.month == 12 else 1))
        for who, day, cents in shop(2 * 366)
        if day < date(2025, 12, 31)
    ]
    as_of = date(2025, 12, 31)

    known = occasions(rows)
    latest = forecasts(known, cuts(known, as_of)[0])

    raw = latest.amounts["model"].sum() / latest.actual.sum()
    assert latest.season_factor is not None
    assert abs(raw * latest.season_factor - 1) < abs(raw - 1)


def test_without_a_year_and_ninety_days_the_season_is_unknown() -> None:
    cut = FIRST_DAY + timedelta(days=454)
    past = occasions(shop(454))

    assert season_factor(past, cut) is None
    assert season_factor(past, cut + timedelta(days=2)) is not None


def test_a_leap_day_has_a_day_a_year_before() -> None:
    past = occasions([("Ann", date(2026, 1, 1), 100), ("Ann", date(2027, 2, 3), 100)])

    assert season_factor(past, date(2028, 2, 29)) is not None


def test_every_way_of_predicting_is_a_row() -> None:
    days = 200
    table = model_holdout(occasions(shop(days)), FIRST_DAY + timedelta(days=days))

    rows = {row["predictor"]: row for row in table.to_pylist()}

    assert [*rows] == ["model", "last_period", "yearly_formula", "recency", "money"]
    assert rows["recency"]["predicted_amount"] is None
    assert rows["last_period"]["error_bar"] is None
    assert {row["actual_amount"] for row in rows.values()} == {rows["model"]["actual_amount"]}
    assert float(rows["model"]["total_ratio"]) == pytest.approx(1, abs=0.25)
    assert np.isfinite(float(rows["model"]["gini_share"]))
