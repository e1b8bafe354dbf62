"""Files as people have them: what arrives is taken, or refused with its line; nothing vanishes."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pymongo.database import Database

from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import Layout, parse_layout
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform_tests.domains.spend.sources.conftest import POLICY
from txplatform_tests.domains.spend.sources.stored import rejected, transactions

Mongo = Database[dict[str, Any]]
PLAIN = """
name = "plain"
currency = "GBP"
date_format = "dd/MM/yyyy"
[columns]
department = "Department"
merchant = "Merchant"
transaction_date = "Date"
amount = "Amount"
"""


def layout(change: str = "", by: str = "", columns: str = "", keys: str = "") -> Layout:
    """The plain layout with something replaced, and further keys and columns."""
    keyed = PLAIN.replace("[columns]", f"{keys}\n[columns]\n{columns}")
    return parse_layout(keyed.replace(change, by) if change else keyed, "plain.toml")


def taken(database: Mongo, path: Path, text: str, form: Layout) -> IngestionReport:
    """The report of a file with this text."""
    path.write_text(text, encoding="utf-8")
    return ingest_file(database, path, form, POLICY)


@pytest.fixture
def faults(shared_data: Path) -> Path:
    """Small files on which people lost purchases."""
    folder = shared_data / "spend" / "faults"
    if not folder.is_dir():
        pytest.skip("the small files (../shared/data/spend/faults) are not on this machine")
    return folder


def test_serial_numbers_of_a_workbook(faults: Path, mongo_database: Mongo) -> None:
    """The other small files are in test_fault_inputs.py, each with its layout."""
    compact = (faults / "compact.toml").read_text(encoding="utf-8")
    form = parse_layout(compact.replace("yyyyMMdd", "excel"), "excel.toml")

    report = ingest_file(mongo_database, faults / "b21_serial.xlsx", form, POLICY)

    assert (report.rows_read, report.loaded, report.refused) == (2, 2, 0)
    assert report.loaded_amount == Decimal("21.00")


def test_a_sign_in_a_column_of_its_own(mongo_database: Mongo, tmp_path: Path) -> None:
    form = layout(keys='sign_column = "D/C"\ncredit_values = ["C", "Credit"]')
    text = """Department,Merchant,Date,Amount,D/C
Parks,A,10/01/2024,10.50,C
Parks,B,11/01/2024,11.50,D
Parks,C,12/01/2024,12.50,credit
Parks,D,13/01/2024,13.50,
Parks,E,13/01/2024,x,
"""
    report = taken(mongo_database, tmp_path / "bank.csv", text, form)

    assert transactions(mongo_database, "merchant", "amount") == [
        "A | -10.50",
        "B | 11.50",
        "C | -12.50",
    ]
    assert report.refused_by_rule == {"SIGN_EMPTY": 1, "AMOUNT_TEXT": 1}


def test_a_constant_stands_for_a_column(mongo_database: Mongo, tmp_path: Path) -> None:
    form = parse_layout(
        """
name = "posted"
currency = "GBP"
date_format = "dd/MM/yy"
[columns]
merchant = "MERCHANT"
transaction_date = "POSTED"
amount = "AMOUNT"
[constants]
department = " City\u00a0Hall "
fiscal_year = "2017"
""",
        "posted.toml",
    )
    text = 'POSTED,AMOUNT,MERCHANT\n06/04/17,36.55,STORE A\n31/12/17,"1,200.00",STORE B\n'

    taken(mongo_database, tmp_path / "years.csv", text, form)

    assert (
        transactions(mongo_database, "department", "division", "fiscal_year")
        == ["City Hall | (unknown) | 2017"] * 2
    )
    assert transactions(mongo_database, "transaction_date") == ["2017-04-06", "2017-12-31"]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_typed_numbers_are_read_as_text_is(
    mongo_database: Mongo, tmp_path: Path, kind: str
) -> None:
    rows = [
        {"Department": "Parks", "Merchant": name, "Date": day, "Amount": amount}
        for name, day, amount in (("A", 20240115, 57.699999999999996), ("B", 20240116, 54.9))
    ]
    path = tmp_path / f"numbers.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("\n".join(map(str, rows)).replace("'", '"'), encoding="utf-8")

    ingest_file(mongo_database, path, layout("dd/MM/yyyy", "yyyyMMdd"), POLICY)

    assert transactions(mongo_database, "transaction_date", "amount") == [
        "2024-01-15 | 57.70",
        "2024-01-16 | 54.90",
    ]


def test_a_field_that_comes_late_is_used(mongo_database: Mongo, tmp_path: Path) -> None:
    """Catches: a header made of the first 10,000 records alone."""
    line = '{{"Department": "Parks", "Date": "15/01/2024", "Amount": 1{}}}\n'
    text = line.format("") * 10_000 + line.format(', "shop": {"Na\u00efve": "Late"}')
    form = layout('"Merchant"', '"shop.naïve"', keys='optional = ["merchant"]')

    report = taken(mongo_database, tmp_path / "late.jsonl", text, form)

    assert report.loaded == 10_001
    assert transactions(mongo_database, "merchant")[-1] == "Late"


BLANKS = "\n\nSpend January\n\nDepartment,Merchant,Date,Amount,,\nParks,A,16/01/2024,10.00\n"


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        (BLANKS, 1),
        (BLANKS, 2),
        (BLANKS.replace("January\n", "January\nAll cards\n"), 2),
        (BLANKS.replace("January\n", "January\n\nAll cards\n"), 2),
        (BLANKS.replace("January\n", "January\n\nAll cards\n"), 4),
        (BLANKS.lstrip("\n"), 1),
        (BLANKS.replace("Spend January", "Spend,January,,"), 1),
    ],
)
def test_blank_lines_above_the_header_may_be_counted_or_not(
    mongo_database: Mongo, tmp_path: Path, text: str, skipped: int
) -> None:
    report = taken(mongo_database, tmp_path / "t.csv", text, layout(keys=f"skip_lines = {skipped}"))

    assert (report.rows_read, report.loaded) == (1, 1)
    assert transactions(mongo_database, "source_line") == [f"{text.count(chr(10))}"]


def test_rows_that_end_before_blank_headings(mongo_database: Mongo, tmp_path: Path) -> None:
    text = """Department,Merchant,Date,Amount,,,
Parks,A,16/01/2024,10.00
Parks,B,16/01/2024,10.00,,,
Parks,C,16/01/2024,10.00,a note
Parks,D,16/01/2024
"""
    report = taken(mongo_database, tmp_path / "t.csv", text, layout())

    assert (report.loaded, report.refused_by_rule) == (3, {"WRONG_CELL_COUNT": 1})
    assert rejected(mongo_database, "source_line") == ["5"]


def test_an_instant_is_a_day_of_the_layouts_zone(mongo_database: Mongo, tmp_path: Path) -> None:
    form = layout("dd/MM/yyyy", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", keys='time_zone = "Europe/Paris"')
    text = "Department,Merchant,Date,Amount\nParks,A,2024-01-14T23:30:00.000Z,1.00\n"

    taken(mongo_database, tmp_path / "t.csv", text, form)

    assert transactions(mongo_database, "transaction_date") == [f"{date(2024, 1, 15)}"]
