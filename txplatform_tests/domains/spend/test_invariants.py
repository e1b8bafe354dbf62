"""What must hold of computed rows before anything is written: one wrong table per invariant."""

from datetime import date
from decimal import Decimal

import pytest

from txplatform.domains.spend.transforms.invariants import require_reconciled
from txplatform.errors import ReconciliationError
from txplatform_tests.domains.spend.weekly_tables import NO_ROWS, computed

FIRST, LAST = date(2026, 11, 9), date(2026, 11, 16)
HEADER = """
    week_start | department | division | total_amount | transaction_count | department_amount | week_amount
"""  # noqa: E501 - one line per row
RIGHT = """
    2026-11-09 | Roads      | Bridges  | 5.00         | 1                 | 5.00              | 5.00
    2026-11-16 | Parks      | Trees    | -2.50        | 1                 | -2.50             | 37.50
    2026-11-16 | Roads      | Bridges  | 30.00        | 2                 | 40.00             | 37.50
    2026-11-16 | Roads      | Signs    | 10.00        | 1                 | 40.00             | 37.50
"""  # noqa: E501 - one line per row
DOCUMENTS = {FIRST: (1, Decimal("5.00")), LAST: (4, Decimal("37.50"))}


def _require_reconciled(rows: str, documents: dict[date, tuple[int, Decimal]] = DOCUMENTS) -> None:
    require_reconciled(computed(HEADER + rows), documents, FIRST, LAST)


def test_right_rows_pass() -> None:
    _require_reconciled(RIGHT)


def test_weeks_without_documents_have_no_rows() -> None:
    silent = {FIRST: (0, Decimal("0.00")), LAST: (0, Decimal("0.00"))}

    require_reconciled(computed(NO_ROWS), silent, FIRST, LAST)


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        pytest.param(
            "5.00         | 1                 | 5.00              | 5.00",
            "5.01         | 1                 | 5.01              | 5.01",
            "Week 2026-11-09: MongoDB holds 1 transactions of 5.00, the computed rows 1 of 5.01",
            id="a total that differs by a cent",
        ),
        pytest.param(
            "Bridges  | 30.00        | 2 ",
            "Bridges  | 30.00        | 3 ",
            "MongoDB holds 4 transactions of 37.50, the computed rows 5 of 37.50",
            id="a transaction that is counted twice",
        ),
        pytest.param(
            "Signs    | 10.00        | 1                 | 40.00",
            "Signs    | 10.00        | 1                 | 40.01",
            "department_amount of 2026-11-16, Roads is 40.01, its divisions add up to 40.00",
            id="a department's amount that its divisions do not add up to",
        ),
        pytest.param(
            "Trees    | -2.50        | 1                 | -2.50             | 37.50",
            "Trees    | -2.50        | 1                 | -2.50             | 40.00",
            "week_amount of 2026-11-16 is 40.00, its divisions add up to 37.50",
            id="a week's amount without its refunds",
        ),
        pytest.param(
            "2026-11-09 | Roads ",
            "2026-11-02 | Roads ",
            "Rows of 2026-11-02 were computed for the weeks 2026-11-09 to 2026-11-16",
            id="a row outside of the weeks that were computed",
        ),
        pytest.param(
            "Roads      | Signs    ",
            "Roads      | Bridges  ",
            "1 computed rows repeat the key of another",
            id="a key that occurs twice",
        ),
    ],
)
def test_each_mistake_is_refused(right: str, wrong: str, sentence: str) -> None:
    """Catches an invariant that is left out: every other one holds of the wrong table."""
    assert right in RIGHT

    with pytest.raises(ReconciliationError, match=f"{sentence}; nothing was written"):
        _require_reconciled(RIGHT.replace(right, wrong))


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ((5, Decimal("37.50")), "5 transactions of 37.50, the computed rows 4 of 37.50"),
        ((4, Decimal("37.51")), "4 transactions of 37.51, the computed rows 4 of 37.50"),
    ],
)
def test_a_late_document_is_noticed(found: tuple[int, Decimal], sentence: str) -> None:
    with pytest.raises(ReconciliationError, match=sentence):
        _require_reconciled(RIGHT, {**DOCUMENTS, LAST: found})


def test_a_week_that_was_not_computed_is_noticed() -> None:
    of_second_week = RIGHT.strip().split("\n", 1)[1]

    with pytest.raises(ReconciliationError, match=r"Week 2026-11-09: .* the computed rows 0 of"):
        _require_reconciled(of_second_week)
