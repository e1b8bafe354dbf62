"""Drift of gas sensors and a station that was moved, at the edges of their rules."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.alarms import Move, drifts
from txplatform_tests.domains.air_quality.series import Values, hours_of, moves_of

NOISE = np.random.default_rng(7)


def below_zero(values: Values, rules: Rules) -> list[bool]:
    return [bool(day) for day in drifts(hours_of(co=values), rules)["co"].is_below_zero]


def follows(gas: list[float], heat: list[float], rules: Rules) -> list[bool]:
    found = drifts(hours_of(o3=gas, t_int_raw=heat), rules)["o3"].follows_heat
    return [bool(day) for day in found]


def test_more_than_half_of_a_week_below_zero_is_drift(rules: Rules) -> None:
    exactly_half = [*["-0.1"] * 84, *["0.1"] * 84]
    one_more = [*["-0.1"] * 85, *["0.1"] * 83]

    assert below_zero(exactly_half, rules)[-1] is False
    assert below_zero(one_more, rules)[-1] is True


def test_zero_itself_counts_as_below(rules: Rules) -> None:
    assert below_zero([0] * 96, rules)[-1] is True


def test_a_few_values_say_nothing(rules: Rules) -> None:
    assert below_zero(["-0.1"] * 83, rules)[-1] is False
    assert below_zero(["-0.1"] * 84, rules)[-1] is True


def test_what_is_a_week_ago_does_not_count_any_more(rules: Rules) -> None:
    values = [*["-0.1"] * 24 * 4, *["0.1"] * 24 * 8]

    assert below_zero(values, rules) == [
        *[False] * 3,
        *[True] * 4,
        *[False] * 5,
    ]


def test_a_day_without_records_is_not_judged(rules: Rules) -> None:
    hours = hours_of(co=["-0.1"] * 24 * 5)
    hours.is_recorded[-24:] = False

    assert list(drifts(hours, rules)["co"].holds)[-2:] == [True, False]


def wander(length: int) -> list[float]:
    return [float(value) for value in np.cumsum(NOISE.normal(size=length)) + 300]


def test_a_gas_that_follows_the_boxs_heat_is_drift(rules: Rules) -> None:
    heat = wander(24 * 30)
    gas = [round(value / 10, 3) for value in heat]

    assert follows(gas, heat, rules)[-1] is True
    assert follows(gas[::-1], [-value + 600 for value in heat[::-1]], rules)[-1] is True


def test_a_gas_of_its_own_is_none(rules: Rules) -> None:
    heat = [float(value) for value in NOISE.normal(300, 5, 24 * 30)]
    gas = [float(value) for value in NOISE.normal(30, 5, 24 * 30)]

    assert True not in follows(gas, heat, rules)


def test_the_hour_of_day_that_both_share_with_the_sun_is_removed(rules: Rules) -> None:
    """Catches: ozone and heat, both high at noon, alarming on each summer day."""
    sun = [round(50 * np.sin(hour % 24 / 24 * np.pi), 3) for hour in range(24 * 30)]
    heat = [300 + value + NOISE.normal() for value in sun]
    gas = [30 + value / 2 + NOISE.normal() for value in sun]

    assert np.corrcoef(heat, gas)[0, 1] > 0.9
    assert True not in follows(gas, heat, rules)


@pytest.mark.parametrize(("n_hours", "expected"), [(359, False), (360, True)])
def test_heat_needs_three_hundred_and_sixty_values(
    rules: Rules, n_hours: int, expected: bool
) -> None:
    heat = wander(n_hours)

    assert follows([value / 10 for value in heat], heat, rules)[-1] is expected


def test_a_sensor_that_never_changes_has_no_correlation(rules: Rules) -> None:
    assert True not in follows([5.0] * 24 * 20, wander(24 * 20), rules)


def moved(days: list[float | None], rules: Rules) -> list[Move]:
    """Days of one temperature each, a little warmer at noon."""
    values = [None if t is None else t + (h == 12) + h / 100 for t in days for h in range(24)]
    return moves_of(hours_of(t_ext=values), rules)


def test_a_leap_of_the_temperature_is_a_move_on_its_day(rules: Rules) -> None:
    found = moved([*[16.0] * 10, *[29.0] * 10], rules)

    assert found == [Move(date(2026, 3, 11), Decimal("13.00"))]


def test_a_move_is_seen_across_a_gap(rules: Rules) -> None:
    found = moved([*[16.0] * 10, *[None] * 9, *[29.0] * 10], rules)

    assert found == [Move(date(2026, 3, 20), Decimal("13.00"))]


def test_there_and_back_are_two_moves(rules: Rules) -> None:
    found = moved([*[16.0] * 14, *[29.0] * 20, *[16.0] * 14], rules)

    assert [str(move.degrees) for move in found] == ["13.00", "-13.00"]


@pytest.mark.parametrize(("degrees", "count"), [(6.0, 0), (6.1, 1)])
def test_six_degrees_are_weather(rules: Rules, degrees: float, count: int) -> None:
    assert len(moved([*[20.0] * 10, *[20.0 + degrees] * 10], rules)) == count


def test_two_weeks_are_needed(rules: Rules) -> None:
    assert moved([*[16.0] * 6, *[29.0] * 7], rules) == []
