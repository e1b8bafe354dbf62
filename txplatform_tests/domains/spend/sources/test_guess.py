"""Drafted layouts: they load, they read the first rows, and doubts are marked."""

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from txplatform.domains.spend.sources.guess import guess_layout
from txplatform.domains.spend.sources.layouts import Layout, load_layout
from txplatform.domains.spend.sources.records import Purchase
from txplatform.errors import SourceError

COUNCIL = """\
Purchase cards over £250;;;;;
;;;;;
Date;Service Area;Cost Centre;Supplier;Debit;Credit
03/06/2024;Housing;Repairs;Café Noir;1.234,50;
14/06/2024;Housing;Repairs;Shell;;12,00
15/06/2024;Parks;East;Shell;7,10;0,00
"""


def guessed(path: Path) -> tuple[Layout, list[object]]:
    """The draft of a file as a layout, and the rows that it reads."""
    draft, rows = guess_layout(path)
    own = path.with_suffix(".toml")
    own.write_text(draft, encoding="utf-8")
    return load_layout(own), list(rows)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_council_file(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "Cards (June).csv"
    path.write_bytes(COUNCIL.encode(encoding))

    layout, rows = guessed(path)

    assert (layout.name, layout.encoding, layout.delimiter) == ("cards-june", encoding, ";")
    assert (layout.skip_lines, layout.date_format) == (2, "dd/MM/yyyy")
    assert (layout.decimal_sign, layout.thousands_sign) == (",", ".")
    assert (layout.columns.amount, layout.negate) == (["Debit", "Credit"], ["Credit"])
    assert [row[:6] for row in rows if isinstance(row, Purchase)] == [
        ("Housing", "Repairs", "Café Noir", "(unknown)", date(2024, 6, 3), 123_450),
        ("Housing", "Repairs", "Shell", "(unknown)", date(2024, 6, 14), -1_200),
        ("Parks", "East", "Shell", "(unknown)", date(2024, 6, 15), 710),
    ]


def test_the_reference_file_is_recognised(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "delaware.csv.gz"
    path.write_bytes((shared_data / "spend" / "delaware_education_2014_2019.csv.gz").read_bytes())

    layout, rows = guessed(path)

    assert layout.columns == load_layout("delaware").columns
    assert layout.date_format == "MM/dd/yyyy"
    assert len(rows) == 10
    assert all(isinstance(row, Purchase) for row in rows)


def test_toronto_has_ids_and_a_currency_and_one_level_of_departments(
    shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "toronto.csv.gz"
    path.write_bytes((shared_data / "spend" / "toronto_pcard_2011_2015.csv.gz").read_bytes())

    draft, _ = guess_layout(path)
    layout, _ = guessed(path)

    assert layout.id_column == "Batch-Transaction ID"
    assert (layout.currency, layout.currency_column) == ("CAD", "Trx Currency")
    assert layout.columns.department == ["Division"]
    assert 'department = ["Division"]  # a guess: please check' in draft


def test_a_day_that_could_be_a_month_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,department,amount\n03/04/2024,Roads,1.00\n")

    draft, _ = guess_layout(path)

    assert 'date_format = "MM/dd/yyyy"  # or dd/MM/yyyy: please check' in draft


def test_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    days = [date(2024, 6, 3), date(2024, 6, 4)]
    pq.write_table(pa.table({"when": days, "team": ["Roads"] * 2, "net value": [5.28, 7.0]}), path)

    layout, rows = guessed(path)

    assert layout.columns.transaction_date == ["when"]
    assert layout.columns.amount == ["net value"]
    assert layout.columns.department == ["team"]
    assert all(isinstance(row, Purchase) for row in rows)


def test_a_column_of_few_names_may_be_the_department(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,who,note,amount\n2024-01-02,A,x,1\n2024-01-02,A,y,1\n")

    draft, _ = guess_layout(path)

    assert 'department = ["who"]  # a guess: please check' in draft


def test_signs_that_are_not_seen_are_written_out_and_read_back(tmp_path: Path) -> None:
    """Catches: a draft that commands the terminal it is shown on, or that is no TOML (U+007F)."""
    path = tmp_path / "x.csv"
    path.write_text("date,amo\u202eunt \x7f\x9b\U000e0041,department\n2024-01-02,1,Roads\n")

    draft, rows = guess_layout(path)

    assert all(sign.isprintable() or sign == "\n" for sign in draft)
    assert r"\U0000202E" in draft
    assert [isinstance(row, Purchase) for row in rows] == [True]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\nx,y\n", "No column of x.csv holds dates that are known: write a layout by hand"),
        ("date,b\n2024-01-02,y\n", "No column of x.csv is named like an amount"),
    ],
)
def test_what_cannot_be_guessed_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)

    with pytest.raises(SourceError) as error:
        guess_layout(path)

    assert str(error.value).startswith(sentence)


def test_a_binary_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(bytes(range(256)) * 10)

    with pytest.raises(SourceError, match=r"x\.csv is not"):
        guess_layout(path)


def test_the_sheet_of_purchases_is_found_behind_a_cover_and_below_a_title(tmp_path: Path) -> None:
    """Catches: a draft that gives up on a workbook because of its first sheet or its first row."""
    path = tmp_path / "cards.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Published by the council"])
    book.create_sheet("Empty")
    sheet = book.create_sheet("June 2024")
    for row in (
        ["Purchases over £250"],
        [],
        ["Date", "Department", "Amount"],
        [datetime(2024, 6, 13), "Roads", 5.28],
        [datetime(2024, 6, 14), "Parks", 7],
    ):
        sheet.append(row)
    book.save(path)

    layout, rows = guessed(path)

    assert (layout.sheet, layout.skip_lines, layout.currency) == ("June 2024", 1, "GBP")
    assert [row.cents for row in rows if isinstance(row, Purchase)] == [528, 700]


