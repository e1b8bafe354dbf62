"""Workbooks as people have them: sheets, errors, formulas, merged cells; nothing vanishes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from pymongo.database import Database

from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.quarantine import replay_rejected
from txplatform.errors import SourceError
from txplatform_tests.domains.spend.sources.conftest import POLICY
from txplatform_tests.domains.spend.sources.stored import rejected, transactions
from txplatform_tests.domains.spend.sources.test_files_of_people import layout

Mongo = Database[dict[str, Any]]


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """A workbook with these sheets; one whose name begins with `hidden` is hidden."""
    with xlsxwriter.Workbook(path, {"default_date_format": "d mmm yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name.startswith("hidden"):
                sheet.hide()
            else:
                sheet.activate()
    return path


HEADER: list[object] = ["Department", "Merchant", "Date", "Amount"]


def purchase(merchant: str, amount: object = 10) -> list[object]:
    """A row of a sheet."""
    return ["Parks", merchant, "16/01/2024", amount]


def test_sheets_are_ingested_one_by_one_and_hidden_ones_not(
    mongo_database: Mongo, tmp_path: Path
) -> None:
    sheets: dict[str, list[list[object]]] = {
        name: [HEADER, purchase(name, number)]
        for number, name in enumerate(("hidden old", "Apr", "May", "June"), 1)
    }
    path = workbook(tmp_path / "months.xlsx", **sheets)

    first = ingest_file(mongo_database, path, layout(), POLICY)
    may = ingest_file(mongo_database, path, layout(keys='sheet = "May"'), POLICY)
    every = ingest_file(mongo_database, path, layout(keys='sheet = "all"'), POLICY)
    old = ingest_file(mongo_database, path, layout(keys='sheet = ["hidden old", "Apr"]'), POLICY)

    assert [first.unread_sheets, may.unread_sheets] == [("May", "June"), ("Apr", "June")]
    assert "Not read: May, June." in first.sentence
    assert (every.rows_read, every.unread_sheets, every.is_skipped) == (3, (), False)
    assert (every.loaded, every.unchanged, f"{every.unchanged_amount}") == (1, 2, "5.00")
    assert (old.rows_read, old.is_skipped) == (2, False)
    assert transactions(mongo_database, "merchant", "source_file") == [
        "Apr | months.xlsx (Apr)",
        "June | months.xlsx (June)",
        "May | months.xlsx (May)",
        "hidden old | months.xlsx (hidden old)",
    ]
    assert ingest_file(mongo_database, path, layout(), POLICY).is_skipped


def test_sheets_that_hold_no_purchases_are_named_among_all(
    mongo_database: Mongo, tmp_path: Path
) -> None:
    """Catches: a cover sheet that keeps every month behind it from being read."""
    sheets: dict[str, list[list[object]]] = {
        "Cover": [["Purchase cards"], ["Printed in June"]],
        "Empty": [],
        "May": [HEADER, purchase("A")],
        "Notes": [["note"], ["nothing"]],
        "June": [HEADER, purchase("B")],
    }
    path = workbook(tmp_path / "months.xlsx", **sheets)

    report = ingest_file(mongo_database, path, layout(keys='sheet = "all"'), POLICY)

    assert (report.loaded, report.unread_sheets) == (2, ("Cover", "Empty", "Notes"))
    with pytest.raises(SourceError, match=r"months.xlsx \(Notes\) has no column of the layout"):
        ingest_file(mongo_database, path, layout(keys='sheet = ["Notes"]'), POLICY)
    nothing = workbook(tmp_path / "nothing.xlsx", Cover=[["x"]], Notes=[["y"]])
    with pytest.raises(SourceError, match=r"No sheet of nothing\.xlsx has a column of the layout"):
        ingest_file(mongo_database, nothing, layout(keys='sheet = "all"'), POLICY)


def test_a_sheet_of_purchases_that_cannot_be_read_is_no_cover(
    mongo_database: Mongo, tmp_path: Path
) -> None:
    sheets: dict[str, list[list[object]]] = {
        "May": [HEADER, purchase("A")],
        "June": [["Department", "Merchant", "Date", "Sum"], purchase("B")],
    }
    path = workbook(tmp_path / "months.xlsx", **sheets)

    with pytest.raises(SourceError, match=r"months.xlsx \(June\) has no column 'Amount'"):
        ingest_file(mongo_database, path, layout(keys='sheet = "all"'), POLICY)


def test_cells_without_a_value_are_refused_and_never_fall_back(
    mongo_database: Mongo, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "errors.xlsx", Sheet=[[*HEADER, "Gross"], *([purchase("A", 1)] * 5)])
    with openpyxl_book(path) as sheet:
        for place, value in {
            "A2": "#N/A",
            "B3": "#REF!",
            "C4": "#VALUE!",
            "D5": "#DIV/0!",
            "D6": "=A1+B1",
            "E5": 12,
            "E6": 12,
        }.items():
            sheet[place] = value

    report = ingest_file(mongo_database, path, layout('"Amount"', '["Amount", "Gross"]'), POLICY)

    assert report.refused_by_rule == {"CELL_ERROR": 4, "FORMULA_EMPTY": 1}
    assert rejected(mongo_database, "source_line") == ["2", "3", "4", "5", "6"]


def test_merged_cells_say_the_same_in_each_row_but_for_numbers(
    mongo_database: Mongo, tmp_path: Path
) -> None:
    rows: list[list[object]] = [purchase("A"), ["", "B", "", 11], ["", "C", "", ""]]
    path = workbook(tmp_path / "merged.xlsx", Sheet=[HEADER, *rows])
    with openpyxl_book(path) as sheet:
        for merged in ("A2:A4", "C2:C4", "D3:D4"):
            sheet.merge_cells(merged)

    report = ingest_file(mongo_database, path, layout(), POLICY)

    assert transactions(mongo_database, "department", "transaction_date", "amount") == [
        "Parks | 2024-01-16 | 10.00",
        "Parks | 2024-01-16 | 11.00",
    ]
    assert report.refused_by_rule == {"AMOUNT_EMPTY": 1}


@contextmanager
def openpyxl_book(path: Path) -> Iterator[Any]:
    """The one sheet of a workbook, to be changed."""
    book = openpyxl.load_workbook(path)
    yield book.active
    book.save(path)


def test_a_workbook_of_hidden_sheets_is_one_sentence(mongo_database: Mongo, tmp_path: Path) -> None:
    path = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("first", "second"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Department"])
            sheet.hide()
        book.worksheets()[1].activate()
    ingested = ingest_file
    with pytest.raises(SourceError, match="has no column"):
        ingested(mongo_database, path, layout(), POLICY)


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!"])
@pytest.mark.parametrize(
    "column",
    ["Department", "Merchant", "Date", "Amount", "Year", "Card", "Id", "Debit or credit", "Coin"],
)
def test_errors_in_files_saved_from_a_spreadsheet(
    mongo_database: Mongo, tmp_path: Path, text: str, column: str
) -> None:
    """Catches: rows that share the id or the card "#N/A", and a sign that is none."""
    row = {
        "Department": "Parks",
        "Merchant": "A",
        "Date": "16/01/2024",
        "Amount": "1",
        "Year": "2024",
        "Card": "4711",
        "Id": "1",
        "Debit or credit": "D",
        "Coin": "GBP",
        column: text,
    }
    form = layout(
        columns='fiscal_year = "Year"\ncard = "Card"',
        keys='id_column = "Id"\ncurrency_column = "Coin"\nsign_column = "Debit or credit"\n'
        'credit_values = ["C"]',
    )
    path = tmp_path / "saved.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")

    policy = replace(POLICY, card_key=b"a key")

    report = ingest_file(mongo_database, path, form, policy)

    assert report.refused_by_rule == {"CELL_ERROR": 1}
    assert replay_rejected(mongo_database, form, policy).loaded == 0
    assert transactions(mongo_database, "_id") == []
