"""`export weekly-transactions`: the contract's columns and rows, in every format."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from txplatform.domains.spend import publishing, tables
from txplatform.domains.spend.planning import open_week
from txplatform.errors import UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

LARGEST = "9876543210987654.32"
WEEKS = f"""
    week_start | department | division  | total_amount | division_share_of_week
    2026-11-09 | Roads      | Bridges   | 80.00        | 1.000000
    2026-11-16 | Roads      | =1+1      | -0.10        |
    2026-11-16 | Parks      | Trees     | {LARGEST}    | 0.333333
    2026-11-16 | Roads      | Bridges   | 1620.00      | 0.000001
    2026-11-23 | Élan       | Bridges   | 5.28         | 1.000000
    """
COLUMNS = [column.name for column in tables.weekly_transactions.columns]


@pytest.fixture
def published(installation: Platform) -> Platform:
    """An installation whose table holds `WEEKS`."""
    publishing.publish(installation.engine, computed_weeks(WEEKS), "run-1")
    return installation


def _keys(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as text:
        return [
            f"{row['week_start']} {row['department']} {row['division']}"
            for row in csv.DictReader(text)
        ]


@pytest.mark.usefixtures("published")
def test_csv_has_the_contracts_columns_and_rows_sorted_by_key(
    command: Command, tmp_path: Path
) -> None:
    target = tmp_path / "weekly.csv"

    done = command("spend", "export", "weekly-transactions", "-o", target)

    assert (done.error, done.out) == (None, f"5 rows written to {target}.\n")
    header = target.read_text(encoding="utf-8").splitlines()[0]
    assert header.replace('"', "").split(",") == [*COLUMNS, "is_open"]
    assert _keys(target) == [
        "2026-11-09 Roads Bridges",
        "2026-11-16 Parks Trees",
        "2026-11-16 Roads '=1+1",
        "2026-11-16 Roads Bridges",
        "2026-11-23 Élan Bridges",
    ]


@pytest.mark.usefixtures("published")
def test_csv_has_every_digit(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "weekly.csv"

    command("spend", "export", "weekly-transactions", "-o", target, "--from", "2026-11-16")

    with target.open(encoding="utf-8", newline="") as text:
        first, second, *_ = csv.DictReader(text)
    assert (first["total_amount"], first["division_share_of_week"]) == (LARGEST, "0.333333")
    assert (second["total_amount"], second["division_share_of_week"]) == ("-0.10", "")
    assert (first["transaction_count"], first["run_id"]) == ("1", "run-1")


def test_every_format_says_of_the_open_week_that_it_is_not_over(
    installation: Platform, command: Command, tmp_path: Path
) -> None:
    """Catches: half a week that a reader takes for a whole one."""
    header, week = "week_start | department | division | total_amount", open_week(installation)
    rows = f"{header}\n2026-11-09 | Roads | Signs | 1.00\n{week} | Roads | Signs | 2.00"
    publishing.publish(installation.engine, computed_weeks(rows), "run-1")

    for kind in ("csv", "xlsx", "parquet"):
        command("spend", "export", "weekly-transactions", "-o", tmp_path / f"weekly.{kind}")

    text = (tmp_path / "weekly.csv").read_text(encoding="utf-8").splitlines()
    assert [line.rsplit(",", 1)[1] for line in text] == ['"is_open"', "false", "true"]
    sheet = openpyxl.load_workbook(tmp_path / "weekly.xlsx").active
    assert sheet is not None
    assert [row[-1].value for row in sheet.iter_rows()] == ["is_open", False, True]
    assert pq.read_table(tmp_path / "weekly.parquet")["is_open"].to_pylist() == [False, True]


@pytest.mark.parametrize(
    ("options", "weeks"),
    [
        ([], {"2026-11-09", "2026-11-16", "2026-11-23"}),
        (["--from", "2026-11-16"], {"2026-11-16", "2026-11-23"}),
        (["--to", "2026-11-16"], {"2026-11-09", "2026-11-16"}),
        (["--from", "2026-11-16", "--to", "2026-11-16"], {"2026-11-16"}),
        (["--from", "2027-01-04"], set()),
    ],
)
@pytest.mark.usefixtures("published")
def test_weeks_are_chosen_with_their_ends(
    command: Command, tmp_path: Path, options: list[str], weeks: set[str]
) -> None:
    target = tmp_path / "weekly.csv"

    command("spend", "export", "weekly-transactions", "-o", target, *options)

    assert {key.split()[0] for key in _keys(target)} == weeks


@pytest.mark.usefixtures("published")
def test_excel_has_the_same_rows(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "weekly.xlsx"

    assert command("spend", "export", "weekly-transactions", "-o", target).error is None

    sheet = openpyxl.load_workbook(target).active
    assert sheet is not None
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert header == [*COLUMNS, "is_open"]
    assert [row[:4] for row in rows] == [
        ["2026-11-09", "Roads", "Bridges", 80],
        ["2026-11-16", "Parks", "Trees", LARGEST],
        ["2026-11-16", "Roads", "=1+1", -0.1],
        ["2026-11-16", "Roads", "Bridges", 1620],
        ["2026-11-23", "Élan", "Bridges", 5.28],
    ]
    assert sheet["C4"].data_type == "s", "a name, not a formula"


@pytest.mark.usefixtures("published")
def test_parquet_has_types_and_every_digit(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "weekly.parquet"

    assert command("spend", "export", "weekly-transactions", "-o", target).error is None

    rows = pq.read_table(target)
    assert rows.column_names == [*COLUMNS, "is_open"]
    assert str(rows.schema.field("total_amount").type) == "decimal128(18, 2)"
    assert rows["week_start"].to_pylist()[0] == date(2026, 11, 9)
    assert rows["total_amount"].to_pylist()[1:3] == [Decimal(LARGEST), Decimal("-0.10")]
    assert rows["division"].to_pylist()[2] == "=1+1"


@pytest.mark.usefixtures("published")
def test_the_format_may_differ_from_the_ending(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "weekly.txt"

    done = command("spend", "export", "weekly-transactions", "-o", target, "--format", "csv")

    assert done.error is None
    assert len(_keys(target)) == 5


def test_an_ending_that_says_no_format_is_refused_before_anything_is_opened(
    command: Command, tmp_path: Path
) -> None:
    done = command("spend", "export", "weekly-transactions", "-o", tmp_path / "weekly.txt")

    assert isinstance(done.error, UsageError)
    assert str(done.error) == (
        f"The ending of {tmp_path}/weekly.txt is none of .csv, .xlsx, .parquet: say --format."
    )


@pytest.mark.usefixtures("published")
def test_a_folder_that_is_missing_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    done = command(
        "spend", "export", "weekly-transactions", "-o", tmp_path / "nowhere" / "weekly.csv"
    )

    assert isinstance(done.error, UsageError)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--from", "16.11.2026"], "--from '16.11.2026' is no day, such as 2026-11-28."),
        (["--to", "2026-13-01"], "--to '2026-13-01' is no day, such as 2026-11-28."),
        (
            ["--from", "2026-11-16", "--to", "2026-11-09"],
            "--from 2026-11-16 lies after --to 2026-11-09: no day is in between.",
        ),
    ],
)
def test_weeks_that_are_none_are_a_sentence(
    command: Command, tmp_path: Path, options: list[str], sentence: str
) -> None:
    done = command("spend", "export", "weekly-transactions", "-o", tmp_path / "w.csv", *options)

    assert isinstance(done.error, UsageError)
    assert str(done.error) == sentence
