"""Publishing Benford tests: a week is replaced as a whole, the others are left alone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, text

from txplatform.domains.spend import publishing
from txplatform.domains.spend.alerting.benford import DIGITS, TESTS
from txplatform.domains.spend.publishing.benford import BenfordWeek

FIRST, SECOND = date(2026, 11, 9), date(2026, 11, 16)


def benford_week(week: date, *conformity: str | None) -> dict[date, BenfordWeek]:
    """A week with a test of the first digit for each department, and one digit of it."""
    key = {"week_start": week, "test": "first_digit", "purchase_count": 300}
    tests = [
        {
            **key,
            "department": f"Department {number}",
            "mean_absolute_deviation": Decimal("0.007000") if one else None,
            "conformity": one,
        }
        for number, one in enumerate(conformity)
    ]
    share = {"observed_share": Decimal("0.310000"), "expected_share": Decimal("0.301030")}
    digits = [{**key, **share, "department": one["department"], "digits": 1} for one in tests]
    return {
        week: BenfordWeek(pa.Table.from_pylist(tests, TESTS), pa.Table.from_pylist(digits, DIGITS))
    }


def rows(engine: Engine, table: str, *columns: str) -> list[tuple[Any, ...]]:
    query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY week_start, department"  # noqa: S608 - names
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_tests_and_digits_are_written_to_the_last_digit(desk: Engine) -> None:
    publishing.publish_benford(desk, benford_week(FIRST, "acceptable", None), "run 1")

    shown = ("department", "conformity", "mean_absolute_deviation", "run_id")
    assert rows(desk, "benford_tests", *shown) == [
        ("Department 0", "acceptable", Decimal("0.007000"), "run 1"),
        ("Department 1", None, None, "run 1"),
    ]
    digits = rows(desk, "benford_digits", "digits", "observed_share", "expected_share")
    assert digits == [(1, Decimal("0.310000"), Decimal("0.301030"))] * 2


def test_a_week_is_replaced_and_the_others_are_left_alone(desk: Engine) -> None:
    """Catches: a department that is gone and stays, a second copy of one that is not."""
    both = {**benford_week(FIRST, "close", "none"), **benford_week(SECOND, "close")}
    publishing.publish_benford(desk, both, "run 1")

    publishing.publish_benford(desk, benford_week(FIRST, "marginal"), "run 2")

    assert rows(desk, "benford_tests", "week_start", "conformity", "run_id") == [
        (FIRST, "marginal", "run 2"),
        (SECOND, "close", "run 1"),
    ]
    assert rows(desk, "benford_digits", "week_start") == [(FIRST,), (SECOND,)]


def test_a_week_without_purchases_has_no_tests(desk: Engine) -> None:
    publishing.publish_benford(desk, benford_week(FIRST, "close"), "run 1")

    publishing.publish_benford(desk, benford_week(FIRST), "run 2")

    assert rows(desk, "benford_tests", "test") == rows(desk, "benford_digits", "test") == []
