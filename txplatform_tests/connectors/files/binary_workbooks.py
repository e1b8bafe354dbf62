"""Workbooks in Excel's binary formats, .xls and .xlsb, made record by record."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from struct import pack
from typing import NamedTuple

from txplatform_tests.connectors.files.workbooks import OFFICE, RELATIONS

Cells = Sequence[Sequence[object]]
"""Rows of texts, numbers and errors; None is a blank cell."""
Ranges = Sequence[tuple[int, int, int, int]]
"""Merged cells: top, bottom, left and right."""


class Error(NamedTuple):
    """An error by its code in Excel's binary formats; of a formula or alone."""

    code: int
    is_formula: bool = False


NA, REF, DIVIDED = Error(0x2A), Error(0x17), Error(0x07, is_formula=True)
BLANK_FORMULA = object()
"""A formula whose saved value is a blank text."""
SHOWN = {0x2A: "#N/A", 0x17: "#REF!", 0x07: "#DIV/0!"}


SECTOR, MINI, FREE, END, TABLE_SECTOR = 512, 64, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
CUTOFF = 4_096


def old_workbook(
    path: Path, cells: Cells, merged: Ranges, least_bytes: int = 0, *, is_computed: bool = False
) -> Path:
    """An .xls: a sheet `Other` with an error, then `S` with these cells.

    With 4,096 bytes at least its stream lies in sectors of its own, else in small ones. One that
    Excel computed names the version that did.
    """
    sheets = [_xls_sheet([[REF]], []), _xls_sheet(cells, merged)]
    version = [(0x1C1, pack("<HHI", 0x1C1, 0, 191_029))] if is_computed else []
    begin = len(_xls_globals([0, 0], version))
    book = _xls_globals([begin, begin + len(sheets[0])], version) + b"".join(sheets)
    path.write_bytes(_compound_file(book.ljust(least_bytes, b"\0")))
    return path


def _xls_record(kind: int, content: bytes) -> bytes:
    return pack("<HH", kind, len(content)) + content


def _xls_globals(begins: Sequence[int], further: Sequence[tuple[int, bytes]]) -> bytes:
    named = zip(begins, (b"Other", b"S"), strict=True)
    sheets = [pack("<IBBBB", at, 0, 0, len(name), 0) + name for at, name in named]
    records = [(0x809, pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)), *((0x85, one) for one in sheets)]
    return b"".join(_xls_record(*one) for one in [*records, *further, (0x0A, b"")])


def _xls_sheet(cells: Cells, merged: Ranges) -> bytes:
    begin = _xls_record(0x809, pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    records = [
        _xls_cell(row, column, value)
        for row, values in enumerate(cells)
        for column, value in enumerate(values)
        if value is not None
    ]
    ranges = b"".join(pack("<4H", *one) for one in merged)
    records.append(_xls_record(0xE5, pack("<H", len(merged)) + ranges))
    chart = begin + _xls_cell(0, 0, NA) + _xls_record(0x0A, b"")
    return b"".join([begin, *records, chart, _xls_record(0x0A, b"")])


def _xls_cell(row: int, column: int, value: object) -> bytes:
    place = pack("<HHH", row, column, 0)
    match value:
        case Error(code, True):
            result = pack("<BxBxxxH", 2, code, 0xFFFF)
            return _xls_record(0x06, place + result + pack("<HIH", 0, 0, 0))
        case Error(code, _):
            return _xls_record(0x205, place + pack("<BB", code, 1))
        case _ if value is BLANK_FORMULA:
            result = pack("<BxxxxxH", 3, 0xFFFF)
            return _xls_record(0x06, place + result + pack("<HIH", 0, 0, 0))
        case float():
            return _xls_record(0x203, place + pack("<d", value))
    text = str(value).encode()
    return _xls_record(0x204, place + pack("<HB", len(text), 0) + text)


def _compound_file(stream: bytes) -> bytes:
    """A stream `Workbook`: a sector with the table, one with the directory, then its own."""
    is_small, kept = len(stream) < CUTOFF, stream.ljust(-(-len(stream) // SECTOR) * SECTOR, b"\0")
    first, mini = (3, 2) if is_small else (2, END)
    sectors = len(kept) // SECTOR
    chain = [*range(first + 1, first + sectors), END]
    table = [TABLE_SECTOR, END, *([END] if is_small else []), *chain]
    entries = [
        _entry("Root Entry", 5, first if is_small else END, len(kept) if is_small else 0),
        _entry("Workbook", 2, 0 if is_small else first, len(stream)),
    ]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + pack(
        "<HHHHH6xIII4xIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, CUTOFF, mini, int(is_small), END, 0
    )
    minis = -(-len(stream) // MINI)
    small = [*range(1, minis), END] if is_small else []
    parts = [
        head + _numbers([0], 109),
        _numbers(table, SECTOR // 4),
        b"".join(entries).ljust(SECTOR, b"\0"),
        *([_numbers(small, SECTOR // 4)] if is_small else []),
        kept,
    ]
    return b"".join(parts)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    child = 1 if kind == 5 else FREE
    return written.ljust(64, b"\0") + pack(
        "<HBBIII36xIQ", len(written) + 2, kind, 1, FREE, FREE, child, start, size
    )


def _numbers(found: Sequence[int], count: int) -> bytes:
    return pack(f"<{count}I", *found, *[FREE] * (count - len(found)))


def binary_workbook(path: Path, cells: Cells, merged: Ranges) -> Path:
    """An .xlsb: a sheet `Other` with an error, then `S` with these cells."""
    sheets = [(f"r{n}", name) for n, name in enumerate(("Other", "S"), 1)]
    book = [
        (156, pack("<II", 0, n) + _wide(one) + _wide(name)) for n, (one, name) in enumerate(sheets)
    ]
    relations = "".join(
        f'<Relationship Id="{one}" Type="{OFFICE}/worksheet" Target="worksheets/{one}.bin"/>'
        for one, _ in sheets
    )
    contents = [_xlsb_sheet([[REF]], []), _xlsb_sheet(cells, merged)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", _xlsb([*book, (144, b""), (157, b"")]))
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>',
        )
        for (one, _), content in zip(sheets, contents, strict=True):
            archive.writestr(f"xl/worksheets/{one}.bin", content)
    return path


def _wide(text: str) -> bytes:
    return pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb(records: Sequence[tuple[int, bytes]]) -> bytes:
    return b"".join(_seven_bits(kind) + _seven_bits(len(one)) + one for kind, one in records)


def _seven_bits(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])


def _xlsb_sheet(cells: Cells, merged: Ranges) -> bytes:
    size = pack("<4I", 0, len(cells) - 1, 0, max(map(len, cells)) - 1)
    records = [(129, b""), (148, size), (145, b"")]
    for row, values in enumerate(cells):
        records.append((0, pack("<I", row)))
        filled = ((column, one) for column, one in enumerate(values) if one is not None)
        records += [_xlsb_cell(column, value) for column, value in filled]
    records += [(146, b""), *((176, pack("<4I", *one)) for one in merged), (130, b"")]
    return _xlsb(records)


def _xlsb_cell(column: int, value: object) -> tuple[int, bytes]:
    place = pack("<II", column, 0)
    match value:
        case Error(code, is_formula):
            formula = pack("<HII", 0, 0, 0) if is_formula else b""
            return (11 if is_formula else 3), place + pack("<B", code) + formula
        case float():
            return 5, place + pack("<d", value)
    return 6, place + _wide(str(value))
