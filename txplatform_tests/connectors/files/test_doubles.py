"""Doubles: what a spreadsheet shows of them, and nothing of how they came about."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.connectors.files.rows import cell_of, of_double

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("57.699999999999996", "57.7"),
        ("0.30000000000000004", "0.3"),
        ("100.10000000000001", "100.1"),
        ("-0.1", "-0.1"),
        ("1.005", "1.005"),
        ("1234567890123.456", "1234567890123.46"),
        ("9999999999999.99", "9999999999999.99"),
        ("9007199254740993.0", "9007199254740993.0"),
        ("1e300", "1E+300"),
        ("5e-324", "5E-324"),
        ("0.0", "0.0"),
    ],
)
def test_fifteen_digits_count(text: str, shown: str) -> None:
    assert str(of_double(text)) == shown


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_what_is_no_number_stays_so(text: str) -> None:
    assert not of_double(text).is_finite()


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_every_amount_in_cents_survives_a_double(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)

    assert cell_of(float(amount), UTC) == amount


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=6))
def test_what_adding_up_leaves_behind_is_gone(cents: list[int]) -> None:
    """Catches: 0.1 + 0.2 refused for a third decimal that nobody wrote."""
    total = sum(value / 100 for value in cents)
    exact = Decimal(sum(cents)).scaleb(-2)

    assert round(of_double(repr(total)), 2) == exact


@pytest.mark.parametrize("value", [5, True, "text", None, date(2024, 1, 2), Decimal("1.005")])
def test_other_values_are_left_alone(value: object) -> None:
    assert cell_of(value, UTC) == value
