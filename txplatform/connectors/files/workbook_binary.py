"""Odd cells of Excel's binary workbooks, .xls and .xlsb; merged cells of the latter.

Formulas of an .xlsb always have a saved value. Those of an .xls have one too, but writers that do
not compute save a blank text; only a program that computes notes itself as having done so (or did
not yet, before Excel 2002: then a formula whose value is a blank text counts as not computed).

An .xls is a stream of records in a compound file, which
is a small file system of sectors; an .xlsb has a part of records per sheet in a zip archive.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from posixpath import join, normpath
from struct import unpack_from
from xml.etree import ElementTree as ET

from txplatform.connectors.files.workbook_oddities import (
    ERRORS,
    UNCOMPUTED,
    UNKNOWN_ERROR,
    Oddities,
    Place,
)

Records = Iterator[tuple[int, bytes]]

BOOK, RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
ROW, CELL_ERROR, FORMULA_ERROR, SHEET, MERGED = 0, 3, 11, 156, 176
"""Kinds of records of an .xlsb."""
BOUND_SHEET, BEGIN, END, BOOL_OR_ERROR, FORMULA, COMPUTED_BY = 0x85, 0x809, 0x0A, 0x205, 0x06, 0x1C1
"""Kinds of records of an .xls."""
STREAMS = ("workbook", "book")
NOT_A_NUMBER, ERROR, BLANK = 0xFFFF, 2, 3
"""Of a formula: the mark of a result that is no number, and two kinds of such results."""
ENTRY, MINI_SECTOR = 128, 64
NO_SECTOR = 0xFFFFFFFA
"""From here on numbers of sectors are marks."""


def of_xlsb(archive: zipfile.ZipFile, number: int) -> Oddities:
    """The odd and the merged cells of a sheet, by its number."""
    values: dict[Place, str] = {}
    merged: list[tuple[Place, Place]] = []
    row = 0
    for kind, content in _parts(archive.read(_part(archive, number))):
        if kind == ROW:
            (row,) = unpack_from("<I", content)
        elif kind in (CELL_ERROR, FORMULA_ERROR):
            column, code = unpack_from("<I4xB", content)
            values[row, column] = ERRORS.get(code, UNKNOWN_ERROR)
        elif kind == MERGED:
            top, bottom, left, right = unpack_from("<4I", content)
            merged.append(((top, left), (bottom, right)))
    return Oddities(values, merged)


def _part(archive: zipfile.ZipFile, number: int) -> str:
    """The file of the archive that holds a sheet."""
    relations = ET.fromstring(archive.read(RELATIONS))  # noqa: S314 - in a child with limits
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    sheets = (content for kind, content in _parts(archive.read(BOOK)) if kind == SHEET)
    ids = (content[12 : 12 + 2 * unpack_from("<8xI", content)[0]] for content in sheets)
    target = targets[next(islice(ids, number, None)).decode("utf-16-le")]
    return normpath(join("xl", target))


def _parts(data: bytes) -> Records:
    """Records of an .xlsb: kind and size are numbers of seven bits a byte."""
    at = 0
    while at < len(data):
        kind, at = _of_seven_bits(data, at, 2)
        size, at = _of_seven_bits(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _of_seven_bits(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number, the lowest bits first, and where it ends."""
    number = 0
    for place in range(most):
        number |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:
            return number, at + place + 1
    return number, at + most


def of_xls(path: str, number: int) -> Oddities:
    """The odd cells of a sheet, by its number."""
    book = _CompoundFile(Path(path).read_bytes()).book()
    globals_ = list(_records(book, 0))
    begins = [unpack_from("<I", one)[0] for kind, one in globals_ if kind == BOUND_SHEET]
    is_computed = any(kind == COMPUTED_BY for kind, _ in globals_)
    values: dict[Place, str] = {}
    for kind, content in _records(book, begins[number]):
        if kind == BOOL_OR_ERROR:
            row, column, code, is_error = unpack_from("<HH2xBB", content)
        elif kind == FORMULA:
            row, column, result, code, mark = unpack_from("<HH2xBxB3xH", content)
            is_error = (result, mark) == (ERROR, NOT_A_NUMBER)
            if (result, mark) == (BLANK, NOT_A_NUMBER) and not is_computed:
                values[row, column] = UNCOMPUTED
        else:
            continue
        if is_error:
            values[row, column] = ERRORS.get(code, UNKNOWN_ERROR)
    return Oddities(values)


def _records(data: bytes, at: int) -> Records:
    """The records of the part of a stream that begins here, without those of charts within it."""
    depth = 0
    while at + 4 <= len(data):
        kind, size = unpack_from("<HH", data, at)
        depth += (kind == BEGIN) - (kind == END)
        if not depth:
            return
        if depth == 1:
            yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size


class _CompoundFile:
    """Streams in sectors that a table chains; short streams lie in the small sectors of one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size: int = 1 << unpack_from("<H", data, 30)[0]
        directory, self._cutoff, mini, _, more = unpack_from("<I4x5I", data, 48)[:5]
        tables = [*unpack_from("<109I", data, 76)]
        while more < NO_SECTOR:
            *found, more = self._numbers(self._sector(more))
            tables += found
        used = (one for one in tables if one < NO_SECTOR)
        self._next = [one for table in used for one in self._numbers(self._sector(table))]
        self._entries = self._chained(directory)
        self._mini_next = self._numbers(self._chained(mini))

    def book(self) -> bytes:
        """The stream of the workbook."""
        for at in range(0, len(self._entries), ENTRY):
            length, start, size = unpack_from("<64xH50xII", self._entries, at)
            name = self._entries[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
            if name.casefold() in STREAMS:
                return (self._mini(start) if size < self._cutoff else self._chained(start))[:size]
        return b""

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _chained(self, number: int) -> bytes:
        return b"".join(map(self._sector, _chain(number, self._next)))

    def _mini(self, number: int) -> bytes:
        (start,) = unpack_from("<116xI", self._entries)
        small = self._chained(start)
        places = (MINI_SECTOR * one for one in _chain(number, self._mini_next))
        return b"".join(small[at : at + MINI_SECTOR] for at in places)

    @staticmethod
    def _numbers(sector: bytes) -> Sequence[int]:
        return unpack_from(f"<{len(sector) // 4}I", sector)


def _chain(number: int, following: Sequence[int]) -> Iterator[int]:
    """The sectors from one on; a chain that comes back to itself ends."""
    for _ in following:
        if number >= NO_SECTOR:
            return
        yield number
        number = following[number]
