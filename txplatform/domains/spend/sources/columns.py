"""A layout's columns found in the header of one file; what is missing is one sentence."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from txplatform.connectors.files import Cell, normal
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.parsing import read_text
from txplatform.errors import SourceError

Getter = Callable[[Sequence[Cell]], Cell]


class HeaderColumns:
    """Looks the columns of a layout up in a header; case, spaces and aliases do not matter."""

    def __init__(self, layout: Layout, header: Sequence[str], where: str) -> None:
        """Take a header as written; `where` names the file or collection in errors."""
        self._layout = layout
        self._header = header
        self._names = [normal(name) for name in header]
        self._where = where

    def find(self, column: str) -> int | None:
        """Position of a column or of one of its aliases; None where the header lacks both.

        Raises:
            SourceError: the header has the column twice.
        """
        for spelling in (column, *self._layout.aliases.get(column, ())):
            count = self._names.count(normal(spelling))
            if count > 1:
                raise SourceError(
                    f"{self._where} has the column {spelling!r} {count} times: rename all but one."
                )
            if count:
                return self._names.index(normal(spelling))
        return None

    def index(self, column: str) -> int:
        """Position of a column that every file of the layout has.

        Raises:
            SourceError: the header lacks it.
        """
        found = self.find(column)
        if found is None:
            raise self._missing([column])
        return found

    def getter(self, field: str, columns: Iterable[str]) -> Getter:
        """Reads the cell of a field: the first of its columns that is not blank.

        Raises:
            SourceError: the header has none of the columns, and the field is not optional.
        """
        wanted = list(columns)
        is_required = bool(wanted) and field not in self._layout.optional
        return first_not_blank(self.positions(wanted, is_required))

    def single(self, column: str | None) -> Getter | None:
        """Reads a column that every file of the layout has; None where the layout names none.

        Raises:
            SourceError: the header lacks it.
        """
        return None if column is None else first_not_blank([self.index(column)])

    def positions(self, columns: Iterable[str], is_required: bool) -> list[int]:
        """Positions of those of the columns that the header has, in the layout's order.

        Raises:
            SourceError: the header has none of them, and at least one is required.
        """
        wanted = list(columns)
        found = [at for column in wanted if (at := self.find(column)) is not None]
        if is_required and not found:
            raise self._missing(wanted)
        return found

    def _missing(self, columns: Sequence[str]) -> SourceError:
        wanted = " or ".join(repr(column) for column in columns)
        present = ", ".join(name for name in self._header if name.strip()) or "none"
        return SourceError(
            f"{self._where} has no column {wanted}, which the layout {self._layout.name} needs; "
            f"its columns are: {present:.500}."
        )


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return cell is None or cell == "" or (isinstance(cell, str) and not read_text(cell))


def constantly(text: str) -> Getter:
    """Reads what a layout states for every row."""
    return lambda _cells: text


def first_not_blank(positions: Sequence[int]) -> Getter:
    """Reads the first cell that is not blank at these positions; None where all are blank."""
    if len(positions) == 1:
        return itemgetter(positions[0])
    if not positions:
        return lambda _cells: None
    return lambda cells: next((cells[at] for at in positions if not is_blank(cells[at])), None)
