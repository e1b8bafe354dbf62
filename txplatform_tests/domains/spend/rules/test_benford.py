"""Benford tests on amounts whose digits are known."""

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from txplatform.connectors.spark import frame
from txplatform.domains.spend.rules.benford import benford_digits, benford_tests
from txplatform_tests.domains.spend.rules.examples import (
    LIMIT_500,
    Examples,
    digit_counts,
    transactions_of,
)

MONDAY = date(2026, 11, 16)
Row = dict[str, Any]


def digits_and_tests(
    examples: Examples, rows: pa.Table, first: date, last: date
) -> tuple[list[Row], list[Row]]:
    digits = benford_digits(frame(examples.spark, digit_counts(rows)), first, last, LIMIT_500)
    return digits.toArrow().to_pylist(), benford_tests(digits).toArrow().to_pylist()


def purchases_of(counts: dict[str, int], department: str = "Roads") -> str:
    """So many purchases of each amount, on one day."""
    amounts = [amount for amount, count in counts.items() for _ in range(count)]
    return "\n".join(f"{MONDAY} | {department} | {amount}" for amount in amounts)


def natural(digits: range, purchases: int) -> dict[str, int]:
    """Amounts that begin with each digit as often as Benford's law says."""
    return {f"{d}5.00": round(purchases * math.log10(1 + 1 / d)) for d in digits}


def test_digits_are_counted_per_department_and_for_the_organisation(examples: Examples) -> None:
    """Catches: refunds, amounts below 10, digits behind the point, digits that never came."""
    text = """
    date       | department | amount
    2026-11-16 | Roads      | 10.00
    2026-11-16 | Roads      | 19.99
    2026-11-16 | Roads      | 9.99
    2026-11-16 | Roads      | -20.00
    2026-11-16 | Parks      | 1234567.00
    2026-11-16 | Parks      | 990.00
    """

    digits, _ = digits_and_tests(examples, transactions_of(text), MONDAY, MONDAY)

    assert len(digits) == 3 * (9 + 90)
    came = [
        f"{row['department'] or 'all'} {row['digits']}: {row['purchase_count']}"
        for row in digits
        if row["purchase_count"]
    ]
    assert sorted(came) == [
        *("Parks 12: 1", "Parks 1: 1", "Parks 99: 1", "Parks 9: 1"),
        *("Roads 10: 1", "Roads 19: 1", "Roads 1: 2"),
        *("all 10: 1", "all 12: 1", "all 19: 1", "all 1: 3", "all 99: 1", "all 9: 1"),
    ]
    (one,) = (row for row in digits if (row["department"], row["digits"]) == ("", 1))
    assert one["observed_share"] == Decimal("0.750000")
    assert one["expected_share"] == Decimal("0.301030")
    assert one["test"] == "first_digit"


def test_a_window_is_the_52_weeks_that_end_with_its_week(examples: Examples) -> None:
    text = "date | amount\n" + "\n".join(
        f"{MONDAY - timedelta(weeks=weeks)} | 10.00" for weeks in (-1, 0, 1, 51, 52)
    )
    last = MONDAY + timedelta(weeks=1)

    _, tests = digits_and_tests(examples, transactions_of(text), MONDAY, last)

    counts = {
        row["week_start"]: row["purchase_count"]
        for row in tests
        if (row["department"], row["test"]) == ("", "first_digit")
    }
    assert counts == {MONDAY: 3, last: 3}


@pytest.mark.parametrize(
    ("first_digits", "expected"),
    [
        ({"15.00": 299}, (299, None, None)),
        ({"15.00": 300}, (300, Decimal("0.155327"), "none")),
        (natural(range(1, 10), 1_000), (1_000, Decimal("0.000101"), "close")),
    ],
)
def test_first_digits_conform_or_not(
    examples: Examples, first_digits: dict[str, int], expected: tuple[object, ...]
) -> None:
    rows = transactions_of("date | department | amount\n" + purchases_of(first_digits))

    _, tests = digits_and_tests(examples, rows, MONDAY, MONDAY)

    (first,) = (
        row for row in tests if (row["department"], row["test"]) == ("Roads", "first_digit")
    )
    found = (first["purchase_count"], first["mean_absolute_deviation"], first["conformity"])
    assert found == expected
