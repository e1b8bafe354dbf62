"""Which weeks and departments have sums that fit into no column."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform import money
from txplatform.domains.spend.measuring import WIDE, unfit

WEEK, NEXT = date(2026, 10, 26), date(2026, 11, 2)
HALF = "6000000000000000.00"
Row = tuple[date, str | None, str, str | None, str]


def sums(*rows: Row, amounts: pa.DataType = WIDE) -> pa.Table:
    """Sums of week, department, division, total and refunds."""
    names = (*unfit.KEY, *unfit.AMOUNTS)
    values = [
        (*key, None if total is None else Decimal(total), Decimal(refund))
        for *key, total, refund in rows
    ]
    types = (pa.date32(), pa.string(), pa.string(), amounts, amounts)
    schema = pa.schema(list(zip(names, types, strict=True)))
    return pa.Table.from_pylist([dict(zip(names, one, strict=True)) for one in values], schema)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], {}),
        ([(WEEK, "Roads", "A", "5.00", "0.00")], {}),
        ([(WEEK, "Roads", "A", str(money.LARGEST), "0.00")], {}),
        ([(WEEK, "Roads", "A", "10000000000000000.00", "0.00")], {WEEK: {"Roads"}}),
        ([(WEEK, "Roads", "A", None, "0.00")], {WEEK: {"Roads"}}),
        ([(WEEK, None, "A", "5.00", "0.00")], {WEEK: {None}}),
        ([(WEEK, "Roads", "A", "0.00", "-10000000000000000.00")], {WEEK: {"Roads"}}),
        (
            [(WEEK, "Roads", "A", HALF, "0.00"), (WEEK, "Roads", "B", HALF, "0.00")],
            {WEEK: {"Roads"}},
        ),
        (
            [(WEEK, "Roads", "A", HALF, "0.00"), (WEEK, "Parks", "B", HALF, "0.00")],
            {WEEK: set()},
        ),
        ([(WEEK, "Roads", "A", HALF, "0.00"), (NEXT, "Roads", "A", HALF, "0.00")], {}),
    ],
)
def test_what_does_not_fit(rows: list[Row], found: dict[date, set[str | None]]) -> None:
    assert unfit.find(sums(*rows)) == found


def test_other_departments_of_such_a_week_are_kept_as_money() -> None:
    known = sums(
        (WEEK, "Roads", "A", None, "0.00"),
        (WEEK, "Parks", "B", "5.00", "-1.00"),
        (NEXT, "Roads", "A", "7.00", "0.00"),
    )

    kept = unfit.left_out(known, unfit.find(known))

    assert [(row["department"], row["total_amount"]) for row in kept.to_pylist()] == [
        ("Parks", Decimal("5.00")),
        ("Roads", Decimal("7.00")),
    ]
    assert kept.schema.field("total_amount").type == pa.decimal128(18, 2)


def test_sums_that_fit_are_left_as_they_are() -> None:
    known = sums((WEEK, "Parks", "B", "5.00", "-1.00"), amounts=pa.decimal128(18, 2))

    assert unfit.left_out(known, unfit.find(known)).equals(known)
