"""Small inputs of people on which ingestion once went wrong, each with what is right."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform_tests.domains.spend.sources.conftest import POLICY
from txplatform_tests.domains.spend.sources.stored import transactions

Mongo = Database[dict[str, Any]]
Faults = Callable[[str], Path]


@pytest.fixture
def faults(shared_data: Path) -> Faults:
    """The path of an input or of its layout."""
    return lambda name: shared_data / "spend" / "faults" / name


@pytest.mark.parametrize(
    ("file", "layout", "loaded", "refused", "total"),
    [
        ("silent_min.csv", "plain", 1, {}, "5.00"),
        ("huge_cards.csv", "plain", 1, {"AMOUNT_RANGE": 3}, "12.50"),
        ("b11_quotes.csv", "plain", 5, {"UNREADABLE_LINE": 1}, "65.00"),
        ("b11_other_columns.csv", "plain", 4, {"UNREADABLE_LINE": 1}, "52.00"),
        ("b01_errors.xlsx", "plain", 1, {"CELL_ERROR": 4}, "10.00"),
        ("b01_fallback.xlsx", "netgross", 1, {"CELL_ERROR": 1}, "10.00"),
        ("b03_merged.xlsx", "plain", 4, {}, "83.00"),
        ("b04_hidden.xlsx", "plain", 1, {}, "10.00"),
        ("b12_z.csv", "d_z", 5, {}, "60.00"),
        ("b12_ampm.csv", "d_ampm", 5, {}, "60.00"),
        ("b13_zeros.csv", "plain", 8, {}, "81.30"),
        ("b13_zeros.jsonl", "plain", 4, {}, "119.30"),
        ("b13_zeros.parquet", "plain", 2, {}, "67.40"),
        ("b21_numbers.jsonl", "compact", 2, {}, "21.00"),
        ("b09_blank_title.csv", "skip1", 1, {"AMOUNT_TEXT": 1}, "10.00"),
        ("b34_blank_headings.csv", "plain", 2, {}, "21.00"),
        ("b18_us.csv", "us", 3, {}, "600.00"),
        ("open_week.csv", "plain", 3, {}, "1550.00"),
    ],
)
def test_every_row_is_accounted_for_as_it_is_meant(
    file: str,
    layout: str,
    loaded: int,
    refused: dict[str, int],
    total: str,
    faults: Faults,
    mongo_database: Mongo,
) -> None:
    policy = replace(POLICY, last_day=None)

    report = ingest_file(
        mongo_database, faults(file), load_layout(str(faults(f"{layout}.toml"))), policy
    )

    assert (report.loaded, report.refused_by_rule) == (loaded, refused)
    assert f"{report.loaded_amount}" == total
    assert report.rows_read == loaded + sum(refused.values())


def test_both_sheets_of_a_workbook_are_read_one_after_the_other(
    faults: Faults, mongo_database: Mongo
) -> None:
    april, may = (
        ingest_file(
            mongo_database, faults("b05_months.xlsx"), load_layout(str(faults(f"{name}.toml")))
        )
        for name in ("apr", "may")
    )

    assert (april.is_skipped, may.is_skipped) == (False, False)
    assert april.loaded > 0 < may.loaded
    assert april.unread_sheets
    assert may.unread_sheets
    assert len(transactions(mongo_database, "_id")) == april.loaded + may.loaded
