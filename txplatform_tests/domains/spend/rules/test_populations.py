"""What is usual of amounts and of weeks, on examples that are reckoned by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from txplatform.domains.spend.rules.look_back import LookBack, with_keys, with_weeks
from txplatform.domains.spend.rules.populations import (
    DEPARTMENT_WEEKS,
    Centre,
    category_populations,
    centre,
    department_populations,
)
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.rules.examples import LIMIT_500, transactions_of

MONDAY = date(2026, 3, 2)
FEW = replace(LIMIT_500, fewest_in_population=3, population_weeks=2)
NET = pa.decimal128(18, 2)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0], Centre(5.0, 0.0, 0.0)),
        ([1.0, 2.0, 6.0], Centre(2.0, 1.0, None)),
        ([1.0, 2.0, 4.0, 9.0], Centre(3.0, 1.5, None)),
        ([3.0, 3.0, 3.0, 7.0], Centre(3.0, 0.0, 1.0)),
    ],
    ids=["one", "odd", "even", "half are equal"],
)
def test_the_middle_and_the_distance_from_it(values: list[float], expected: Centre) -> None:
    assert centre(np.array(values)) == expected


def known(text: str) -> LookBack:
    return LookBack.of(with_keys(with_weeks(transactions_of(text)), FEW))


def test_a_week_is_not_part_of_its_own_population_nor_what_is_older() -> None:
    """Three weeks of purchases: only the two before the last one count in it."""
    amounts = known(
        """
        date       | category | amount
        2026-02-08 | Tools    | 9000.00
        2026-02-16 | Tools    | 10.00
        2026-02-22 | Tools    | 20.00
        2026-02-23 | Tools    | 40.00
        2026-02-23 | Tools    | -40.00
        2026-03-02 | Tools    | 5000.00
        2026-03-02 | Rare     | 1.00
        """
    ).amounts

    [usual] = category_populations(amounts, FEW, MONDAY, MONDAY).to_pylist()

    assert (usual["week_start"], usual["category"]) == (MONDAY, "Tools")
    # Rank 2 * 0.9 = 1.8: between 20.00 and 40.00.
    assert usual["usual_amount"] == Decimal("36.00000000")
    assert usual["median"] == pytest.approx(np.log10(20))
    assert category_populations(amounts, FEW, MONDAY + WEEK, MONDAY + WEEK).num_rows == 0


def totals(department: str, amounts: Sequence[str | None]) -> list[dict[str, Any]]:
    """A department's weeks that end with MONDAY; None: a silent one."""
    first = MONDAY - WEEK * (len(amounts) - 1)
    return [
        {
            "week_start": first + WEEK * n,
            "department": department,
            "net_amount": Decimal(amount),
            "transaction_count": 1,
        }
        for n, amount in enumerate(amounts)
        if amount is not None
    ]


def test_a_department_needs_all_weeks_before_a_week() -> None:
    rows = [
        *totals("Roads", ["1.00", "4.00", "2.00", "90.00"]),
        *totals("Gap", ["1.00", None, "2.00", "90.00"]),
        *totals("New", ["2.00", "90.00"]),
    ]

    found = department_populations(pa.Table.from_pylist(rows), 3)

    assert found.schema == DEPARTMENT_WEEKS
    [roads] = found.to_pylist()
    assert (roads["department"], roads["week_start"]) == ("Roads", MONDAY)
    assert roads["net_amount"] == Decimal("90.00")
    assert (roads["median"], roads["median_deviation"]) == (2.0, 1.0)


def test_nothing_known_is_nothing_usual() -> None:
    nothing = known("date | amount\n2026-03-02 | 1.00").and_then(
        LookBack.of(with_keys(with_weeks(transactions_of("date | amount")), FEW)),
        MONDAY + WEEK * 60,
        FEW,
    )

    assert [table.num_rows for table in nothing] == [0, 0, 0]
    assert category_populations(nothing.amounts, FEW, MONDAY, MONDAY).num_rows == 0
    assert department_populations(nothing.totals, 12).num_rows == 0
