"""Reading the lake's silver: lines page by page, what was refused, and the books of files."""

from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.queries import refreshed, silver
from txplatform.domains.commerce.sources.ingest import ingest
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.errors import PlatformError
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written

PEOPLE = ("1,Ann,a@x.org,2024-01-01,France", "2,Bob,b@x.org,bad,Spain")
PURCHASES = (
    "1,1,2024-01-02,10.00,Mouse",
    "2,2,2024-01-03,5.25,Phone",
    "3,9,2024-02-03,0.75,Phone",
    "4,9,2024-02-03,0.50,Phone",
    "5,1,2024-02-04,much,Mouse",
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose lake holds nothing."""
    folder = tmp_path_factory.mktemp("empty")
    return load_settings(state_dir=folder, lake_dir=folder / "lake")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, duck: DuckDB) -> Settings:
    """A lake of two customers, two purchases, two orphans and an amount that is no number."""
    folder: Path = tmp_path_factory.mktemp("shop")
    settings = load_settings(state_dir=folder, lake_dir=folder / "lake")
    files = [
        written(folder / "clients.csv", CLIENTS, *PEOPLE),
        written(folder / "achats.csv", ACHATS, *PURCHASES),
    ]
    lake = open_lake(settings)
    assert len(list(ingest(lake, duck, layout("clients_achats"), files, "run-1"))) == 2
    return settings


def test_lines_page_by_page_with_the_sum_of_all(shop: Settings) -> None:
    pages = [silver.lines(shop, 1, skip, {}) for skip in range(3)]

    ids = [page.rows["line_id"].to_pylist() for page in pages]
    assert (sorted(ids[0] + ids[1]), ids[2]) == (["1", "2"], [])
    assert {page.total for page in pages} == {2}
    assert {page.sums["amount"] for page in pages} == {Decimal("15.25")}
    assert pages[0].rows.column_names == silver.NAMES


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"country": "Spain"}, ["2"]),
        ({"product": "Mouse", "country": "Spain"}, []),
        ({"customer_id": "' OR 1=1 --"}, []),
        ({"nothing": "1"}, ["1", "2"]),
        ({"product": ""}, ["1", "2"]),
    ],
)
def test_lines_are_narrowed_by_columns(
    shop: Settings, where: dict[str, str], expected: list[str]
) -> None:
    found = silver.lines(shop, 10, 0, where)

    assert sorted(found.rows["line_id"].to_pylist()) == expected
    assert found.total == len(expected)


def test_no_line_adds_up_to_cents_too(shop: Settings) -> None:
    """Catches: a sum written as 0 among others written as 0.00."""
    found = silver.lines(shop, 9, 0, {"country": "Nowhere"})

    assert (found.total, f"{found.sums['amount']}") == (0, "0.00")


def test_refused_rows_with_their_rule_and_what_arrived(shop: Settings) -> None:
    rows = silver.rows(shop, "quarantine")

    assert rows["rule"].to_pylist() == ["ORPHAN", "ORPHAN", "BAD_AMOUNT"]
    assert rows["source_line"].to_pylist() == [4, 5, 6]
    assert "much" in rows["raw"][2].as_py()


def test_rows_are_counted_by_kind_and_file_the_most_first(shop: Settings) -> None:
    refused = silver.counted(silver.rows(shop, "quarantine"), "rule")
    noted = silver.counted(silver.rows(shop, "issues"), "issue")

    assert refused[0] == ("ORPHAN", "achats.csv", 2, Decimal("1.25"))
    assert refused[1] == ("BAD_AMOUNT", "achats.csv", 1, None)
    assert [one.source_file for one in noted] == ["clients.csv"] * len(noted)
    assert all(one.amount is None for one in noted)


def test_the_latest_file_comes_first_with_books_that_add_up(shop: Settings) -> None:
    books = silver.files(shop).to_pylist()

    assert {book["source_file"] for book in books} == {"achats.csv", "clients.csv"}
    moments = [book["ingested_at"] for book in books]
    assert moments == sorted(moments, reverse=True)
    parts = ("new_count", "unchanged_count", "corrected_count", "quarantined_count")
    assert all(book["row_count"] == sum(book[part] for part in parts) for book in books)


def test_a_lake_without_a_line_says_what_to_do(empty: Settings) -> None:
    with pytest.raises(PlatformError, match="commerce ingest"):
        silver.lines(empty, 10, 0, {})
    assert silver.rows(empty, "quarantine").num_rows == silver.files(empty).num_rows == 0
    assert silver.counted(silver.rows(empty, "issues"), "issue") == []


def test_what_was_never_written_has_no_age(empty: Settings, shop: Settings) -> None:
    for settings, name in ((empty, "lines"), (empty, "clients"), (shop, "clients")):
        with pytest.raises(PlatformError, match="commerce run"):
            refreshed.refresh_time(Platform(settings), name)
    with pytest.raises(PlatformError, match="commerce run"):
        refreshed.last_refresh(Platform(shop))
    assert refreshed.refresh_time(Platform(shop), "lines")["row_count"] == 2
