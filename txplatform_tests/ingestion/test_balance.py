"""What was read is what became of it, in rows and to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.errors import ReconciliationError
from txplatform.ingestion.balance import Total, require_balanced

parts = st.lists(st.tuples(st.integers(0, 9), st.integers(-(10**18), 10**18)))


@given(parts)
def test_parts_add_up(became: list[tuple[int, int]]) -> None:
    read = Total(sum(rows for rows, _ in became), sum(cents for _, cents in became))

    require_balanced("a.csv", read, [Total(*part) for part in became])


@given(parts, st.integers(-3, 3), st.integers(-3, 3))
def test_any_difference_is_refused(became: list[tuple[int, int]], rows: int, cents: int) -> None:
    read = Total(sum(part[0] for part in became) + rows, sum(part[1] for part in became) + cents)
    if rows or cents:
        with pytest.raises(ReconciliationError):
            require_balanced("a.csv", read, [Total(*part) for part in became])


def test_rows_without_amounts_add_up_alone() -> None:
    require_balanced("a station", Total(3), [Total(1), Total(2)])

    with pytest.raises(ReconciliationError, match="a station: 4 rows were read, but 3 rows are"):
        require_balanced("a station", Total(4), [Total(1), Total(2)])


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-12345, "-123.45"), (10**20, f"{10**18}.00")],
)
def test_amounts_are_written_to_the_cent(cents: int, written: str) -> None:
    assert str(Total(2, cents)) == f"2 rows of {written}"
