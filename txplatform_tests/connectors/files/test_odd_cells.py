"""Errors and merged cells in every kind of workbook; its reader shows both as blank."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from txplatform.connectors.files import FileFormat, open_table, verify
from txplatform.connectors.files.workbook_odd_cells import odd_cells
from txplatform.connectors.files.workbook_oddities import UNCOMPUTED
from txplatform_tests.connectors.files import binary_workbooks, open_documents, workbooks
from txplatform_tests.connectors.files.binary_workbooks import DIVIDED, NA, REF
from txplatform_tests.connectors.files.open_documents import ods_error, ods_row, ods_text

CELLS: Sequence[Sequence[object]] = [
    [None, "Department", "Merchant", "Amount"],
    [None, "Roads", "Shell", 5.28],
    [None, None, NA, 1.0],
    [None, None, "Shop", DIVIDED],
    [None, "Parks", REF, NA],
]
"""Nothing stands in the first column; `Roads` is merged over three rows."""

MERGED = [(1, 3, 1, 1)]


def xlsx(path: Path) -> Path:
    """As Excel writes it."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("S")
    for row in CELLS:
        sheet.append([binary_workbooks.SHOWN.get(getattr(one, "code", -1), one) for one in row])
    sheet.merge_cells("B2:B4")
    book.save(path)
    return path


def ods(path: Path) -> Path:
    """As LibreOffice writes it: places that repeat, and places that are covered."""
    blank, covered = "<table:table-cell/>", "<table:covered-table-cell/>"
    merged = 'table:number-rows-spanned="3" table:number-columns-spanned="1"'
    zero = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    amounts = (
        f'<table:table-cell office:value-type="float" office:value="{one}"/>' for one in (5.28, 1)
    )
    twice = ods_error().replace(
        "<table:table-cell", '<table:table-cell table:number-columns-repeated="2"', 1
    )
    rows = [
        ods_row(blank, *map(ods_text, ("Department", "Merchant", "Amount"))),
        ods_row(blank, ods_text("Roads", merged), ods_text("Shell"), next(amounts)),
        ods_row(blank, covered, ods_error(), next(amounts)),
        ods_row(blank, covered, ods_text("Shop"), zero),
        ods_row(blank, ods_text("Parks"), twice),
        ods_row(
            '<table:table-cell table:number-columns-repeated="16384"/>',
            attributes='table:number-rows-repeated="1048570"',
        ),
    ]
    return open_documents.open_document(path, "".join(rows))


def xls(path: Path) -> Path:
    """As Excel wrote it until 2003; a short one."""
    return binary_workbooks.old_workbook(path, CELLS, MERGED)


def long_xls(path: Path) -> Path:
    """A longer one."""
    return binary_workbooks.old_workbook(path, CELLS, MERGED, binary_workbooks.CUTOFF)


def xlsb(path: Path) -> Path:
    """As Excel writes it in its binary format."""
    return binary_workbooks.binary_workbook(path, CELLS, MERGED)


@pytest.mark.parametrize(
    ("make", "ending", "last"),
    [
        (xlsx, "xlsx", "#REF!"),
        (ods, "ods", "#N/A"),
        (xls, "xls", "#REF!"),
        (long_xls, "xls", "#REF!"),
        (xlsb, "xlsb", "#REF!"),
    ],
)
def test_errors_and_merged_cells_stand_where_people_see_them(
    make: Callable[[Path], Path], ending: str, last: str, tmp_path: Path
) -> None:
    """Catches: errors that are blank, and those of a sheet that begins in its second column."""
    path = make(tmp_path / f"book.{ending}")

    with open_table(verify(path), FileFormat(sheet="S")) as table:
        header, rows = table.header, [list(row.cells) for row in table.rows]

    assert header == ["Department", "Merchant", "Amount"]
    assert rows == [
        ["Roads", "Shell", Decimal("5.28")],
        ["Roads", "#N/A", Decimal(1)],
        ["Roads", "Shop", "#DIV/0!"],
        ["Parks", last, "#N/A"],
    ]


@pytest.mark.parametrize(
    ("cell", "odd"),
    [
        ('<c r="B3"><v>5</v></c>', None),
        ('<c r="B3"/>', None),
        ('<c r="B3" t="str"><v>#N/A</v></c>', None),
        ('<c r="B3" t="inlineStr"><is><t>text</t></is></c>', None),
        ('<c r="B3"><f>A1+1</f><v>5</v></c>', None),
        ('<c r="B3" t="str"><f>IF(A1,"","x")</f><v></v></c>', None),
        ('<c r="B3" t="str"><f>A1</f><v>text</v></c>', None),
        ('<c r="B3" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="e" s="1" r="B3"><v>#REF!</v></c>', "#REF!"),
        ('<c r="B3" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="B3" t="e"/>', "#ERROR!"),
        ('<c r="B3"><f>A1+1</f></c>', UNCOMPUTED),
        ('<c r="B3"><f>A1+1</f><v/></c>', UNCOMPUTED),
        ('<c r="B3"><f>A1+1</f><v></v></c>', UNCOMPUTED),
        ('<c r="B3"><f t="shared" si="0"/></c>', UNCOMPUTED),
    ],
)
def test_which_cells_have_no_value(tmp_path: Path, cell: str, odd: str | None) -> None:
    before = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="n"/></row>'
    path = tmp_path / "book.xlsx"
    workbooks.of_cells(
        path, f'{before}<row r="3"><c r="A3"><v>1</v></c>{cell}<c r="AB3"><v>2</v></c></row>'
    )

    assert odd_cells(str(path), "S", 0).values == ({} if odd is None else {(2, 1): odd})
    assert odd_cells(str(path), "another", 1).values == {}


@pytest.mark.parametrize(
    ("value", "odd"),
    [(None, UNCOMPUTED), (0, UNCOMPUTED), ("", UNCOMPUTED), (7.5, None), ("none", None)],
)
def test_a_formula_that_was_left_to_excel_has_no_value(
    tmp_path: Path, value: float | str | None, odd: str | None
) -> None:
    """Catches: the 0 that a writer which computes nothing saves, taken as an amount."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_number(0, 0, 0)
        sheet.write_formula(0, 1, "=C1/2", None, *(() if value is None else (value,)))

    assert odd_cells(str(path), "S", 0).values == ({} if odd is None else {(0, 1): odd})


@pytest.mark.parametrize(("is_computed", "odd"), [(False, {(0, 1): UNCOMPUTED}), (True, {})])
def test_a_blank_formula_of_an_old_workbook_that_nobody_computed(
    tmp_path: Path, is_computed: bool, odd: dict[tuple[int, int], str]
) -> None:
    path = tmp_path / "book.xls"
    cells = [[5.0, binary_workbooks.BLANK_FORMULA, 0.0, "text"]]
    binary_workbooks.old_workbook(path, cells, [], is_computed=is_computed)

    assert odd_cells(str(path), "S", 1).values == odd


def test_odd_cells_are_found_wherever_the_parts_are_cut(tmp_path: Path) -> None:
    """Catches: a cell that is lost between two pieces of a large sheet."""
    path = tmp_path / "large.xlsx"
    filler = "x" * 1_000
    rows = (
        f'<row r="{n}"><c r="A{n}" t="str"><v>{filler}</v></c>'
        f'<c r="AA{n}" t="e"><v>#N/A</v></c></row>'
        for n in range(1, 10_001)
    )
    workbooks.of_cells(path, "".join(rows))

    assert odd_cells(str(path), "S", 0).values == {(n, 26): "#N/A" for n in range(10_000)}
