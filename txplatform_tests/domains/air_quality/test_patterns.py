"""Profiles, trend, comparison and forecast: what is said, from how much, and what is not."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.air_quality.models import forecast
from txplatform.domains.air_quality.models.forecast import Score
from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.daily import figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT, Floats
from txplatform.domains.air_quality.transforms.patterns import (
    Cell,
    Trend,
    compare,
    profile,
    trend,
)
from txplatform_tests.domains.air_quality import plain
from txplatform_tests.domains.air_quality.scoring import rolled, score_of
from txplatform_tests.domains.air_quality.series import Values, hours_of, numbers


def cells(values: Values, start: datetime, zone: str = "UTC") -> dict[tuple[str, int], Cell]:
    hours = hours_of(start, zone, pm25=values)
    found = profile(hours, "pm25", hours.values["pm25"] != ABSENT)
    return {(cell.by, cell.at): cell for cell in found}


@given(st.lists(st.none() | numbers, min_size=24 * 14, max_size=24 * 14))
def test_a_profile_against_fractions(values: list[Decimal | None]) -> None:
    found = cells(values, datetime(2026, 3, 1))

    for hour in (0, 5, 23):
        known = [Fraction(v) for v in values[hour::24] if v is not None]
        cell = found["hour", hour]
        assert cell.n == len(known)
        if len(known) < 10:
            assert cell.mean is None
            continue
        exact = plain.mean([v for v in values[hour::24] if v is not None])
        assert exact is not None
        shares = (Fraction(1, 2), Fraction(1, 10), Fraction(9, 10))
        expected = [exact, *(plain.percentile(known, share) for share in shares)]
        assert list(cell[3:]) == [plain.half_up(value, 4) for value in expected]


def test_a_cell_needs_ten_values() -> None:
    assert cells([1.0] * 24 * 9, datetime(2026, 3, 1))["hour", 3].mean is None
    assert cells([1.0] * 24 * 10, datetime(2026, 3, 1))["hour", 3].mean == 1


def test_weekdays_are_iso_and_months_are_local() -> None:
    monday = datetime(2026, 3, 2)
    values = [1.0] * 24 + [7.0] * 24

    found = cells(values, monday)

    assert [found["weekday", day].mean for day in (1, 2)] == [Decimal(1), Decimal(7)]
    assert found["month", 3].n == 48
    west = cells([1.0] * 12, datetime(2026, 3, 1), "America/New_York")
    assert (west["month", 2].n, west["month", 3].n) == (5, 7)
    assert west["weekday", 6].n == 5


def slope_of(n_days: int, rules: Rules, per_day: float = 0.01) -> Trend:
    days = np.arange(n_days)
    season = 5 * np.sin(2 * np.pi * days / 365.25)
    values = np.repeat(20 + per_day * days + season, 24).round(6)
    hours = hours_of(datetime(2020, 1, 1), pm25=list(values))
    figures = figures_of_days(hours, "pm25", hours.values["pm25"] != ABSENT, rules)
    return trend(figures, np.zeros(n_days, dtype=bool))


@pytest.mark.parametrize(
    ("n_days", "kind"), [(300, "season"), (730, "season"), (732, "slope"), (1100, "trend")]
)
def test_what_a_slope_may_be_called(rules: Rules, n_days: int, kind: str) -> None:
    found = slope_of(n_days, rules)

    assert (found.kind, found.n) == (kind, n_days)
    assert (found.low is None) == (kind == "season")


def test_a_trend_finds_the_slope_below_the_season(rules: Rules) -> None:
    found = slope_of(365 * 4, rules)

    assert found.per_year is not None
    assert found.low is not None
    assert found.high is not None
    assert abs(found.per_year - Decimal("3.65")) < Decimal("0.4")
    assert found.low <= found.per_year <= found.high
    assert slope_of(365 * 4, rules) == found  # seeded


def test_one_day_has_no_slope(rules: Rules) -> None:
    assert slope_of(1, rules) == Trend("season", 1, None, None, None)


def test_stations_are_compared_on_common_hours_only() -> None:
    first = hours_of(datetime(2026, 3, 1), pm25=[1.0, 2.0, 3.0, None])
    second = hours_of(datetime(2026, 3, 1, 1), pm25=[5.0, 7.0, 9.0])
    sides = [(each, each.values["pm25"] != ABSENT) for each in (first, second)]

    found = compare(sides[0], sides[1], "pm25")

    assert (found.n, found.first_mean, found.second_mean, found.bias) == (
        2,
        Decimal("2.5"),
        Decimal("6.0"),
        Decimal("3.5"),
    )
    assert found.correlation == 1
    assert str(found.rmse) == "3.5355"


def test_stations_without_common_hours_are_not_compared() -> None:
    first = hours_of(datetime(2026, 3, 1), pm25=[1.0])
    second = hours_of(datetime(2026, 4, 1), pm25=[1.0])
    sides = [(each, each.values["pm25"] != ABSENT) for each in (first, second)]

    assert compare(sides[0], sides[1], "pm25") == (0, None, None, None, None, None)


def cycle(n_days: int, seed: int = 3) -> Floats:
    """A daily cycle with noise that lasts."""
    draw = np.random.default_rng(seed)
    noise = np.zeros(24 * n_days)
    for hour in range(1, len(noise)):
        noise[hour] = 0.6 * noise[hour - 1] + draw.normal()
    return np.asarray(20 + 8 * np.sin(np.arange(24 * n_days) / 24 * 2 * np.pi) + noise)


HOUR_OF_DAY = np.arange(24 * 400) % 24


def test_the_future_does_not_change_what_was_predicted() -> None:
    """No look into the future: what comes later leaves every earlier prediction as it was."""
    known = cycle(100)
    moved = known.copy()
    cut = len(known) - 24 * 20
    moved[cut:] = 500 + 3 * np.arange(len(known) - cut)

    for horizon in forecast.HORIZONS:
        before = rolled(known, HOUR_OF_DAY[: len(known)], horizon)
        after = rolled(moved, HOUR_OF_DAY[: len(known)], horizon)
        for was, now in zip(before, after, strict=True):
            assert np.array_equal(was[: cut - horizon], now[: cut - horizon], equal_nan=True)
            assert np.isfinite(was[cut - 48 : cut - horizon]).all()


def test_a_daily_cycle_is_learnt() -> None:
    scores = [score_of(cycle(150), HOUR_OF_DAY[: 24 * 150], h) for h in (1, 2)]

    assert all(score.is_better for score in scores), scores
    assert [score.n for score in scores] == [1440, 1440]


def test_noise_without_memory_is_no_better_than_its_mean() -> None:
    """Persistence is bad at it too, so that the regression wins there by not following."""
    noise = np.random.default_rng(1).normal(20, 3, 24 * 120)

    score = score_of(noise, HOUR_OF_DAY[: len(noise)], 1)

    assert score.rmse is not None
    assert Decimal("2.8") < score.rmse < Decimal("3.3")


def test_where_the_model_is_worse_persistence_is_shown() -> None:
    """Steps that nothing announces: as it is now is the best guess."""
    draw = np.random.default_rng(5)
    walk = 50 + np.cumsum(draw.normal(0, 0.3, 24 * 90))
    hours = hours_of(pm25=list(walk.round(4)))

    shown = forecast.forecast(hours, "pm25", hours.values["pm25"] != ABSENT)

    for hour in shown:
        assert hour.is_persistence == (not hour.score.is_better)
        if hour.is_persistence:
            assert hour.expected.value == Decimal(str(walk[-1].round(4)))
        assert hour.expected.low <= hour.expected.value <= hour.expected.high


def test_few_hours_are_persistence() -> None:
    hours = hours_of(pm25=[10.0, 11.0, 12.0, 11.5])

    shown = forecast.forecast(hours, "pm25", hours.values["pm25"] != ABSENT)

    assert [(h.horizon, h.is_persistence, h.expected.value) for h in shown] == [
        (1, True, Decimal("11.5")),
        (2, True, Decimal("11.5")),
    ]


def test_the_next_hours_follow_the_last_believed_one() -> None:
    hours = hours_of(pm25=[10.0, 11.0, None, None])

    shown = forecast.forecast(hours, "pm25", hours.values["pm25"] != ABSENT)

    assert [hour.hour_start.hour for hour in shown] == [2, 3]
    assert forecast.forecast(hours, "pm25", np.zeros(4, dtype=bool)) == []


@pytest.mark.parametrize(
    ("rmse", "persistence", "coverage", "is_better"),
    [
        ("1", "2", "90", True),
        ("2", "2", "90", False),
        ("1", "2", "84.99", False),
        ("1", "2", "95.01", False),
        (None, "2", "90", False),
    ],
)
def test_when_a_model_is_worth_showing(
    rmse: str | None, persistence: str, coverage: str, is_better: bool
) -> None:
    score = Score(1, 9, (rmse and Decimal(rmse)) or None, Decimal(persistence), Decimal(coverage))

    assert score.is_better == is_better
