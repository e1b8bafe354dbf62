"""Lists over small tables of gold: pages, orders, searches, sums, and types with every digit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.queries import lists
from txplatform.domains.commerce.queries.lists import Wanted
from txplatform.errors import PlatformError, UsageError
from txplatform.serving.paging import Page
from txplatform_tests.domains.commerce.shops import gold_table

Store = Database[dict[str, Any]]
Row = dict[str, object]

CLIENTS = {
    "a": ("Ann", "France", "10.10", False),
    "b": ("Bob", "Spain", "0.20", False),
    "c": ("A.nn", "Spain", "-3.00", False),
    "(anonymous)": (None, "Peru", "99999999999999.99", True),
}


def page(store: Database[Any], name: str, wanted: Wanted) -> Page:
    """A page as the dashboard shows it."""
    return lists.page_of(lists.listing(store, name, wanted), wanted)


@pytest.fixture
def store(mongo_database: Store) -> Store:
    """Four customers, two cells of scores, and what makes it published."""
    clients: list[Row] = [
        {
            "customer_id": name,
            "name": person,
            "country": country,
            "net_amount": Decimal(net),
            "first_order": date(2024, 1, 31),
            "is_anonymous": is_anonymous,
        }
        for name, (person, country, net, is_anonymous) in CLIENTS.items()
    ]
    scores: list[Row] = [
        {"customer_id": name, "r_score": score, "f_score": 1}
        for name, score in (("a", 5), ("b", 5), ("c", 1))
    ]
    kpis: list[Row] = [{"as_of": date(2024, 2, 1), "net_amount": Decimal("100000000000007.29")}]
    gold = {"clients": clients, "rfm": scores, "kpis": kpis, "growth": []}
    copies.to_mongo(mongo_database, {n: gold_table(n, rows) for n, rows in gold.items()}, "run-1")
    return mongo_database


def names(store: Store, **wanted: Any) -> list[str]:
    """The customers of a page, in its order."""
    found = lists.listing(store, "clients", Wanted(wanted.pop("limit", 10), **wanted))
    return list(found.rows["customer_id"].to_pylist())


def test_sums_are_those_of_all_that_match_with_every_digit(store: Store) -> None:
    found = lists.listing(store, "clients", Wanted(1, 2))

    assert (found.rows.num_rows, found.total) == (1, 4)
    assert found.sums["net_amount"] == Decimal("100000000000007.29")
    spain = lists.listing(store, "clients", Wanted(1, where={"country": "Spain"}))
    assert (spain.total, spain.sums["net_amount"]) == (2, Decimal("-2.80"))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, ["(anonymous)", "a", "b", "c"]),
        ("-net_amount", ["(anonymous)", "a", "b", "c"]),
        ("net_amount", ["c", "b", "a", "(anonymous)"]),
        ("-country", ["b", "c", "(anonymous)", "a"]),
    ],
)
def test_orders_end_with_the_key(store: Store, sort: str | None, expected: list[str]) -> None:
    assert names(store, sort=sort) == expected
    one_by_one = [names(store, limit=1, skip=skip, sort=sort)[0] for skip in range(4)]
    assert one_by_one == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [("ANN", ["a"]), ("a.nn", ["c"]), ("spain", ["b", "c"]), ("zz", []), ("(", ["(anonymous)"])],
)
def test_a_search_is_text_and_no_pattern(store: Store, search: str, expected: list[str]) -> None:
    assert names(store, search=search) == expected
    assert lists.every(store, "clients", search=search)["customer_id"].to_pylist() == expected


def test_what_is_narrowed_may_be_searched_too(store: Store) -> None:
    assert names(store, where={"country": "Spain"}, search="bob") == ["b"]
    assert names(store, where={"is_anonymous": False}, sort="-net_amount")[0] == "a"


def test_a_table_without_texts_is_searched_in_vain(store: Store) -> None:
    assert lists.listing(store, "kpis", Wanted(5, search="2")).total == 0


def test_all_rows_have_the_types_of_their_table(store: Store) -> None:
    rows = lists.every(store, "clients", sort="-customer_id")

    assert rows["customer_id"].to_pylist() == ["c", "b", "a", "(anonymous)"]
    assert rows["net_amount"].to_pylist()[:2] == [Decimal("-3.00"), Decimal("0.20")]
    assert set(rows["first_order"].to_pylist()) == {date(2024, 1, 31)}
    assert rows["email"].to_pylist() == [None] * 4


def test_pages_of_the_dashboard_know_the_next(store: Store) -> None:
    first = page(store, "clients", Wanted(3))
    last = page(store, "clients", Wanted(3, 3))

    assert (first.total, first.next_cursor, first.rows.num_rows) == (4, "3", 3)
    assert (last.next_cursor, last.rows.num_rows) == (None, 1)


def test_combinations_are_counted_by_the_store(store: Store) -> None:
    assert lists.counts(store, "rfm", "r_score", "f_score") == {(5, 1): 2, (1, 1): 1}
    assert lists.counts(store, "clients", "name")[None,] == 1


def test_the_one_row_of_a_table(store: Store) -> None:
    row = lists.only(store, "kpis")

    assert (row["as_of"], row["net_amount"]) == (date(2024, 2, 1), Decimal("100000000000007.29"))
    assert row["last_growth_pct"] is None


def test_an_empty_table_of_a_published_store_is_no_error(store: Store) -> None:
    found = lists.listing(store, "growth", Wanted(10))

    assert (found.rows.num_rows, found.total) == (0, 0)
    assert found.sums == {"net_amount": 0}
    assert lists.is_published(store)


def test_an_empty_store_says_what_to_do(mongo_database: Store) -> None:
    assert not lists.is_published(mongo_database)
    with pytest.raises(PlatformError, match="commerce ingest"):
        lists.listing(mongo_database, "clients", Wanted(10))
    with pytest.raises(PlatformError, match="commerce run"):
        lists.only(mongo_database, "kpis")
    with pytest.raises(PlatformError, match="commerce run"):
        lists.require_published(mongo_database)


@pytest.mark.parametrize(
    "wanted", [Wanted(1, sort="nothing"), Wanted(1, sort="-$where"), Wanted(1, where={"$or": 1})]
)
def test_only_columns_are_sorted_and_narrowed_by(store: Store, wanted: Wanted) -> None:
    with pytest.raises(UsageError, match="has no column"):
        lists.listing(store, "clients", wanted)


def test_who_may_leave_comes_before_whoever_the_model_does_not_know(mongo_database: Store) -> None:
    """Ties by name, whatever the size of a page."""
    chances = {"Ann": "0.100000", "Bob": "0.900000", "Cid": None, "Dan": "0.900000"}
    rows: list[Row] = [
        {"customer_id": name, "churn_probability": Decimal(chance) if chance else None}
        for name, chance in chances.items()
    ]
    copies.to_mongo(mongo_database, {"customer_value": gold_table("customer_value", rows)}, "run-1")

    for size in (1, 2, 4):
        pages = [
            page(mongo_database, "customer_value", Wanted(size, skip, "-churn_probability"))
            for skip in range(0, 4, size)
        ]
        found = [name for page in pages for name in page.rows["customer_id"].to_pylist()]
        assert found == ["Bob", "Dan", "Ann", "Cid"]


def test_only_columns_are_counted(store: Store) -> None:
    with pytest.raises(UsageError, match="has no column"):
        lists.counts(store, "rfm", "_id")
    with pytest.raises(UsageError, match="There is no table"):
        lists.require_table("lines")
