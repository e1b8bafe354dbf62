"""Tables as files: every digit, no formulas, whole or not at all."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from txplatform.connectors import exports
from txplatform.errors import PlatformError, UsageError
from txplatform_tests.connectors.ordinary_user import ordinary_user

SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("division", pa.string()),
        ("total_amount", pa.decimal128(18, 2)),
        ("share", pa.decimal128(28, 6)),
        ("transaction_count", pa.int32()),
    ]
)
LARGEST = Decimal("9999999999999999.99")
FORMULAS = ['=HYPERLINK("x")', "+1+1", "-1+1", "@SUM(A1)", "＝1", "＋1", "\t=1", "\r=1", "\n=1"]
KINDS = ("csv", "xlsx", "parquet")


def _table(*rows: tuple[str, str | None, str | None, int | None]) -> pa.Table:
    """Rows of division, amount, share and count."""
    found = [
        {
            "week_start": date(2026, 11, 16),
            "division": division,
            "total_amount": None if amount is None else Decimal(amount),
            "share": None if share is None else Decimal(share),
            "transaction_count": count,
        }
        for division, amount, share, count in rows
    ]
    return pa.Table.from_pylist(found, SCHEMA)


def _written(rows: pa.Table, folder: Path, kind: str) -> Path:
    target = folder / f"weekly.{kind}"
    exports.write(rows, target, kind)
    return target


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _sheet(path: Path) -> list[tuple[Any, ...]]:
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["export"]
    return list(workbook.active.iter_rows())


def test_csv_says_every_digit(tmp_path: Path) -> None:
    rows = _table(("Bridges", str(LARGEST), "0.000001", 3), ("Signs", "-0.10", None, 1))

    assert _written(rows, tmp_path, "csv").read_text(encoding="utf-8") == (
        '"week_start","division","total_amount","share","transaction_count"\n'
        '2026-11-16,"Bridges",9999999999999999.99,0.000001,3\n'
        '2026-11-16,"Signs",-0.10,,1\n'
    )


def test_csv_keeps_commas_quotes_and_line_breaks_inside_their_cell(tmp_path: Path) -> None:
    names = ["Nuts, Bolts", 'The "Depot"', "two\nlines", "Café 東京"]
    rows = _table(*((name, "1.00", None, 1) for name in names))

    assert [row["division"] for row in _csv_rows(_written(rows, tmp_path, "csv"))] == names


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_that_looks_like_a_formula_is_text_in_csv(tmp_path: Path, name: str) -> None:
    [row] = _csv_rows(_written(_table((name, "-5.00", None, 1)), tmp_path, "csv"))

    assert row["division"] == f"'{name}"
    assert row["total_amount"] == "-5.00", "a negative amount is no formula"


@pytest.mark.parametrize("name", ["a=b", "B+C", "1-2", " =1", "'=1", ""])
def test_other_names_are_left_alone_in_csv(tmp_path: Path, name: str) -> None:
    [row] = _csv_rows(_written(_table((name, "1.00", None, 1)), tmp_path, "csv"))

    assert row["division"] == name


@pytest.mark.parametrize("name", [*FORMULAS[:6], "https://example.org/a", "0012"])
def test_names_are_text_in_excel_whatever_they_look_like(tmp_path: Path, name: str) -> None:
    _, row = _sheet(_written(_table((name, "1.00", None, 1)), tmp_path, "xlsx"))

    assert (row[1].value, row[1].data_type, row[1].hyperlink) == (name, "s", None)


@pytest.mark.parametrize(
    "amount", ["0.00", "0.10", "-15.75", "1620.00", "9999999999999.99", "-9999999999999.99"]
)
def test_an_amount_of_fifteen_digits_is_a_number_in_excel(tmp_path: Path, amount: str) -> None:
    _, row = _sheet(_written(_table(("Bridges", amount, None, 1)), tmp_path, "xlsx"))

    assert row[2].data_type == "n"
    assert Decimal(repr(row[2].value)) == Decimal(amount)


@pytest.mark.parametrize("amount", ["10000000000000.01", str(LARGEST), str(-LARGEST)])
def test_an_amount_that_excel_would_round_is_text_there(tmp_path: Path, amount: str) -> None:
    _, row = _sheet(_written(_table(("Bridges", amount, None, 1)), tmp_path, "xlsx"))

    assert (row[2].value, row[2].data_type) == (amount, "s")


def test_a_large_round_amount_is_still_a_number_in_excel(tmp_path: Path) -> None:
    _, row = _sheet(_written(_table(("Bridges", "1000000000000000.00", None, 1)), tmp_path, "xlsx"))

    assert row[2].value == 10**15


def test_excel_has_a_header_dates_as_text_and_blanks_for_null(tmp_path: Path) -> None:
    header, row = _sheet(_written(_table(("Bridges", "1.00", None, None)), tmp_path, "xlsx"))

    assert [cell.value for cell in header] == SCHEMA.names
    assert [cell.value for cell in row] == ["2026-11-16", "Bridges", 1, None, None]


def test_parquet_is_the_table_itself(tmp_path: Path) -> None:
    rows = _table((FORMULAS[0], str(LARGEST), "0.333333", 3), ("Signs", None, None, None))

    assert pq.read_table(_written(rows, tmp_path, "parquet")).equals(rows)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_bytes_are_what_the_file_would_hold(tmp_path: Path, kind: str) -> None:
    rows = _table((FORMULAS[0], str(LARGEST), "0.333333", 3))

    assert exports.as_bytes(rows, kind) == _written(rows, tmp_path, kind).read_bytes()


def test_bytes_of_a_workbook_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "weekly.xlsx"
    path.write_bytes(exports.as_bytes(_table(("Bridges", "1.10", None, 1)), "xlsx"))

    assert _sheet(path)[1][2].value == 1.1


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_are_a_header(tmp_path: Path, kind: str) -> None:
    path = _written(SCHEMA.empty_table(), tmp_path, kind)

    if kind == "csv":
        assert path.read_text().strip().replace('"', "").split(",") == SCHEMA.names
    elif kind == "xlsx":
        assert [[cell.value for cell in row] for row in _sheet(path)] == [SCHEMA.names]
    else:
        assert pq.read_table(path).schema == SCHEMA


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_there_is_replaced_and_nothing_else_is_left(
    tmp_path: Path, kind: str
) -> None:
    before = _written(_table(("Bridges", "1.00", None, 1)), tmp_path, kind).read_bytes()

    after = _written(_table(("Bridges", "2.00", None, 1)), tmp_path, kind).read_bytes()

    assert after != before
    assert [path.name for path in tmp_path.iterdir()] == [f"weekly.{kind}"]


def test_a_write_that_fails_leaves_the_file_of_before(tmp_path: Path) -> None:
    target = _written(_table(("Bridges", "1.00", None, 1)), tmp_path, "xlsx")
    before = target.read_bytes()
    too_many = pa.table({"n": pa.nulls(exports.EXCEL_ROWS, pa.int8())})

    with pytest.raises(UsageError, match="1048576 rows do not fit into an Excel sheet: export CSV"):
        exports.write(too_many, target, "xlsx")

    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The folder .*/nowhere does not exist"):
        exports.write(SCHEMA.empty_table(), tmp_path / "nowhere" / "weekly.csv", "csv")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_in_which_one_may_not_write(tmp_path: Path, kind: str) -> None:
    """Catches: libraries that raise an error of their own, or name the unfinished file."""
    tmp_path.chmod(0o500)

    with (
        ordinary_user(),
        pytest.raises(PlatformError, match=rf"weekly\.{kind} cannot be written \(Permission"),
    ):
        _written(_table(("Roads", "5.28", None, 1)), tmp_path, kind)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_in_the_files_place(tmp_path: Path, kind: str) -> None:
    (tmp_path / f"weekly.{kind}").mkdir()

    with pytest.raises(PlatformError, match=rf"weekly\.{kind} cannot be written \(Is a dir"):
        _written(_table(("Roads", "5.28", None, 1)), tmp_path, kind)

    assert [path.name for path in tmp_path.iterdir()] == [f"weekly.{kind}"]
