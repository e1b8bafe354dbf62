"""Cases through the API: listed, counted, shown whole, and decided as one."""

from typing import Any

import httpx
import pytest

from txplatform.platform import Platform
from txplatform_tests.domains.spend.alert_rows import raise_alerts

PAIR = """
alert_id | rule      | case_id | case_amount_at_risk | transaction_ids | risk | merchant
{0}x     | SPLIT     | {0}     | 960.00              | {0}1 {0}2       | 0.8  | Case
{0}y     | DUPLICATE | {0}     | 960.00              | {0}1 {0}2       | 0.8  | Case
"""


@pytest.fixture
def pair(served: Platform, request: pytest.FixtureRequest) -> str:
    """A fresh case of two alerts."""
    name = f"c{abs(hash(request.node.nodeid)):x}"
    raise_alerts(served.engine, PAIR.format(name))
    return name


def act(api: httpx.Client, pair: str, sequence: int, ids: str = "xy", **what: Any) -> Any:
    """Decide on the case as it was seen."""
    seen = [{"alert_id": f"{pair}{one}", "sequence": sequence} for one in ids]
    return api.post(f"/spend/cases/{pair}/decisions", json={"alerts": seen, **what})


def test_a_case_is_one_line_in_the_list_and_in_the_counts(api: httpx.Client, pair: str) -> None:
    asked = {"text": pair, "rule": "DUPLICATE"}
    before = api.get("/spend/case-counts", params={"rule": "DUPLICATE"}).json()["total"]

    listed = api.get("/spend/cases", params={"rule": "DUPLICATE"}).json()
    own = next(one for one in listed["items"] if one["case_id"] == pair)

    assert listed["total"] == before
    assert (own["rules"], own["alert_count"], own["transaction_count"]) == (
        "DUPLICATE, SPLIT",
        2,
        2,
    )
    assert (own["amount_at_risk"], own["risk"]) == ("960.00", "0.800000")
    assert api.get("/spend/cases", params=asked).status_code == 200


def test_a_case_is_shown_whole_by_its_id_and_by_that_of_an_alert(
    api: httpx.Client, pair: str
) -> None:
    whole, by_alert = api.get(f"/spend/cases/{pair}"), api.get(f"/spend/cases/{pair}y")

    assert whole.json() == by_alert.json()
    assert [one["alert_id"] for one in whole.json()["alerts"]] == [f"{pair}y", f"{pair}x"]
    assert whole.json()["overlapping"] == []


def test_one_decision_decides_all_its_alerts(api: httpx.Client, pair: str) -> None:
    taken = act(api, pair, 0, kind="decide", state="in_review")
    decided = act(api, pair, 1, kind="decide", state="abusive", reason="a split")

    assert (taken.status_code, decided.status_code, decided.json()["total"]) == (201, 201, 2)
    case = api.get(f"/spend/cases/{pair}").json()
    assert (case["case"]["state"], case["case"]["sequence"]) == ("abusive", 4)
    assert {one["state"] for one in case["alerts"]} == {"abusive"}
    assert len(case["history"]) == 4


def test_a_case_that_was_seen_otherwise_is_not_decided(api: httpx.Client, pair: str) -> None:
    """Catches: a decision on an alert that nobody has looked at."""
    part = act(api, pair, 0, "x", kind="comment", reason="mine")
    act(api, pair, 0, kind="assign", assignee="Grace")
    late = act(api, pair, 0, kind="decide", state="in_review")

    assert (part.status_code, late.status_code) == (409, 409)
    assert f"The case has the alerts {pair}x, {pair}y now" in part.json()["detail"]
    assert "made the entry assign" in late.json()["detail"]


def test_a_case_that_is_not_there_is_not_found(api: httpx.Client) -> None:
    for answer in (
        api.get("/spend/cases/nowhere"),
        act(api, "nowhere", 0, kind="comment", reason="x"),
    ):
        assert answer.status_code == 404
        assert "There is no case 'nowhere'" in answer.json()["detail"]
