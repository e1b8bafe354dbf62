"""The API over a running server: published names, filters, sums of all rows, and empty stores."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from txplatform import embedded
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.queries.published import LINES, LISTS, ROWS
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.settings import Settings
from txplatform_tests.conftest import new_platform
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written
from txplatform_tests.serving.declared import call_all, schema_of
from txplatform_tests.serving.running import calling, running

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
COMPUTED_LATER = {
    "customer_value",
    "value_by_country",
    "model_holdout",
    "sales_hour",
    "growth",
}


@pytest.fixture(scope="module")
def installation(
    settings: Settings, endpoints: embedded.Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """A platform whose store is empty at first."""
    with new_platform(settings, endpoints, tmp_path_factory.mktemp("lake")) as made:
        yield made


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


@pytest.mark.parametrize(
    "path",
    ["/clients", "/kpis", "/health", "/refresh_time/clients", "/achats", "/meta/last-refresh"],
)
def test_an_empty_store_is_a_sentence(path: str, empty: httpx.Client) -> None:
    answer = empty.get(f"/commerce{path}")

    assert answer.status_code == 503
    assert "txplatform commerce run" in answer.json()["detail"]


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


@pytest.mark.parametrize("path", LISTS)
def test_every_published_list_answers(path: str, api: httpx.Client) -> None:
    found, published = got(api, path), LISTS[path]

    assert {"items", "total", "limit", "skip", "sums"} == set(found)
    assert found["items"] or published.table in COMPUTED_LATER or published.only
    assert all(
        row[column] == value for row in found["items"] for column, value in published.only.items()
    )


def test_what_customers_are_worth_is_a_list_like_any_other(api: httpx.Client) -> None:
    found = got(api, "/customer-values", country="Spain", limit=1)

    assert (found["limit"], set(found["sums"])) == (1, {"clv"})
    assert {row["country"] for row in found["items"]} <= {"Spain"}
    assert {row["part"] for row in got(api, "/model-fits")["items"]} == {
        "repeat_buying",
        "occasion_value",
    }
    (verdict,) = got(api, "/churn-report")["items"]
    assert verdict["verdict"].startswith("No model")


@pytest.mark.parametrize("path", [*ROWS])
def test_every_published_row_answers(path: str, api: httpx.Client) -> None:
    assert set(got(api, path)) == set(tables.GOLD[ROWS[path]].columns.keys())


def test_aliases_are_the_same_table(api: httpx.Client) -> None:
    by_table: dict[str, set[str]] = {}
    for path, published in LISTS.items():
        by_table.setdefault(str(published), set()).add(str(got(api, path)))

    assert {len(answers) for answers in by_table.values()} == {1}


@pytest.mark.parametrize("path", LINES)
def test_lines_come_from_the_lake_page_by_page(path: str, api: httpx.Client) -> None:
    pages = [got(api, path, limit=3, skip=skip) for skip in (0, 3)]

    assert [page["total"] for page in pages] == [4, 4]
    assert pages[0]["sums"] == pages[1]["sums"] == {"amount": "116.00"}
    rows = sorted((row for page in pages for row in page["items"]), key=lambda row: row["line_id"])
    assert [row["line_id"] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[1]["at"], rows[1]["amount"]) == ("2024-01-03T00:00:00", "5.25")
    assert "fingerprint" not in rows[0]


def test_lines_of_a_customer_a_product_a_country(api: httpx.Client) -> None:
    assert got(api, "/achats", customer="1")["sums"] == {"amount": "10.75"}
    assert got(api, "/achats", product="Phone", country="Spain")["total"] == 1
    nobody = got(api, "/achats", customer="' OR 1=1 --")
    assert (nobody["items"], nobody["sums"]) == ([], {"amount": "0.00"})


def test_a_text_is_looked_for_in_every_text(api: httpx.Client) -> None:
    assert [row["name"] for row in got(api, "/clients", search="B@X")["items"]] == ["Bob"]
    assert got(api, "/clients", search=".*")["total"] == 0
    assert got(api, "/monthly", search="a")["total"] == 0
    assert got(api, "/products", search="pho")["sums"]["net_amount"] == "6.00"


def test_a_list_as_csv_has_every_digit_and_its_total(api: httpx.Client) -> None:
    answer = api.get("/commerce/countries?limit=1", headers={"Accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["country"] for row in rows] == ["France"]
    assert (rows[0]["net_amount"], answer.headers["X-Total-Count"]) == ("10.75", "2")


def test_the_contents_are_what_is_served(api: httpx.Client) -> None:
    found = got(api, "/")

    assert found["tables"] == sorted(tables.LISTED)
    schema = api.get("/openapi.json").json()["paths"]
    assert {f"/commerce{path}" for path in found["paths"]} <= set(schema)
    assert got(api, "/health") == {"status": "ok", "as_of": "2024-02-05"}


@pytest.mark.usefixtures("api")
def test_every_endpoint_answers_as_declared(installation: Platform) -> None:
    with running(build(installation)) as address:
        called = call_all(schema_of(address).include(path_regex="^/commerce/"), {}, examples=4)

    assert len(called) > len(LISTS) + len(ROWS) + len(LINES)


def test_what_was_asked_of_the_data_is_served(api: httpx.Client) -> None:
    found = got(api, "/tables/quality", limit=1_000)["items"]
    asked = {(row["source"], row["stage"], row["rule"]): row for row in found}

    orphans = asked["lines", "raw", "ORPHAN"]
    assert (orphans["checked"], orphans["passed"], orphans["score"]) == (4, 4, "1.000000")
    assert (orphans["run_id"], orphans["severity"]) == ("run-1", "quarantine")
    assert asked["tables", "silver", "tables_agree"]["checked"] == 7
    assert {row["dimension"] for row in found} == {
        "completeness",
        "uniqueness",
        "validity",
        "consistency",
        "accuracy",
        "timeliness",
    }


def test_how_long_tables_take_to_be_seen_is_served(api: httpx.Client) -> None:
    found = got(api, "/tables/refreshes", limit=1_000, sort="table_name")["items"]
    shown = {row["table_name"]: row for row in found}

    assert set(shown) == {*tables.GOLD} - {"sales_hour"}
    assert {row["run_id"] for row in found} == {"run-1"}
    assert shown["clients"]["row_count"] == 3
    for row in found:
        assert 0 < Decimal(row["publish_seconds"]) < 60
        assert 0 < Decimal(row["seconds"]) < 60
        assert row["written_at"].startswith("20")


def test_tables_that_grow_are_empty_before_anything_is_measured(api: httpx.Client) -> None:
    found = got(api, "/tables/engine_timings")

    assert (found["items"], found["total"]) == ([], 0)
    assert {"quality", "refreshes", "engine_timings"} <= {*got(api, "/")["tables"]}


def test_when_a_table_was_written(api: httpx.Client) -> None:
    found = got(api, "/refresh_time/dim_clients")

    assert (found["table"], found["row_count"], found["run_id"]) == ("clients", 3, "run-1")
    assert 0 <= Decimal(found["age_seconds"]) < 600


def test_every_table_says_when_it_was_written(api: httpx.Client) -> None:
    found = got(api, "/meta/last-refresh")

    assert {row["table"] for row in found["items"]} == {*tables.GOLD} - {"sales_hour"}
    assert found["total"] == len(found["items"])
    assert all(0 <= Decimal(row["publish_seconds"]) < 60 for row in found["items"])
    lines = got(api, "/refresh_time/fact_achats")
    assert (lines["table"], lines["row_count"]) == ("lines", 4)


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
