"""Rows encoded column by column are the documents that the driver makes of the same values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import bson
import pyarrow as pa
import pytest
from bson.decimal128 import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from txplatform.connectors.documents import encoded

INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
COLUMNS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    pa.timestamp("us", tz="UTC"): INSTANTS,
    pa.decimal128(18, 2): st.decimals(-(10**15), 10**15, places=2),
    pa.decimal128(34, 4): st.decimals(-(10**29), 10**29, places=4),
}


def as_the_driver_has_it(value: Any) -> Any:
    """A value as the driver takes it, with the milliseconds that its format has."""
    if isinstance(value, Decimal):
        return Decimal128(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1_000 * 1_000, tzinfo=None)
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value


@given(st.data(), st.sampled_from([*COLUMNS]), st.integers(0, 2))
def test_a_column_is_what_the_driver_makes_of_it(
    data: st.DataObject, kind: pa.DataType, skipped: int
) -> None:
    values = data.draw(st.lists(st.none() | COLUMNS[kind], max_size=8))
    rows = pa.record_batch({"né": pa.array(values, kind), "n": pa.array(range(len(values)))})

    found = [bson.decode(document.raw) for document in encoded(rows.slice(skipped))]

    wanted = [{"né": as_the_driver_has_it(value), "n": n} for n, value in enumerate(values)]
    assert found == wanted[skipped:]


def test_small_numbers_take_little_room() -> None:
    (small,) = encoded(pa.record_batch({"n": [7]}))
    (large,) = encoded(pa.record_batch({"n": [2**31]}))
    assert small.raw == bson.encode({"n": 7})
    assert large.raw == bson.encode({"n": 2**31})


@pytest.mark.parametrize("value", ["-0.01", "0.00", "-99999999999999.99"])
def test_a_decimal_keeps_its_digits(value: str) -> None:
    (row,) = encoded(pa.record_batch({"m": pa.array([Decimal(value)], pa.decimal128(18, 2))}))
    assert str(bson.decode(row.raw)["m"]) == value


def test_a_decimal_that_mongodb_does_not_have_is_an_error() -> None:
    """Catches: digits beyond 34, which would be read as another number."""
    column = pa.array([Decimal("1.00")], pa.decimal128(38, 2))

    with pytest.raises(TypeError, match="at most 34 digits"):
        encoded(pa.record_batch({"m": column}))
