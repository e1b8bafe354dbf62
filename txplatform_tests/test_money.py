"""One type of money in every dialect, and the one way to round it."""

from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql.types import DecimalType

from txplatform import money


def test_every_dialect_means_the_same_width() -> None:
    assert (money.ARROW.precision, money.ARROW.scale) == (18, 2)
    assert DecimalType(18, 2).simpleString() == money.SPARK
    assert (money.SQL.precision, money.SQL.scale) == (18, 2)


def test_the_largest_amount_fits_and_a_cent_more_does_not() -> None:
    assert pa.array([money.LARGEST, -money.LARGEST], money.ARROW).null_count == 0
    with pytest.raises(pa.ArrowInvalid):
        pa.array([money.LARGEST + money.CENT], money.ARROW)


@given(st.decimals(-(10**12), 10**12, places=4))
def test_halves_are_rounded_away_from_zero(value: Decimal) -> None:
    cents, sign = abs(Fraction(value)) * 100, -1 if value < 0 else 1

    assert Fraction(money.half_up(value)) * 100 == sign * int(cents + Fraction(1, 2))
