"""Running figures of hours: 8-hour means, NowCast and the index, against plain fractions."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.air_quality.rules import load_rules
from txplatform.domains.air_quality.transforms import aqi
from txplatform.domains.air_quality.transforms.exact import ABSENT, SCALE, scaled
from txplatform.domains.air_quality.transforms.flags import flag_hours
from txplatform.domains.air_quality.transforms.hourly import (
    hourly_figures,
    nowcasts,
    running_means,
)
from txplatform_tests.domains.air_quality import plain
from txplatform_tests.domains.air_quality.series import Values, hours_of, integers, series


def nowcast_of(values: Values, places: int = 1) -> list[Decimal | None]:
    """The NowCast of each hour."""
    column = integers(values)
    found = nowcasts(column, column != ABSENT, places)
    return [None if each == ABSENT else Decimal(int(each)).scaleb(-places) for each in found]


def index_of(nowcast: Decimal) -> int:
    return int(aqi.indices(np.array([int(nowcast * 10)]), 10, "pm25")[0])


@pytest.mark.parametrize(
    ("newest_first", "expected", "index"),
    [
        (["10.0"] * 12, "10.0", 53),
        (["100", *["10"] * 11], "55.0", 149),
        (["10", None, "10", *[None] * 9], "10.0", 53),
    ],
)
def test_nowcasts_of_epa(newest_first: list[str | None], expected: str, index: int) -> None:
    found = nowcast_of(newest_first[::-1])[-1]

    assert found == Decimal(expected)
    assert index_of(found) == index


def test_two_of_the_newest_three_hours_are_needed() -> None:
    assert nowcast_of(["10"] * 9 + [None, None, "10"])[-1] is None
    assert nowcast_of(["10"] * 9 + ["10", None, "10"])[-1] == Decimal("10.0")


@given(series, st.sampled_from([0, 1]))
def test_nowcasts_against_the_formula(values: list[Decimal | None], places: int) -> None:
    expected = [plain.nowcast(values, hour, places) for hour in range(len(values))]

    assert nowcast_of(values, places) == expected


@pytest.mark.parametrize("value", ["10.0", "0.3", "12.7", "0", "-0.5", "35.4"])
def test_a_nowcast_that_lies_on_a_step_is_not_truncated_below_it(value: str) -> None:
    """Catches: a float that is 9.999... of twelve times 10.0."""
    assert nowcast_of([value] * 12)[-1] == Decimal(value)


@given(series)
def test_eight_hour_means_against_fractions(values: list[Decimal | None]) -> None:
    column = integers(values)
    found = running_means(column, column != ABSENT).rounded()

    for hour, each in enumerate(found):
        exact = plain.mean_8h(values, hour)
        written = None if each == ABSENT else Decimal(int(each)).scaleb(-4)
        assert written == (None if exact is None else plain.half_up(exact, 4))


@pytest.mark.parametrize(
    ("concentration", "index"),
    [
        ("9.0", 50),
        ("9.05", 50),
        ("9.1", 51),
        ("35.4", 100),
        ("35.49", 100),
        ("35.5", 101),
        ("55.5", 151),
        ("125.5", 201),
        ("225.5", 301),
        ("325.4", 500),
        ("-3", 0),
        ("0", 0),
    ],
)
def test_the_index_of_fine_particles(concentration: str, index: int) -> None:
    sums = np.array([scaled(Decimal(concentration))])

    assert aqi.index_of_mean(sums, np.array([1]), "pm25")[0] == index


@pytest.mark.parametrize(
    ("concentration", "index"), [("54.9", 50), ("55", 51), ("154", 100), ("155", 101), ("425", 301)]
)
def test_the_index_of_coarse_particles(concentration: str, index: int) -> None:
    sums = np.array([scaled(Decimal(concentration))])

    assert aqi.index_of_mean(sums, np.array([1]), "pm10")[0] == index


@given(
    total=st.integers(-(10**15), 12 * 10**16),
    count=st.integers(1, 25),
    parameter=st.sampled_from(["pm25", "pm10"]),
)
def test_the_index_against_the_table(total: int, count: int, parameter: str) -> None:
    found = aqi.index_of_mean(np.array([total]), np.array([count]), parameter)

    assert found[0] == plain.aqi(Fraction(total, count * SCALE), parameter)


def test_beyond_the_table_its_last_line_goes_on() -> None:
    assert index_of(Decimal("400.0")) == plain.aqi(Fraction(400), "pm25") > 500


@pytest.mark.parametrize(
    ("index", "code"),
    [
        (0, "good"),
        (50, "good"),
        (51, "moderate"),
        (150, "sensitive"),
        (300, "very_unhealthy"),
        (301, "hazardous"),
        (900, "hazardous"),
    ],
)
def test_words_of_the_index(index: int, code: str) -> None:
    assert aqi.category_of(index).code == code


def test_each_parameter_has_the_figures_that_apply_to_it() -> None:
    hours = hours_of(co=["0.5"] * 3, pm25=[1, 2, 3], t_ext=[20, 21, 22])
    found = hourly_figures(hours, flag_hours(hours, load_rules()))

    kinds = {
        name: (each.mean_8h is not None, each.nowcast is not None) for name, each in found.items()
    }
    assert kinds["co"] == (True, False)
    assert kinds["pm25"] == (True, True)
    assert kinds["t_ext"] == kinds["rh"] == (False, False)


def test_invalid_hours_stay_out_of_running_figures() -> None:
    hours = hours_of(pm25=[10, 10, 10, 10, 10, -4])
    found = hourly_figures(hours, flag_hours(hours, load_rules()))["pm25"]

    assert found.mean_8h is not None
    assert found.mean_8h[-1] == ABSENT  # five valid ones are too few
    assert found.nowcast is not None
    assert found.nowcast[-1] == 100


def test_of_no_hours_nothing_is_said() -> None:
    none = np.zeros(0, np.int64)

    assert len(nowcasts(none, none == 1, 1)) == 0
    assert len(running_means(none, none == 1).rounded()) == 0
