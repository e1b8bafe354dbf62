"""Cells of an .xlsx sheet that have no value: errors, and formulas that nobody has computed.

Excel's readers show them as blank, as which they would be a name that is unknown or make another
column count. The sheet's XML is scanned part by part, however large it is.
"""

import re
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from xml.etree import ElementTree as ET

UNCOMPUTED = "#FORMULA!"
"""Stands for a formula without a saved value; Excel has no such error."""

CHUNK = 1 << 22
SHEET_NAMES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
IS_ERROR = re.compile(rb'\bt="e"')
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)<|<(?:\w+:)?is\b")


def odd_cells(path: str, sheet: str) -> dict[tuple[int, int], str]:
    """What stands in such cells, by row and column from 0; nothing for other kinds of workbook."""
    found: dict[tuple[int, int], str] = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        for text in _pieces(archive, part) if part else ():
            for attributes, inner in CELL.findall(text):
                odd = _odd(attributes, inner)
                if odd and (place := PLACE.search(attributes)):
                    found[int(place[2]) - 1, _column(place[1])] = odd
    return found


def _odd(attributes: bytes, inner: bytes) -> str | None:
    value = VALUE.search(inner)
    if IS_ERROR.search(attributes):
        return (value[1] or b"#ERROR!").decode() if value else "#ERROR!"
    return UNCOMPUTED if not value and FORMULA.search(inner) else None


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
