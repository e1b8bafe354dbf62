"""Sums of the API are those of the tables in the lake, whatever page is asked for."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.queries.published import LISTS
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform_tests.domains.commerce import small_shop
from txplatform_tests.serving.running import calling

MONEY = sorted(
    name for name, table in tables.GOLD.items() if {"net_amount", "clv"} & set(table.columns.keys())
)
asked = st.fixed_dictionaries(
    {"limit": st.integers(1, 60), "skip": st.integers(0, 60)},
    optional={"country": st.sampled_from([*small_shop.COUNTRIES, "Nowhere"])},
)


@pytest.fixture(scope="module")
def api(served: Platform) -> Iterator[httpx.Client]:
    """A client of the API over the small shop."""
    with calling(build(served)) as client:
        yield client


def in_lake(served: Platform, name: str, country: str | None) -> pa.Table:
    """The rows of a table as they were computed."""
    rows = open_lake(served.settings).gold_table(name)
    return rows.filter(pc.equal(rows["country"], country)) if country else rows


@given(name=st.sampled_from(MONEY), query=asked)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_and_totals_are_the_tables(
    api: httpx.Client, served: Platform, name: str, query: dict[str, Any]
) -> None:
    has_country = "country" in tables.GOLD[name].columns
    answer = api.get(f"/commerce/tables/{name}", params=query)
    if "country" in query and not has_country:
        assert answer.status_code == 422
        return

    found = answer.json()
    rows = in_lake(served, name, query.get("country"))
    assert found["total"] == rows.num_rows
    assert len(found["items"]) == min(query["limit"], max(0, rows.num_rows - query["skip"]))
    for column, said in found["sums"].items():
        wide = rows[column].cast(pa.decimal128(38, 2))
        assert Decimal(said) == (pc.sum(wide).as_py() or 0)


@pytest.mark.parametrize("path", [path for path, one in LISTS.items() if one.table in MONEY])
def test_items_of_all_pages_add_up_to_the_sums(api: httpx.Client, path: str) -> None:
    first = api.get(f"/commerce{path}", params={"limit": 7}).json()
    items = list(first["items"])
    while len(items) < first["total"]:
        page = api.get(f"/commerce{path}", params={"limit": 7, "skip": len(items)}).json()
        assert page["sums"] == first["sums"]
        items += page["items"]

    for column, said in first["sums"].items():
        amounts = [Decimal(row[column]) for row in items if row[column] is not None]
        assert sum(amounts, Decimal(0)) == Decimal(said)


def test_every_money_list_is_the_money_of_the_lines(api: httpx.Client) -> None:
    net = f"{small_shop.total(small_shop.sold())}"

    for path in ("/monthly", "/countries", "/products", "/clients", "/agg_jour", "/ca_par_pays"):
        assert api.get(f"/commerce{path}", params={"limit": 1}).json()["sums"]["net_amount"] == net
    lines = api.get("/commerce/fact_achats", params={"limit": 1}).json()
    assert lines["sums"]["amount"] == net