def test_what_lies_beside_a_workbook_is_not_executed(tmp_path: Path) -> None:
    """Catches: the reader's process, and the command itself, that import from where they stand."""
    for name in ("python_calamine", "openpyxl", "pyarrow", "txplatform", "typer"):
        (tmp_path / f"{name}.py").write_text("open('executed', 'w').close()", encoding="utf-8")
    book = openpyxl.Workbook()
    for row in (("Date", "Department", "Amount"), ("2024-06-13", "Roads", 5.28)):
        book.worksheets[0].append(row)
    book.save(tmp_path / "june.xlsx")

    command = Path(sys.executable).with_name("txplatform")
    done = subprocess.run(
        [command, "spend", "layouts", "guess", "june.xlsx"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 'date_format = "yyyy-MM-dd"' in done.stdout, done.stderr
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("written", "date_format", "other"),
    [
        ("2024-01-15T00:00:00.000Z", "yyyy-MM-ddTHH:mm:ssXXX", None),
        ("2024-01-15 23:59:59 +02:00", "yyyy-MM-dd HH:mm:ss XXX", None),
        ("01/15/2024 12:00:00 AM", "MM/dd/yyyy hh:mm:ss a", None),
        ("15/01/24", "dd/MM/yy", None),
        ("05/06/24", "dd/MM/yy", "MM/dd/yy"),
        ("15-Sept.-2024", "dd-MMM-yyyy", None),
        ("Mon 15 Jan 2024", "EEE dd MMM yyyy", None),
        ("20240115", "yyyyMMdd", None),
        ("45306", "excel", None),
    ],
)
def test_every_kind_of_date_is_proposed(
    written: str, date_format: str, other: str | None, tmp_path: Path
) -> None:
    """Catches: a draft that gives up on dates which a layout can declare."""
    path = tmp_path / "june.csv"
    path.write_text(f"Date,Department,Amount\n{written},Roads,5.28\n", encoding="utf-8")

    layout, rows = guessed(path)

    assert layout.date_format == date_format
    assert isinstance(rows[0], Purchase)
    text = path.with_suffix(".toml").read_text(encoding="utf-8")
    assert (f"# or {other}: please check" in text) == bool(other)


def test_amounts_are_no_dates_as_excel_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_text("Department,Amount\nRoads,45306\n", encoding="utf-8")

    with pytest.raises(SourceError, match="No column of june\\.csv holds dates"):
        guess_layout(path)


@pytest.mark.parametrize(
    ("name", "credit", "debit"),
    [("Debit or Credit", "C", "D"), ("Soll/Haben", "H", "S"), ("Type", "Credit", "Debit")],
)
def test_a_sign_column_is_proposed_and_marked(
    name: str, credit: str, debit: str, tmp_path: Path
) -> None:
    path = tmp_path / "june.csv"
    rows = f"2024-06-13,Roads,5.28,{debit}\n2024-06-14,Roads,5.00,{credit}\n"
    path.write_text(f"Date,Department,Amount,{name}\n{rows}", encoding="utf-8")

    layout, read = guessed(path)

    assert (layout.sign_column, layout.credit_values) == (name, [credit])
    assert [row.cents for row in read if isinstance(row, Purchase)] == [528, -500]
    drafted = path.with_suffix(".toml").read_text(encoding="utf-8")
    assert f'sign_column = "{name}"  # a guess: please check' in drafted


def test_a_file_without_a_department_gets_a_constant(tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text("POSTED,AMOUNT,MERCHANT\n06/04/17,36.55,STORE A\n", encoding="utf-8")

    layout, rows = guessed(path)

    assert layout.constants.department == "All departments"
    assert [row[:3] for row in rows if isinstance(row, Purchase)] == [
        ("All departments", "(unknown)", "STORE A")
    ]


PLAIN = "Date,Department,Amount\n15/01/2024,Roads,5.28\n"


@pytest.mark.parametrize(
    ("text", "usual", "currency"),
    [
        (PLAIN.replace("5.28", "£5.28"), None, "GBP"),
        (PLAIN.replace("5.28", "€5.28"), "USD", "EUR"),
        (PLAIN.replace("5.28", "5.28 CHF"), None, "CHF"),
        (PLAIN.replace("5.28", "CAD 5.28"), None, "CAD"),
        (PLAIN.replace("Amount", "Amount (SEK)"), "USD", "SEK"),
        (PLAIN.replace("Amount", "Amount £"), None, "GBP"),
        (f"Purchases over £250,,\n{PLAIN}", None, "GBP"),
        (PLAIN, "NOK", "NOK"),
    ],
)
def test_the_currency_is_that_which_the_file_says_else_the_platforms(
    text: str, usual: str | None, currency: str, tmp_path: Path
) -> None:
    """Catches: pounds of Egypt, which come first in the alphabet; dollars by default."""
    path = tmp_path / "june.csv"
    path.write_text(text, encoding="utf-8")

    draft, rows = guess_layout(path, usual)

    assert f'currency = "{currency}"  # a guess: please check' in draft
    assert [row.cents for row in rows if isinstance(row, Purchase)] == [528]


def test_a_currency_that_nothing_says_is_marked_as_such(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_text(PLAIN, encoding="utf-8")

    assert (
        'currency = "USD"  # nothing in the file says it: please check' in guess_layout(path).toml
    )
