"""Excel: the sheet that is named, the rows as they are numbered on it, doubles without noise."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from txplatform.connectors.files import FileFormat, Row, open_table, verify
from txplatform.errors import SourceError
from txplatform_tests.connectors.files import same_purchases


def read(path: Path, form: FileFormat = FileFormat()) -> tuple[list[str], list[Row]]:  # noqa: B008
    """Header and rows of a workbook."""
    with open_table(verify(path), form) as table:
        return table.header, list(table.rows)


def test_a_sheet_by_its_name(tmp_path: Path) -> None:
    header, rows = read(same_purchases.excel(tmp_path / "book.xlsx"), FileFormat(sheet="Notes"))

    assert (header, rows) == (["nothing"], [])


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = same_purchases.excel(tmp_path / "book.xlsx")

    with pytest.raises(
        SourceError, match="has no sheet 'June'; its sheets are 'Purchases', 'Notes'"
    ):
        read(path, FileFormat(sheet="June"))


def test_a_truncated_workbook(tmp_path: Path) -> None:
    path = same_purchases.excel(tmp_path / "book.xlsx")
    path.write_bytes(path.read_bytes()[:-500])

    with pytest.raises(SourceError, match="truncated or damaged"):
        verify(path)


def test_an_old_workbook_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "book.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\x00" * 600)

    with pytest.raises(SourceError, match="damaged or protected"):
        read(path)


def test_cells_and_lines_of_a_real_sheet(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx", {"default_date_format": "d mmm yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write("B2", "Purchases of June")
        sheet.write_row("B4", ["day", "id", "amount"])
        sheet.write_row("B5", [datetime(2024, 6, 3, 23, 59), 4711, 0.1])
        sheet.write_row("B7", ["03/06/2024", True, "12"])

    header, rows = read(tmp_path / "book.xlsx", FileFormat(skip_lines=2))

    assert header == ["day", "id", "amount"]
    assert rows == [
        Row(5, [date(2024, 6, 3), Decimal("4711.0"), Decimal("0.1")]),
        Row(6, [None, None, None]),
        Row(7, ["03/06/2024", True, "12"]),
    ]
