"""Excel workbooks (.xlsx, .xls and their kin): one sheet as typed rows.

A workbook is one packed document: it is read into memory as a whole, which Excel's own limit of
1,048,576 rows bounds.
"""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, WorksheetNotFound

from txplatform.connectors.files.rows import Row, cell_of
from txplatform.errors import SourceError


def read_sheet(path: Path, name: str | None, zone: ZoneInfo) -> tuple[int, Iterator[Row]]:
    """The number of rows of a sheet (the first one, unless named), and its rows.

    Raises:
        SourceError: the workbook is damaged, protected or has no such sheet.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet = workbook.get_sheet_by_index(0) if name is None else workbook.get_sheet_by_name(name)
    except WorksheetNotFound:
        sheets = ", ".join(repr(found) for found in workbook.sheet_names)
        raise SourceError(f"{path.name} has no sheet {name!r}; its sheets are {sheets}.") from None
    except CalamineError as error:
        raise SourceError(f"{path.name} is damaged or protected ({error}).") from None
    return sheet.total_height + 1, _rows(sheet, zone)


def _rows(sheet: CalamineSheet, zone: ZoneInfo) -> Iterator[Row]:
    for number, values in enumerate(sheet.iter_rows(), 1):
        yield Row(number, [None if value == "" else cell_of(value, zone) for value in values])
