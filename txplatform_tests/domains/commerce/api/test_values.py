"""The endpoints of values: what they answer, in pages, as CSV, and to whom."""

from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing import copies
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.serving.tokens import Role, create
from txplatform_tests.domains.commerce.queries.test_values import CHURN, CUSTOMERS, table
from txplatform_tests.serving.running import calling

LISTS = ("customer-values", "values-by-country", "model-fits", "model-holdout", "churn-report")


@pytest.fixture
def http(platform: Platform) -> Iterator[httpx.Client]:
    """A reader's client of a running API over four customers."""
    worth = [
        {"customer_id": name, "country": country, "clv": Decimal(f"{clv}.00")}
        for name, (country, clv) in CUSTOMERS.items()
    ]
    leaving = [
        {"customer_id": name, "churn_probability": Decimal(chance)}
        for name, chance in CHURN.items()
    ]
    fits = [{"part": "repeat_buying", "model": "NBD", "r": 0.25, "customer_count": 4}]
    filled = {"customer_value": worth, "churn": leaving, "model_fits": fits}
    copies.to_postgres(platform.engine, {name: table(name, rows) for name, rows in filled.items()})
    with calling(build(platform)) as client:
        yield client


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_the_columns_of_its_table(http: httpx.Client, name: str) -> None:
    answer = http.get(f"/commerce/{name}", headers={"Accept": "text/csv"})

    assert answer.status_code == 200
    declared = {
        "customer-values": "customer_value",
        "values-by-country": "value_by_country",
    }.get(name, name.replace("-", "_"))
    columns = [column.name for column in tables.GOLD[declared].columns]
    header = answer.text.splitlines()[0].replace('"', "").split(",")
    assert header[: len(columns)] == columns


def test_pages_of_customers(http: httpx.Client) -> None:
    """Money as text with every digit; nothing twice, nothing left out."""
    first = http.get("/commerce/customer-values", params={"limit": 3}).json()
    second = http.get(
        "/commerce/customer-values", params={"limit": 3, "cursor": first["next_cursor"]}
    ).json()

    assert (first["total"], second["next_cursor"]) == (4, None)
    rows = first["items"] + second["items"]
    assert [row["customer_id"] for row in rows] == ["Ann", "Cid", "Bob", "Dan"]
    assert rows[0]["clv"] == "30.00"
    assert [row["churn_probability"] for row in rows[:2]] == ["0.100000", None]


def test_customers_of_a_country_who_may_leave(http: httpx.Client) -> None:
    params = {"country": "Italy", "order": "leaving"}

    rows = http.get("/commerce/customer-values", params=params).json()["items"]

    assert [row["customer_id"] for row in rows] == ["Dan", "Ann", "Cid"]


@pytest.mark.parametrize("params", [{"order": "name"}, {"limit": 0}, {"cursor": "bm9uZQ"}])
def test_what_is_wrong_is_said(http: httpx.Client, params: dict[str, str]) -> None:
    assert http.get("/commerce/customer-values", params=params).status_code == 422


def test_a_token_is_asked_for(http: httpx.Client, platform: Platform) -> None:
    create(platform.engine, "Ada", Role.READER, None)

    assert http.get("/commerce/model-fits").status_code == 401
