"""Sums of the weekly table per week, department and division; what moved most."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from txplatform.domains.spend import publishing
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.trends import NOTHING, Scope
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 9)
WEEKS = """
week_start | department | division | total_amount | refund_amount | transaction_count
2026-11-02 | Roads      | Bridges  | 100.00       | 0.00          | 1
2026-11-02 | Roads      | Tunnels  | 0.01         | 0.00          | 1
2026-11-02 | Parks      | Bridges  | 5.00         | -1.00         | 2
2026-11-09 | Roads      | Bridges  | 30.02        | -0.50         | 3
2026-11-09 | Parks      | Bridges  | 5.00         | 0.00          | 1
2026-11-09 | Parks      | 100%_sun | 7.00         | 0.00          | 1
"""


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A table of two weeks."""
    publishing.publish(engine, computed_weeks(WEEKS), "a run")
    return engine


def test_an_empty_table_has_no_weeks_and_no_sums(engine: Engine) -> None:
    assert trends.covered_weeks(engine) is None
    assert trends.division_names(engine) == []
    assert trends.sums(engine, Scope(FIRST, LAST)) == NOTHING
    assert trends.largest_movements(engine, Scope(LAST, LAST)) == []


def test_names_are_those_of_the_table(filled: Engine) -> None:
    assert trends.covered_weeks(filled) == (FIRST, LAST)
    assert trends.division_names(filled) == ["Parks", "Roads"]
    assert trends.division_names(filled, "Roads") == ["Bridges", "Tunnels"]


def test_sums_keep_to_the_scope(filled: Engine) -> None:
    """Catches: a division that is counted in another department of the same division name."""
    everything = trends.sums(filled, Scope(FIRST, LAST))
    bridges = trends.sums(filled, Scope(FIRST, LAST, "Parks", "Bridges"))

    assert everything == (Decimal("147.03"), Decimal("-1.50"), 9)
    assert bridges == (Decimal("10.00"), Decimal("-1.00"), 3)


def test_sums_by_week_and_department_add_up(filled: Engine) -> None:
    scope = Scope(FIRST, LAST)

    by_week = trends.sums_by_week(filled, scope)
    by_department = trends.sums_by_department(filled, scope)
    cells = trends.sums_by_week_and_department(filled, scope)

    total = trends.sums(filled, scope).total_amount
    for parts in (by_week, by_department, cells):
        assert sum(one.total_amount for one in parts.values()) == total
    assert list(by_department) == ["Roads", "Parks"]
    assert cells[LAST, "Parks"].total_amount == Decimal("12.00")


def test_a_department_is_broken_down_by_division(filled: Engine) -> None:
    found = trends.sums_by_department(filled, Scope(FIRST, FIRST, "Roads"))

    assert {name: one.total_amount for name, one in found.items()} == {
        "Bridges": Decimal("100.00"),
        "Tunnels": Decimal("0.01"),
    }


def test_the_largest_movements_come_first_and_what_stood_still_does_not(filled: Engine) -> None:
    found = trends.largest_movements(filled, Scope(LAST, LAST))

    assert [(one.department, one.division, one.amount) for one in found] == [
        ("Roads", "Bridges", Decimal("-69.98")),
        ("Parks", "100%_sun", Decimal("7.00")),
        ("Roads", "Tunnels", Decimal("-0.01")),
    ]
    assert found[2].now == NOTHING
    assert len(trends.largest_movements(filled, Scope(LAST, LAST), 1)) == 1


def test_a_part_of_a_name_is_text_and_not_a_pattern(filled: Engine) -> None:
    scope = Scope(FIRST, LAST)

    assert trends.divisions_containing(filled, scope, "BRIDG") == ["Bridges"]
    assert trends.divisions_containing(filled, scope, "%_") == ["100%_sun"]
    assert trends.divisions_containing(filled, Scope(FIRST, FIRST), "%") == []


def test_as_many_weeks_before_end_where_the_scope_begins() -> None:
    scope = Scope(FIRST, LAST, "Roads")

    assert scope.before() == Scope(FIRST - 2 * WEEK, LAST - 2 * WEEK, "Roads")
    assert scope.shifted(trends.YEAR).first.weekday() == 0
