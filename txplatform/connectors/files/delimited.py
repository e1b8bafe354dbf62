"""Delimited text (CSV): records with the physical line where each begins and its own text."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence

from txplatform.connectors.files.rows import LONGEST_CELL, LONGEST_RECORD, Cell, Row

QUOTE = '"'
MOST_LINES = 1_000
"""Lines of one record at most: what is longer is a quote that is never closed."""
LINES_AFTER_A_FAILURE = 10
"""Lines of one record among those that a failed record gave back: reading stays linear."""


SWALLOWED = "a quote is opened and not closed before lines that are records by themselves"


def _is_record(line: str, delimiter: str, widths: set[int]) -> bool:
    """Whether a line by itself is as wide as the header, whether its quotes are quotes or not."""
    plain = line.count(delimiter) + 1
    try:
        quoted = len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        quoted = 0
    return plain > 1 and not widths.isdisjoint({plain, quoted})


class _Lines:
    """Lines as the csv module takes them, remembered until their record is complete.

    A line without quotes is a record of its own: it is split here, a third of csv's time.
    """

    def __init__(self, lines: Iterator[str], first_line: int) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self._characters = 0
        self._record: list[str] = []
        self._first = first_line

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        most_lines = LINES_AFTER_A_FAILURE if self._returned else MOST_LINES
        if self._record and (len(self._record) >= most_lines or self._characters > LONGEST_RECORD):
            raise csv.Error("a quote is opened and not closed")
        line = self._returned.popleft() if self._returned else next(self._lines)
        self._record.append(line)
        self._characters += len(line)
        return line

    def plain_records(self, delimiter: str) -> Iterator[Row]:
        """The records up to the next line that needs the csv module: `__next__` begins with it."""
        for line in () if self._returned else self._lines:
            if QUOTE in line or len(line) > LONGEST_CELL:
                self._returned.append(line)
                return
            text = line.rstrip("\r\n")
            number, self._first = self._first, self._first + 1
            yield Row(number, text.split(delimiter) if text else [], text)

    def take_record(self) -> tuple[int, str]:
        """The line where the record began and its text; the next record begins after it."""
        taken = self._first, "".join(self._record)
        self._first += len(self._record)
        self._record.clear()
        self._characters = 0
        return taken

    def require_apart(self, cells: list[str] | None, delimiter: str, widths: set[int]) -> None:
        """Raise csv.Error where the record swallowed lines that are records by themselves.

        Its last line may be as wide as the header where the cell that it ends is the first one, and
        its first line is not.
        """
        if not cells or len(self._record) < 2:
            return
        is_whole = [_is_record(line, delimiter, widths) for line in self._record[1:]]
        broken = (at for at, cell in enumerate(cells) if "\n" in cell or "\r" in cell)
        begins = len(self._record[0].split(delimiter)) in widths
        is_first = len(cells) in widths and max(broken, default=0) == 0 and not begins
        if any(is_whole[:-1]) or (is_whole[-1] and not is_first):
            raise csv.Error(SWALLOWED)

    def keep_first_line(self) -> None:
        """Give all lines but the record's first back: they are records of their own."""
        self._returned.extendleft(reversed(self._record[1:]))
        del self._record[1:]


def read_delimited(lines: Iterator[str], delimiter: str, first_line: int = 1) -> Iterator[Row]:
    """Every record of `lines`, the header included; blank lines are records without cells.

    A quote that is never closed, or that swallows lines which are records by themselves, costs the
    line where it opens, not those after it.
    """
    source = _Lines(lines, first_line)
    records = csv.reader(source, delimiter=delimiter, strict=True)
    widths: set[int] = set()
    while True:
        for row in source.plain_records(delimiter):
            widths = widths or _widths(row.cells)
            yield row
        try:
            cells = next(records, None)
            source.require_apart(cells, delimiter, widths)
        except csv.Error as error:
            source.keep_first_line()
            line, text = source.take_record()
            yield Row(line, (), text.rstrip("\r\n"), f"the line is not readable: {error}")
            continue
        if cells is None:
            return
        line, text = source.take_record()
        widths = widths or _widths(cells)
        yield Row(line, cells, text.rstrip("\r\n"))


def _widths(header: Sequence[Cell]) -> set[int]:
    """How many cells records have: as many as the header, blank headings at its end or not."""
    named = [at for at, name in enumerate(header, 1) if str(name).strip()]
    return {named[-1], len(header)} if named else set()
