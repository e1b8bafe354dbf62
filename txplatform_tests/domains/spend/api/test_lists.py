"""Lists of the API: pages, totals, types, and every digit the same as in the table."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from txplatform.domains.spend import publishing
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, weekly_page
from txplatform.platform import Platform
from txplatform_tests.domains.spend.api.conftest import FORMULA, HOSTILE, MONDAY, SCRIPT

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
LISTS = [
    "/spend/weeks",
    "/spend/weekly-transactions",
    "/spend/departments",
    "/spend/transactions?week=2026-11-09",
    "/spend/transactions?week=2026-11-23&limit=1",
    "/spend/alerts",
    "/spend/cases",
    "/spend/second-looks",
    "/spend/benford",
    "/spend/benford-digits",
]


def rows(api: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """The items of a page as CSV has them."""
    answer = api.get(path, params=params or None, headers={"Accept": CSV})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.text)))


def items(api: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """The items of a page."""
    answer = api.get(path, params=params or None)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_amounts_are_text_with_every_digit(api: httpx.Client) -> None:
    first, second, third = items(api, "/spend/weekly-transactions")

    assert first["total_amount"] == "9999999999999999.00"
    assert (second["total_amount"], second["refund_amount"]) == ("0.30", "-0.10")
    assert third["week_start"] == "2026-11-16"


def test_what_somebody_wrote_as_text_is_no_amount(api: httpx.Client) -> None:
    first = api.get("/spend/transactions?week=2026-11-23&limit=1")
    second = api.get(first.links["next"]["url"])

    shown = [*first.json()["items"], *second.json()["items"]]
    assert [(one["amount"], one["department"]) for one in shown] == [(None, None)] * 2
    assert (second.json()["next_cursor"], second.json()["total"]) == (None, 2)


def test_json_csv_parquet_and_table_say_the_same(api: httpx.Client, served: Platform) -> None:
    table = weekly_page(served.engine, WeeklyFilter()).rows
    of_json, of_csv = (
        items(api, "/spend/weekly-transactions"),
        rows(api, "/spend/weekly-transactions"),
    )
    of_parquet = _parquet(api, "/spend/weekly-transactions")

    assert of_parquet["is_open"].to_pylist() == [False] * table.num_rows
    assert of_parquet.drop_columns("is_open").cast(table.schema).equals(table)
    for position, row in enumerate(table.to_pylist()):
        for name in ("total_amount", "refund_amount", "department_amount", "week_amount"):
            digits = f"{row[name]:f}"
            assert of_json[position][name] == of_csv[position][name] == digits


def _parquet(api: httpx.Client, path: str) -> pa.Table:
    answer = api.get(path, headers={"Accept": PARQUET})
    assert answer.headers["content-type"] == PARQUET
    return parquet.read_table(BytesIO(answer.content))


def test_names_that_look_like_formulas_are_text_in_csv_and_money_is_a_number(
    api: httpx.Client,
) -> None:
    named = {row["department"]: row for row in rows(api, "/spend/weekly-transactions")}

    assert named[f"'{FORMULA}"]["division"] == "'-Signs"
    assert named["Roads"]["total_amount"] == "-15.75"
    assert {row["merchant"] for row in rows(api, "/spend/alerts")} == {"'@Smith", SCRIPT, "Jones"}


def test_hostile_names_are_found_as_they_are(api: httpx.Client) -> None:
    [row] = items(api, "/spend/weekly-transactions", department=HOSTILE)

    assert (row["department"], row["division"]) == (HOSTILE, SCRIPT)
    assert [one["alert_id"] for one in items(api, "/spend/alerts", text="<SCRIPT>")] == ["b"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("kind", ["application/json", CSV, PARQUET])
def test_every_list_comes_in_every_type(api: httpx.Client, path: str, kind: str) -> None:
    answer = api.get(path, headers={"Accept": kind})

    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize(
    ("path", "key", "total"),
    [
        ("/spend/weeks", "week_start", 2),
        ("/spend/weekly-transactions", "division", 3),
        ("/spend/departments", "department", 3),
        ("/spend/transactions?week=2026-11-09", "transaction_id", 4),
        ("/spend/alerts", "alert_id", 3),
    ],
)
def test_pages_together_are_the_list(api: httpx.Client, path: str, key: str, total: int) -> None:
    """Followed by the Link header, whatever the size; the total never depends on it."""
    whole = [one[key] for one in items(api, path)]
    assert len(whole) == total
    for size in (1, 2, total):
        found, following = (
            [],
            str(api.build_request("GET", path).url.copy_merge_params({"limit": size})),
        )
        while following:
            answer = api.get(following)
            assert answer.headers["x-total-count"] == str(total) == str(answer.json()["total"])
            assert (answer.headers["x-total-exact"], answer.json()["is_total_exact"]) == (
                "true", True,
            )  # fmt: skip
            found += [one[key] for one in answer.json()["items"]]
            following = answer.links.get("next", {}).get("url", "")
        assert found == whole


@pytest.mark.parametrize(
    "path",
    [*LISTS, "/spend/rules", "/spend/refresh-time", "/spend/alert-counts", "/spend/alerts/a"],
)
def test_what_is_known_is_not_sent_again(api: httpx.Client, path: str) -> None:
    first = api.get(path)

    again = api.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_another_type_has_another_etag(api: httpx.Client) -> None:
    tags = {
        api.get("/spend/alerts", headers={"Accept": k}).headers["etag"]
        for k in (CSV, PARQUET, "*/*")
    }

    assert len(tags) == 3


def test_weeks_say_whether_they_are_stale(api: httpx.Client) -> None:
    assert [(one["week_start"], one["state"]) for one in items(api, "/spend/weeks")] == [
        ("2026-11-09", "fresh"),
        ("2026-11-16", "stale"),
    ]
    assert len(items(api, "/spend/weeks", state="stale")) == 1
    stale = api.get("/spend/weeks", params={"state": ["stale", "fresh"], "limit": 1}).json()
    assert (stale["total"], len(stale["items"])) == (2, 1)
    assert (
        items(api, "/spend/weeks", state=["stale"], cursor=stale["next_cursor"])[0]["state"]
        == "stale"
    )
    assert items(api, "/spend/weeks", **{"from": "2026-11-23"}) == []


def test_departments_have_their_share(api: httpx.Client) -> None:
    found = items(api, "/spend/departments", to="2026-11-09")

    assert [(one["department"], one["share"], one["has_open_week"]) for one in found] == [
        (HOSTILE, "1.000000", False),
        (FORMULA, "0.000000", False),
    ]


def test_a_share_of_nothing_is_empty(api: httpx.Client) -> None:
    [roads] = items(api, "/spend/departments", **{"from": "2026-11-16"})

    assert (roads["total_amount"], roads["share"]) == ("-15.75", None)


def test_a_cell_leads_to_its_purchases_with_file_and_line(api: httpx.Client) -> None:
    found = items(
        api, "/spend/transactions", week="2026-11-09", department=FORMULA, division="-Signs"
    )

    assert [(one["amount"], one["source_file"], one["source_line"]) for one in found] == [
        ("0.20", "a.csv", 2),
        ("0.20", "a.csv", 3),
        ("-0.10", "b.csv", 7),
    ]


def test_the_table_as_it_stood_before_is_empty(api: httpx.Client) -> None:
    assert items(api, "/spend/weekly-transactions", as_of="2020-01-01T00:00:00Z") == []
    assert len(items(api, "/spend/weekly-transactions", as_of="2999-01-01T00:00:00Z")) == 3


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/spend/weeks?from=2026-11-10", "2026-11-10 is a Tuesday; weeks start on Monday"),
        ("/spend/weekly-transactions?limit=0", "greater than or equal to 1"),
        ("/spend/weekly-transactions?as_of=2026-11-10T00:00:00", "timezone"),
        ("/spend/weekly-transactions?department=%00", "match pattern"),
        ("/spend/transactions", "required"),
        ("/spend/transactions?week=0001-01-01", "between 1900 and 2999"),
        ("/spend/alerts?severity=odd", "'high', 'medium' or 'low'"),
        ("/spend/alerts?cursor=odd", "cursor is none that this list gave"),
        ("/spend/weeks?cursor=odd", "cursor is none that this list gave"),
        ("/spend/departments?cursor=odd", "cursor is none that this list gave"),
        ("/spend/transactions?week=2026-11-09&cursor=odd", "cursor is none that this list gave"),
    ],
)
def test_what_cannot_be_used_is_a_problem_that_says_why(
    api: httpx.Client, path: str, said: str
) -> None:
    answer = api.get(path)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in str(answer.json())


def test_a_type_that_is_not_offered_is_refused(api: httpx.Client) -> None:
    assert api.get("/spend/alerts", headers={"Accept": "image/png"}).status_code == 406


def test_rules_say_which_are_off_and_how_good_they_are(api: httpx.Client) -> None:
    rules = {one["code"]: one for one in api.get("/spend/rules").json()}

    assert len(rules) == 12
    assert (rules["SPLIT"]["off_reason"], rules["SPLIT"]["precision"]) == ("", None)
    assert rules["SPLIT"]["amount_found"] == "0.00"


def test_spellings_of_one_shop_are_proposed_with_their_evidence(
    api: httpx.Client, served: Platform
) -> None:
    found = {"merchant": ["Shell 1", "Shell 2"], "purchase_count": [2, 1]}
    amounts = pa.array([Decimal("9.99"), Decimal("0.01")], pa.decimal128(18, 2))
    table = pa.table({**found, "total_amount": amounts, "first_day": [MONDAY, MONDAY]})
    publishing.publish_merchants(served.engine, table, "a run")

    (shop,) = api.get("/spend/merchant-proposals").raise_for_status().json()

    assert shop["spellings"][0] == {
        "name": "Shell 1", "purchase_count": 2, "total_amount": "9.99",
    }  # fmt: skip
    assert 'store_numbers = ["SHELL"]' in shop["entry"]
    assert api.get("/spend/merchant-proposals", params={"limit": 0}).status_code == 422


def test_the_shell_says_how_fresh_the_weeks_are(api: httpx.Client) -> None:
    found = {one["domain"]: one for one in api.get("/freshness").json()}["spend"]

    assert (found["fresh"], found["stale"], found["missing"]) == (1, 1, 0)
    assert found["newest"] == "2026-11-16"
    assert found["sentence"].startswith("1 fresh, 1 stale, 0 missing; the newest is 2026-11-16")
