"""Deciding through the API: the same laws as in `decisions`, told as problems."""

from typing import Any

import httpx
import pytest

from txplatform.platform import Platform
from txplatform_tests.domains.spend.alert_rows import raise_alerts


@pytest.fixture
def alert(served: Platform, request: pytest.FixtureRequest) -> str:
    """A fresh alert of the test's own."""
    name = f"{abs(hash(request.node.nodeid)):x}"
    raise_alerts(served.engine, f"alert_id | risk\n{name} | 0.1")
    return name


def act(api: httpx.Client, alert: str, sequence: int, **what: Any) -> httpx.Response:
    """Write an entry on an alert."""
    return api.post(f"/spend/alerts/{alert}/decisions", json={"sequence": sequence, **what})


def test_an_alert_is_decided_and_its_history_says_so(api: httpx.Client, alert: str) -> None:
    taken = act(api, alert, 0, kind="decide", state="in_review")
    decided = act(api, alert, 1, kind="decide", state="abusive", reason="the sum was split")

    assert (taken.status_code, decided.status_code) == (201, 201)
    assert decided.json()["decided_by"] == "local controller", "the name of the setting"
    history = api.get(f"/spend/alerts/{alert}/decisions").json()["items"]
    assert [(one["state"], one["reason"]) for one in history] == [
        ("in_review", None),
        ("abusive", "the sum was split"),
    ]
    assert api.get(f"/spend/alerts/{alert}").json()["alert"]["state"] == "abusive"


def test_each_kind_of_entry_can_be_made(api: httpx.Client, alert: str) -> None:
    acts: list[dict[str, Any]] = [
        {"kind": "assign", "assignee": "Grace"},
        {"kind": "comment", "reason": "ask them"},
        {"kind": "decide", "state": "in_review"},
        {"kind": "undo", "reason": "too early"},
    ]
    for sequence, what in enumerate(acts):
        assert act(api, alert, sequence, **what).status_code == 201

    assert api.get("/spend/alerts", params={"assignee": "Grace"}).json()["total"] >= 1


def test_the_second_of_two_is_told_who_did_what(api: httpx.Client, alert: str) -> None:
    act(api, alert, 0, kind="assign", assignee="Grace")

    late = act(api, alert, 0, kind="decide", state="in_review")

    assert late.status_code == 409
    assert "local controller made the entry assign (open)" in late.json()["detail"]
    assert api.get(f"/spend/alerts/{alert}/decisions").json()["total"] == 1


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"kind": "decide"}, "To decide, say where to: state."),
        ({"kind": "decide", "state": "abusive", "reason": "x"}, "is open and cannot become"),
        ({"kind": "comment"}, "The comment is missing"),
        ({"kind": "comment", "reason": "a\u0000b"}, "control characters"),
        ({"kind": "undo", "reason": "x"}, "Nothing is left to undo"),
        ({"kind": "second_look", "state": "dismissed", "reason": "x"}, "not dismissed"),
        ({"kind": "second_look", "reason": "x"}, "To second look, say where to"),
        ({"kind": "delete"}, "body.kind"),
        ({"kind": "comment", "reason": "x" * 4_001}, "4000 characters"),
    ],
)
def test_what_is_not_legal_is_a_problem(
    api: httpx.Client, alert: str, what: dict[str, Any], said: str
) -> None:
    refused = act(api, alert, 0, **what)

    assert refused.status_code == 422
    assert said in str(refused.json())


def test_half_a_character_is_refused_and_not_repeated(api: httpx.Client, alert: str) -> None:
    """Catches: an error message that repeats what cannot be encoded, and fails with 500."""
    body = b'{"kind": "comment", "reason": "\\ud800", "sequence": 0}'
    headers = {"Content-Type": "application/json"}

    answer = api.post(f"/spend/alerts/{alert}/decisions", content=body, headers=headers)

    assert answer.status_code == 422


def test_many_are_decided_all_or_nothing(api: httpx.Client, served: Platform, alert: str) -> None:
    raise_alerts(served.engine, f"alert_id | risk\n{alert}2 | 0.1")
    both = [{"alert_id": one, "sequence": 0} for one in (alert, f"{alert}2")]
    body = {"kind": "assign", "assignee": "Ada", "alerts": both}

    done, again = api.post("/spend/decisions", json=body), api.post("/spend/decisions", json=body)

    assert (done.status_code, done.json()["total"]) == (201, 2)
    assert again.status_code == 409
    assert again.json()["detail"].count("changed:") == 2


def test_an_alert_that_is_not_there_is_not_found(api: httpx.Client) -> None:
    for answer in (
        api.get("/spend/alerts/nowhere"),
        api.get("/spend/alerts/nowhere/decisions"),
        act(api, "nowhere", 0, kind="comment", reason="x"),
    ):
        assert answer.status_code == 404
        assert "There is no alert 'nowhere'" in answer.json()["detail"]


def test_a_case_has_all_its_parts(api: httpx.Client) -> None:
    case = api.get("/spend/alerts/a").json()

    assert case["alert"]["transaction_ids"] == ["t-a"]
    assert case["alert"]["evidence"] == {"total": "1420.00"}
    assert set(case) >= {"history", "overlapping", "similar", "merchant_alerts", "division_weeks"}
    week = api.get("/openapi.json").json()["components"]["schemas"]["DivisionWeek"]
    assert "is_open" in week["required"]


def test_a_fresh_week_is_signed_off_once(api: httpx.Client) -> None:
    body = {"week_start": "2026-11-09", "note": "seen"}

    done, again = api.post("/spend/sign-offs", json=body), api.post("/spend/sign-offs", json=body)

    assert done.status_code == 201
    assert done.json()["week_amount"] == "9999999999999999.30"
    assert again.status_code == 409
    week = api.get("/spend/weeks").json()["items"][0]
    assert (week["signed_by"], week["signed_difference"]) == ("local controller", "0.00")


def test_a_stale_week_is_not_signed_off(api: httpx.Client) -> None:
    refused = api.post("/spend/sign-offs", json={"week_start": "2026-11-16"})

    assert refused.status_code == 422
    assert "txplatform spend run --week 2026-11-16" in refused.json()["detail"]


def test_counts_spread_over_rules_and_states(api: httpx.Client) -> None:
    counts = api.get("/spend/alert-counts", params={"rule": "ROUND"}).json()

    assert counts["total"] == 1
    assert counts["by_rule"]["SPLIT"] >= 2
