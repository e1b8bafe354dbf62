"""Exact arithmetic of arrays against fractions."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.air_quality.transforms import exact
from txplatform.domains.air_quality.transforms.exact import ABSENT, SCALE
from txplatform_tests.domains.air_quality import plain
from txplatform_tests.domains.air_quality.series import numbers

sums = st.integers(-(10**18), 10**18)


@given(total=sums, count=st.integers(1, 25), places=st.integers(0, 6))
def test_a_quotient_is_rounded_once_half_up(total: int, count: int, places: int) -> None:
    found = exact.divided(np.array([total]), np.array([count]), places)

    expected = plain.half_up(Fraction(total, count * SCALE), places)
    assert Decimal(int(found[0])).scaleb(-places) == expected


@pytest.mark.parametrize(
    ("total", "count", "expected"),
    [
        ("0.0001", 2, "0.0001"),  # 0.00005, a tie
        ("-0.0001", 2, "-0.0001"),
        ("0.0003", 2, "0.0002"),
        ("0.00009999999", 2, "0.0000"),
        ("1", 3, "0.3333"),
        ("2", 3, "0.6667"),
        ("0", 3, "0.0000"),
    ],
)
def test_ties_go_away_from_zero(total: str, count: int, expected: str) -> None:
    found = exact.divided(np.array([exact.scaled(Decimal(total))]), np.array([count]), 4)

    assert Decimal(int(found[0])).scaleb(-4) == Decimal(expected)


def test_nothing_counted_is_nothing_said() -> None:
    assert exact.divided(np.array([5]), np.array([0]), 4)[0] == ABSENT


@given(numbers)
def test_a_value_is_rounded_like_a_decimal(value: Decimal) -> None:
    found = exact.rounded(np.array([exact.scaled(value), ABSENT]), 6)

    assert Decimal(int(found[0])).scaleb(-6) == plain.half_up(Fraction(value), 6)
    assert found[1] == ABSENT


@given(st.lists(st.integers(-(9 * 10**18), 9 * 10**18), max_size=50))
def test_a_total_may_be_larger_than_an_integer_of_the_array(values: list[int]) -> None:
    assert exact.total(np.array(values, dtype=np.int64)) == sum(values)


@given(st.fractions(-1000, 1000), st.integers(0, 6))
def test_half_up_of_a_fraction(value: Fraction, places: int) -> None:
    assert exact.half_up(value, places) == plain.half_up(value, places)


@given(st.lists(st.fractions(-10, 10), min_size=1, max_size=20), st.integers(0, 100))
def test_percentiles_lie_on_the_line_between_two_values(
    values: list[Fraction], percent: int
) -> None:
    share = Fraction(percent, 100)

    assert exact.percentile(values, share) == plain.percentile(values, share)


def test_of_nothing_there_is_no_mean_and_no_percentile() -> None:
    assert exact.mean([]) is None
    assert exact.percentile([], Fraction(1, 2)) is None


def test_more_decimals_than_fit_are_rounded_once() -> None:
    assert exact.scaled(Decimal("0.00000000000005")) == 1
    assert exact.scaled(Decimal("-0.00000000000005")) == -1
    assert exact.scaled(Decimal("0.00000000000004")) == 0


def test_floats_are_only_for_estimates() -> None:
    found = exact.as_floats(np.array([exact.scaled(Decimal("1.5")), ABSENT]))

    assert found[0] == 1.5
    assert np.isnan(found[1])
