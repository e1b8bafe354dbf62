"""The table `quality`: asked of files as they came and of silver as it stands."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.rules import PRESENT
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.domains.commerce.tables.frames import validated
from txplatform.errors import ReconciliationError
from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written

PEOPLE = (
    "1,Ann,both@x.org,2024-01-01,France",
    "2,,both@x.org,soon,Spain",
    "3,Cem,nobody,2024-06-01,",
    ",Dan,d@x.org,2024-01-01,Spain",
)
PURCHASES = (
    "1,1,2024-01-02,10.00,Mouse",
    "1,1,2024-01-02,12.00,Mouse",
    "2,2,2024-01-03,bad,Phone",
    "3,3,2024-01-05,0.75,",
    "4,9,2024-01-05,5.00,Phone",
    "5,,2024-01-06,1.00,Phone",
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """A shop with one of every kind of bad row, computed once."""
    folder = tmp_path_factory.mktemp("quality")
    platform = Platform(load_settings(state_dir=folder / "state", lake_dir=folder / "lake"))
    files = [
        written(folder / "clients.csv", CLIENTS, *PEOPLE),
        written(folder / "achats.csv", ACHATS, *PURCHASES),
    ]
    refresh.ingest(platform, files, None)
    with refresh.engine_of(platform) as engine:
        refresh.compute(platform, engine, None, "the run")
    return platform


@pytest.fixture(scope="module")
def found(own: Platform) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The rows of the table by source, stage and rule."""
    rows = refresh.published_table(own, "quality").to_pylist()
    return {(row["source"], row["stage"], row["rule"]): row for row in rows}


@pytest.mark.parametrize(
    ("source", "stage", "rule", "checked", "passed", "amount"),
    [
        ("customers", "raw", "name_present", 4, 3, None),
        ("customers", "raw", "customer_id_present", 4, 3, None),
        ("customers", "raw", "is_known_once", 3, 3, None),
        ("customers", "raw", "MISSING_ID", 4, 3, None),
        ("lines", "raw", "product_present", 6, 5, None),
        ("lines", "raw", "is_known_once", 6, 5, None),
        ("lines", "raw", "BAD_AMOUNT", 6, 5, None),
        ("lines", "raw", "ORPHAN", 6, 5, "5.00"),
        ("customers", "silver", "name_present", 3, 2, None),
        ("customers", "silver", "registered_on_present", 3, 2, None),
        ("customers", "silver", "BAD_REGISTRATION", 3, 2, None),
        ("customers", "silver", "BAD_EMAIL", 3, 2, None),
        ("customers", "silver", "SHARED_EMAIL", 2, 0, None),
        ("customers", "silver", "stands_once", 3, 3, None),
        ("lines", "silver", "product_present", 3, 2, None),
        ("lines", "silver", "customer_id_present", 3, 2, None),
        ("lines", "silver", "is_after_registration", 3, 2, "0.75"),
        ("lines", "silver", "stands_once", 3, 3, None),
        ("lines", "silver", "ORPHAN", 6, 5, "5.00"),
        ("lines", "silver", "rows_accounted", 6, 6, None),
        ("lines", "silver", "amounts_accounted", 2, 2, "0.00"),
        ("tables", "silver", "tables_agree", 7, 7, None),
        ("lines", "silver", "days_with_sales", 5, 3, None),
        ("lines", "silver", "days_to_last_line", 5, 5, None),
    ],
)
def test_what_a_rule_finds(
    source: str,
    stage: str,
    rule: str,
    checked: int,
    passed: int,
    amount: str | None,
    found: dict[tuple[str, str, str], dict[str, Any]],
) -> None:
    row = found[source, stage, rule]

    assert (row["checked"], row["passed"]) == (checked, passed)
    if amount or rule.endswith(PRESENT):
        assert row["amount"] == (Decimal(amount) if amount else None)
    assert row["score"] == round(Decimal(passed) / checked, 6)


def test_every_row_says_which_run_asked_and_how_bad_a_breach_is(
    found: dict[tuple[str, str, str], dict[str, Any]],
) -> None:
    assert {row["run_id"] for row in found.values()} == {"the run"}
    assert found["lines", "silver", "stands_once"]["severity"] == "error"
    assert found["lines", "raw", "ORPHAN"]["severity"] == "quarantine"
    assert found["lines", "raw", "ORPHAN"]["dimension"] == "consistency"


def test_the_table_is_what_it_declares(own: Platform) -> None:
    rows = refresh.published_table(own, "quality")

    assert validated(tables.GOLD["quality"], rows) is rows


def test_a_rule_of_which_nothing_was_asked_has_no_score(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake")
    platform = Platform(settings)
    source = written(tmp_path / "cdnow.txt", "00004 0001 19970101  2   29.33")
    refresh.ingest(platform, [source], "cdnow")
    with refresh.engine_of(platform) as engine:
        refresh.compute(platform, engine, None, "run")

    rows = refresh.published_table(platform, "quality").to_pylist()

    (row,) = (row for row in rows if row["rule"] == "is_known_once")
    assert (row["checked"], row["score"]) == (0, None)


def test_an_error_stops_gold_and_the_last_version_stays(own: Platform) -> None:
    strict = own.settings.having(CommerceSettings, severities={"ORPHAN": "error"})
    before = open_lake(strict).gold.current()

    platform = Platform(strict)
    with (
        refresh.engine_of(platform) as engine,
        pytest.raises(ReconciliationError, match=r"ORPHAN of lines \(raw\): 1 of 6"),
    ):
        refresh.compute(platform, engine, None, "strict")

    assert open_lake(strict).gold.current() == before
