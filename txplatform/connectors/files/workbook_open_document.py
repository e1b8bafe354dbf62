"""Cells of an OpenDocument sheet (.ods) that its reader shows as blank, and those that are merged.

LibreOffice marks an error as such; older versions wrote it as the number 0 that is shown as one.
"""

import re
import zipfile
from xml.etree import ElementTree as ET

from txplatform.connectors.files.workbook_oddities import (
    ERRORS,
    UNCOMPUTED,
    UNKNOWN_ERROR,
    Oddities,
    Place,
)

CONTENT = "content.xml"
_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TABLE, OFFICE, TEXT = (_OASIS % part for part in ("table", "office", "text"))
VALUE_TYPE = f"{OFFICE}value-type"
SHOWN_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
SHOWN_ERROR = re.compile(r"#\D.*|Err:[0-9]+")


def scanned(archive: zipfile.ZipFile, sheet: str) -> Oddities:
    """The odd and the merged cells of a sheet; its rows are read one after the other."""
    values: dict[Place, str] = {}
    merged: list[tuple[Place, Place]] = []
    row, tables = 0, list[bool]()
    with archive.open(CONTENT) as stream:
        for event, node in ET.iterparse(stream, ("start", "end")):  # noqa: S314 - in a child with limits
            if node.tag == f"{TABLE}table":
                if event == "start":
                    tables.append(node.get(f"{TABLE}name") == sheet and not tables)
                else:
                    tables.pop()
            elif event == "end" and node.tag == f"{TABLE}table-row":
                if tables == [True]:
                    row += _note(node, row, values, merged)
                node.clear()
    return Oddities(values, merged)


def _note(
    node: ET.Element, row: int, values: dict[Place, str], merged: list[tuple[Place, Place]]
) -> int:
    """Note the cells of a row; returns how many rows it stands for."""
    rows, column = _number(node, "number-rows-repeated"), 0
    for cell in node:
        if cell.tag not in CELLS:
            continue
        columns = _number(cell, "number-columns-repeated")
        if odd := _odd(cell):
            places = (
                (row + down, column + right) for down in range(rows) for right in range(columns)
            )
            values.update(dict.fromkeys(places, odd))
        height, width = (
            _number(cell, "number-rows-spanned"),
            _number(cell, "number-columns-spanned"),
        )
        if height > 1:
            merged.append(((row, column), (row + height - 1, column + width - 1)))
        column += columns
    return rows


def _number(node: ET.Element, name: str) -> int:
    return int(node.get(f"{TABLE}{name}", "1"))


def _odd(cell: ET.Element) -> str | None:
    kind, is_formula = cell.get(VALUE_TYPE), cell.get(f"{TABLE}formula") is not None
    shown = "".join("".join(one.itertext()) for one in cell.findall(f"{TEXT}p"))
    is_zero = is_formula and kind == "float" and SHOWN_ERROR.fullmatch(shown)
    if is_zero or cell.get(SHOWN_TYPE) == "error":
        return shown if shown in ERRORS.values() else UNKNOWN_ERROR
    return UNCOMPUTED if is_formula and kind is None and not shown else None
