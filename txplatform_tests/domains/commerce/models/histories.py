"""Histories and shops written by hand or drawn by hypothesis."""

from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from txplatform.domains.commerce.models.occasions import Histories

FIRST_DAY = date(2024, 1, 1)
Row = tuple[str, date, int]


def customer(repeats: int, last_days: int, days: int) -> Histories:
    """One customer, without an amount."""
    return table([(repeats, last_days, days, 0)])


def table(rows: list[tuple[int, int, int, int]]) -> Histories:
    """Customers by x, 7 t_x, 7 T and cents of the repeats."""
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return Histories(np.arange(len(rows)), *columns)


@st.composite
def some_histories(draw: st.DrawFn) -> Histories:
    """Up to thirty customers who bought before day 400."""
    rows = []
    for _ in range(draw(st.integers(1, 30))):
        days = draw(st.integers(1, 400))
        last_days = draw(st.integers(0, days))
        repeats = draw(st.integers(1, min(last_days, 40))) if last_days else 0
        cents = sum(draw(st.lists(st.integers(1, 50_000), min_size=repeats, max_size=repeats)))
        rows.append((repeats, last_days, days, cents))
    return table(rows)


def some_shops(days: int = 400) -> st.SearchStrategy[list[Row]]:
    """Occasions of a few customers, one per customer and day."""
    row = st.tuples(
        st.sampled_from([f"C{number}" for number in range(12)]),
        st.integers(0, days - 1).map(lambda day: FIRST_DAY + timedelta(days=day)),
        st.integers(0, 100_000),
    )
    return st.lists(row, min_size=1, max_size=60, unique_by=lambda one: one[:2])


positive = st.floats(0.05, 30.0)
