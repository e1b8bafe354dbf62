"""Times of lists: every path and table once, each mean between its fastest and slowest round."""

from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.publishing.snapshots import NOTHING
from txplatform.domains.commerce.queries.published import COLLECTIONS, LINES, LISTS, ROWS
from txplatform.domains.commerce.queries.timings import LAKE, STORE, timings
from txplatform.domains.commerce.tables import GOLD
from txplatform.platform import Platform
from txplatform_tests.domains.commerce.shops import gold_table


def filled(platform: Platform) -> None:
    """A published store and lake whose key figures alone have a row."""
    made = {name: gold_table(name, [{"customer_count": 1}] if name in ROWS.values() else [])
            for name in GOLD}  # fmt: skip
    copies.to_mongo(platform.database, made, "run-1")
    layer = open_lake(platform.settings).gold
    layer.commit(NOTHING, {name: [layer.put(name, rows)] for name, rows in made.items()}, "r", {})


def test_every_path_is_measured_and_every_table_of_the_lake(platform: Platform) -> None:
    filled(platform)

    found = timings(platform, rounds=2)

    assert {one.path for one in found if one.place == STORE} == {*LISTS, *ROWS}
    assert {one.table for one in found if one.place == LAKE} == set(GOLD)
    assert all(0 < one.minimum_ms <= one.mean_ms <= one.maximum_ms for one in found)
    means = [one.mean_ms for one in found if one.place == STORE]
    assert means == sorted(means, reverse=True)


def test_what_is_published_is_a_table() -> None:
    assert {published.table for published in LISTS.values()} <= set(GOLD)
    assert set(ROWS.values()) <= set(GOLD)
    for published in LISTS.values():
        columns = GOLD[published.table].columns.keys()
        assert {*published.only, (published.sort or columns[0]).lstrip("-")} <= set(columns)


def test_collections_of_published_projects_have_their_table() -> None:
    assert COLLECTIONS["dim_clients"] == "clients"
    assert COLLECTIONS["agg_mois"] == COLLECTIONS["monthly"] == "sales_month"
    assert {COLLECTIONS[path.strip("/")] for path in LINES} == {"lines"}
