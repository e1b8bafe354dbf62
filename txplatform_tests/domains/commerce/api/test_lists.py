"""The API over a running server: published names, filters, sums of all rows, and empty stores."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from txplatform import embedded
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.api.lists import LISTS, ROWS, SEASONS, SORTED
from txplatform.domains.commerce.computation import refresh
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.settings import Settings, load_settings
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.commerce.shops import written
from txplatform_tests.serving.running import calling

ACHATS = "id_achat,id_client,date_achat,montant,produit"
CLIENTS = "id_client,nom,email,date_inscription,pays"
PEOPLE = (
    "1,Ann,a@x.org,2024-01-01,France",
    "2,Bob,b@x.org,2024-01-01,Spain",
    "3,Cid,c@x.org,2024-01-01,Spain",
)
PURCHASES = (
    "1,1,2024-01-02,10.00,Mouse",
    "2,2,2024-01-03,5.25,Phone",
    "3,1,2024-02-03,0.75,Phone",
    "4,3,2024-02-04,100.00,Mouse",
)
COMPUTED_LATER = {"customer_value", "value_by_country", "sales_hour"}


@pytest.fixture(scope="module")
def installation(
    settings: Settings, endpoints: embedded.Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """A platform whose store is empty at first."""
    folder = tmp_path_factory.mktemp("lake")
    with new_database(endpoints) as url, MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        made = Platform(
            load_settings(
                state_dir=settings.state,
                lake_dir=folder,
                mongo_uri=endpoints.mongo_uri,
                mongo_database=f"test_{uuid4().hex}",
                postgres_url=url,
            )
        )
        try:
            yield made
        finally:
            made.close()
            client.drop_database(made.settings.mongo_database)


@pytest.fixture(scope="module")
def empty(installation: Platform) -> Iterator[httpx.Client]:
    """A client of the API, before anything was computed."""
    with calling(build(installation)) as client:
        yield client


@pytest.fixture(scope="module")
def api(
    installation: Platform, empty: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> httpx.Client:
    """The same when the shop was computed and copied."""
    folder = tmp_path_factory.mktemp("files")
    files = [
        written(folder / "clients.csv", CLIENTS, *PEOPLE),
        written(folder / "achats.csv", ACHATS, *PURCHASES),
    ]
    refresh.ingest(installation, files, "clients_achats")
    with refresh.engine_of(installation) as engine:
        refresh.compute(installation, engine, None, "run-1")
    refresh.copy_to_mongo(installation)
    return empty


def got(api: httpx.Client, path: str, **query: object) -> Any:
    """The answer of an endpoint of commerce."""
    answer = api.get(f"/commerce{path}", params={k: str(v) for k, v in query.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", ["/clients", "/kpis", "/refresh_time/clients"])
def test_an_empty_store_is_a_sentence(path: str, empty: httpx.Client) -> None:
    answer = empty.get(f"/commerce{path}")

    assert answer.status_code == 503
    assert "txplatform commerce run" in answer.text


def test_a_page_never_limits_its_sums(api: httpx.Client) -> None:
    found = got(api, "/clients", limit=1)

    assert [row["customer_id"] for row in found["items"]] == ["1"]
    assert (found["total"], found["limit"], found["skip"]) == (3, 1, 0)
    assert found["sums"]["net_amount"] == "116.00"


def test_pages_follow_each_other(api: httpx.Client) -> None:
    pages = [got(api, "/clients", limit=1, skip=skip)["items"] for skip in range(4)]

    assert [[row["customer_id"] for row in page] for page in pages] == [["1"], ["2"], ["3"], []]


def test_a_country_under_either_name(api: httpx.Client) -> None:
    spain = got(api, "/clients", pays="Spain")

    assert [row["customer_id"] for row in spain["items"]] == ["2", "3"]
    assert spain["sums"]["net_amount"] == "105.25"
    assert got(api, "/tables/clients", country="Spain")["items"] == spain["items"]
    assert got(api, "/clients", pays="Nowhere")["items"] == []


def test_the_store_sorts(api: httpx.Client) -> None:
    best = got(api, "/top-clients")["items"]
    least = got(api, "/clients", sort="net_amount")["items"]

    assert [row["customer_id"] for row in best] == ["3", "1", "2"]
    assert [row["customer_id"] for row in least] == ["2", "1", "3"]


def test_key_figures_have_every_digit(api: httpx.Client) -> None:
    found = got(api, "/kpis/globaux")

    assert (found["net_amount"], found["average_order"]) == ("116.00", "29.00")
    assert (found["as_of"], found["order_count"]) == ("2024-02-05", 4)
    assert found["last_growth_pct"] is None


@pytest.mark.parametrize("path", [*LISTS, *SORTED, *SEASONS])
def test_every_published_list_answers(path: str, api: httpx.Client) -> None:
    found = got(api, path)

    assert {"items", "total", "limit", "skip", "sums"} == set(found)
    name = LISTS.get(path, "")
    assert found["items"] or name in COMPUTED_LATER or path in SEASONS or name == "growth"


@pytest.mark.parametrize("path", [*ROWS])
def test_every_published_row_answers(path: str, api: httpx.Client) -> None:
    assert set(got(api, path)) == set(tables.GOLD[ROWS[path]].columns.keys())


def test_aliases_are_the_same_table(api: httpx.Client) -> None:
    by_name: dict[str, set[str]] = {}
    for path, name in LISTS.items():
        by_name.setdefault(name, set()).add(str(got(api, path)))

    assert {len(answers) for answers in by_name.values()} == {1}


def test_when_a_table_was_written(api: httpx.Client) -> None:
    found = got(api, "/refresh_time/clients")

    assert (found["table"], found["row_count"], found["run_id"]) == ("clients", 3, "run-1")
    assert 0 <= Decimal(found["age_seconds"]) < 600


@pytest.mark.parametrize(
    "path",
    [
        "/clients?limit=0",
        "/clients?skip=-1",
        "/clients?sort=nothing",
        "/monthly?pays=Spain",
        "/tables/nothing",
        "/refresh_time/nothing",
        "/tables/Clients",
    ],
)
def test_what_cannot_be_answered_is_said(path: str, api: httpx.Client) -> None:
    answer = api.get(f"/commerce{path}")

    assert answer.status_code == 422, answer.text
