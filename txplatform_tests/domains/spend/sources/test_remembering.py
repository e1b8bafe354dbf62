"""Readers that remember: each text is read once, and nothing else is mistaken for it."""

from decimal import Decimal

import pytest

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.remembering import (
    LONGEST_REMEMBERED,
    REMEMBERED,
    Remembering,
)


class Reader:
    """Reads a cell as its type and text, and knows how often it was asked."""

    def __init__(self) -> None:
        """Asked nothing yet."""
        self.count = 0

    def __call__(self, cell: Cell) -> str:
        """The meaning of a cell."""
        self.count += 1
        return f"{type(cell).__name__} {cell}"


def test_a_text_is_read_once() -> None:
    read = Reader()
    meanings = Remembering(read)

    assert [meanings["Shell"], meanings["Shell"]] == ["str Shell", "str Shell"]
    assert read.count == 1


@pytest.mark.parametrize("order", [(1, True, Decimal(1), "1"), ("1", Decimal(1), True, 1)])
def test_cells_that_are_equal_keep_their_own_meaning(order: tuple[Cell, ...]) -> None:
    meanings = Remembering(Reader())

    assert [meanings[cell] for cell in order * 2] == [
        f"{type(cell).__name__} {cell}" for cell in order * 2
    ]


def test_memory_is_bounded() -> None:
    meanings = Remembering(Reader())

    for number in range(REMEMBERED + 10):
        assert meanings[str(number)] == f"str {number}"
    assert len(meanings) == 10


def test_a_long_text_is_not_kept() -> None:
    meanings = Remembering(Reader())

    for length in (LONGEST_REMEMBERED, LONGEST_REMEMBERED + 1):
        assert meanings["x" * length]
    assert list(meanings) == ["x" * LONGEST_REMEMBERED]
