"""Whole numbers divided exactly, on every engine's expressions and in plain Python."""

from fractions import Fraction

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.commerce.computation.engines import DuckDB, Pandas
from txplatform.domains.commerce.transforms.arithmetic import (
    class_of,
    half_up,
    power_pct,
    quotient,
    ratio,
    require_countable,
)
from txplatform.errors import ReconciliationError

HALVES = [
    (1, 2, 1),
    (-1, 2, -1),
    (3, 2, 2),
    (-3, 2, -2),
    (1, 3, 0),
    (2, 3, 1),
    (-2, 3, -1),
    (0, 7, 0),
    (5, 10, 1),
    (-5, 10, -1),
    (4, 10, 0),
    (10**15 + 1, 2, 500_000_000_000_001),
]
"""Numerator, denominator, and the quotient half away from zero."""

COLUMNS = {
    "n": [numerator for numerator, _, _ in HALVES],
    "d": [denominator for _, denominator, _ in HALVES],
}
EXPECTED = [rounded for _, _, rounded in HALVES]


def exactly(numerator: int, denominator: int) -> int:
    """The quotient half away from zero, by fractions."""
    size = int(abs(Fraction(numerator, denominator)) + Fraction(1, 2))
    return -size if numerator < 0 else size


@pytest.mark.parametrize(("numerator", "denominator", "expected"), HALVES)
def test_the_table_is_right(numerator: int, denominator: int, expected: int) -> None:
    assert exactly(numerator, denominator) == expected


@pytest.mark.parametrize("engine", [DuckDB(), Pandas()], ids=["duckdb", "pandas"])
def test_a_quotient_is_rounded_half_away_from_zero(engine: DuckDB | Pandas) -> None:
    frame = engine.table(pa.table(COLUMNS))

    rounded = engine.collect(frame.select(x=half_up(nw.col("n"), nw.col("d"))))

    assert sorted(rounded["x"].to_pylist()) == sorted(EXPECTED)


def test_polars_rounds_the_same() -> None:
    rounded = pl.DataFrame(COLUMNS).select(x=half_up(pl.col("n"), pl.col("d")))

    assert rounded["x"].to_list() == EXPECTED


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9), st.integers(0, 4))
def test_a_quotient_in_units_is_that_of_fractions(n: int, d: int, digits: int) -> None:
    assert quotient(n, d, digits) == exactly(n * 10**digits, d)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_quotient_by_nothing_is_none(denominator: int) -> None:
    assert quotient(5, denominator, 2) is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(1, 4, 250_000), (1, 3, 333_333), (2, 3, 666_667), (-1, 3, -333_333), (1, 0, None)],
)
def test_shares_have_six_digits(numerator: int, denominator: int, expected: int | None) -> None:
    frame = pl.DataFrame({"n": [numerator], "d": [denominator]})

    assert frame.select(x=ratio(pl.col("n"), pl.col("d"), 6))["x"].to_list() == [expected]


@pytest.mark.parametrize(
    ("last", "first", "steps", "expected"),
    [
        (200, 100, 1, 1_000_000),
        (100, 200, 1, -500_000),
        (400, 100, 0.5, 1_000_000),
        (100, 100, 0.3, 0),
        (0, 100, 1, None),
        (100, 0, 1, None),
        (100, -5, 1, None),
    ],
)
def test_growth_per_step_in_ten_thousandths_of_a_per_cent(
    last: int, first: int, steps: float, expected: int | None
) -> None:
    assert power_pct(last, first, steps) == expected


def test_totals_whose_shares_do_not_fit_are_refused() -> None:
    require_countable(4_600_000_000_000)

    with pytest.raises(ReconciliationError, match=r"above 46 billion.*`txplatform commerce with"):
        require_countable(4_700_000_000_000)


def test_a_class_begins_at_its_least_value() -> None:
    values = pl.DataFrame({"x": [-1, 0, 9, 10, 99, 100, None]})

    found = values.select(class_of(pl.col("x"), {"low": 0, "middle": 10, "high": 100}))

    assert found["x"].to_list() == ["low", "low", "low", "middle", "middle", "high", None]
