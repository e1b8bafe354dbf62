"""Cells of a sheet that have no value: errors, and formulas that nobody has computed.

Readers of workbooks show them as blank, as which they would be a name that is unknown or make
another column count. Every kind of workbook has its own place for them; an .xlsx sheet's XML is
scanned part by part, however large it is.
"""

import re
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from xml.etree import ElementTree as ET

from txplatform.connectors.files import workbook_binary, workbook_open_document
from txplatform.connectors.files.workbook_oddities import UNCOMPUTED, UNKNOWN_ERROR, Oddities

CHUNK = 1 << 22
LEFT_TO_EXCEL = re.compile(rb'<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad="(?:1|true)"')
"""Said by a workbook whose formulas Excel is to compute when it is opened; Excel drops it."""
SHEET_NAMES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
IS_ERROR = re.compile(rb'\bt="e"')
IS_TEXT = re.compile(rb'\bt="str"')
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
SAVED = re.compile(rb"<(?:\w+:)?v\b")
VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)<|<(?:\w+:)?is\b")


def odd_cells(path: str, sheet: str, number: int) -> Oddities:
    """What the reader does not tell of a sheet.

    Args:
        path: the workbook, of whatever kind.
        sheet: its name.
        number: its place among all sheets, from 0; binary formats write names in many ways.
    """
    if not zipfile.is_zipfile(path):
        return workbook_binary.of_xls(path, number)
    with zipfile.ZipFile(path) as archive:
        parts = set(archive.namelist())
        if workbook_binary.BOOK in parts:
            return workbook_binary.of_xlsb(archive, number)
        if workbook_open_document.CONTENT in parts:
            return workbook_open_document.scanned(archive, sheet)
        return _scanned(archive, sheet)


def _scanned(archive: zipfile.ZipFile, sheet: str) -> Oddities:
    found: dict[tuple[int, int], str] = {}
    part = _part(archive, sheet)
    is_computed = not (part and LEFT_TO_EXCEL.search(archive.read(SHEET_NAMES[0])))
    for text in _pieces(archive, part) if part else ():
        for attributes, inner in CELL.findall(text):
            odd = _odd(attributes, inner, is_computed)
            if odd and (place := PLACE.search(attributes)):
                found[int(place[2]) - 1, _column(place[1])] = odd
    return Oddities(found)


def _odd(attributes: bytes, inner: bytes, is_computed: bool) -> str | None:
    """An error, or a formula without a value; writers that do not compute may save a 0 as one."""
    value = VALUE.search(inner)
    if IS_ERROR.search(attributes):
        return (value[1] or UNKNOWN_ERROR.encode()).decode() if value else UNKNOWN_ERROR
    is_blank_text = IS_TEXT.search(attributes) and SAVED.search(inner)
    is_saved = value and (is_computed or value[1] != b"0")
    return UNCOMPUTED if not (is_saved or is_blank_text) and FORMULA.search(inner) else None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file of the archive that holds a sheet."""
    if not set(SHEET_NAMES) <= set(archive.namelist()):
        return None
    book, relations = (ET.fromstring(archive.read(name)) for name in SHEET_NAMES)  # noqa: S314 - in a child with limits
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    for one in book.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            ids = (value for key, value in one.attrib.items() if key.endswith("}id"))
            target = targets.get(next(ids, None), "")
            part = target[1:] if target.startswith("/") else normpath(join("xl", target))
            return part if part in archive.namelist() else None
    return None


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The text of a part, cut where no cell is cut."""
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            text = rest + chunk
            cut = text.rfind(b"row>") + len(b"row>")
            yield text[:cut]
            rest = text[cut:]
    yield rest
