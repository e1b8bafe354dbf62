"""What was read once and comes again is not read again, in bounded memory."""

from collections.abc import Callable
from typing import TypeVar

from txplatform.connectors.files import Cell

REMEMBERED = 1 << 16
LONGEST_REMEMBERED = 200
"""Characters of a text that is worth remembering: 65,536 hostile ones would fill the memory."""
Meaning = TypeVar("Meaning")


class Remembering(dict[Cell, Meaning]):
    """What cells mean, by cell: each text is read once, and found again without a call."""

    def __init__(self, read: Callable[[Cell], Meaning]) -> None:
        """Remember what `read` makes of the texts among the cells."""
        super().__init__()
        self._read = read

    def __missing__(self, cell: Cell) -> Meaning:
        """Only texts stay: 1, 1.0 and True are one key and may mean three things."""
        meaning = self._read(cell)
        if isinstance(cell, str) and is_short(cell):
            if len(self) >= REMEMBERED:
                self.clear()
            self[cell] = meaning
        return meaning


def is_short(text: str) -> bool:
    """Whether a text is worth remembering."""
    return len(text) <= LONGEST_REMEMBERED
