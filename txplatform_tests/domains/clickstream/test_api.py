"""The API over a small shop: lists page, filters, totals that no limit changes, rules, status."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.queries.status import status
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.settings import Settings, load_settings
from txplatform_tests.domains.clickstream.shop import NOON, TERMS, HandMade, process
from txplatform_tests.serving.running import calling


@pytest.fixture(scope="module")
def api(
    settings: Settings, endpoints: embedded.Endpoints, kept_engine: Engine
) -> Iterator[httpx.Client]:
    """A client of the API over one hour of a shop."""
    log = HandMade()
    for number in range(30):
        kind = ("view", "add")[number % 2]
        log.add(0, number, number * 120, type=kind, session_id=f"s-{number % 7}")
    log.add(0, 900, 0, session_id="late", after=5_000)
    process(kept_engine, log, 10)
    platform = Platform(
        load_settings(
            state_dir=settings.state,
            mongo_uri=endpoints.mongo_uri,
            postgres_url=kept_engine.url.render_as_string(False),
        )
    )
    with calling(build(platform)) as client:
        yield client
    platform.close()


def test_pages_of_a_list_hold_every_row_once(api: httpx.Client) -> None:
    found, params = [], {"minutes": "1", "limit": "7"}
    while True:
        answer = api.get("/clickstream/windows", params=params).json()
        assert answer["total"] == 30
        found += [(row["window_start"], row["type"]) for row in answer["items"]]
        if answer["next_cursor"] is None:
            break
        params["cursor"] = answer["next_cursor"]

    assert len(found) == len(set(found)) == 30
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    ("path", "filters", "total"),
    [
        ("windows", {"minutes": "60"}, 2),
        ("windows", {"minutes": "60", "type": "add"}, 1),
        ("windows", {"minutes": 5, "is_final": True, "from": "2026-01-05T12:50:00Z"}, 2),
        ("windows", {"minutes": 5, "country": "DE"}, 0),
        ("carts", {}, 7),
        ("carts", {"status": "open"}, 7),
        ("carts", {"status": "purchased"}, 0),
        ("funnel", {}, 1),
        ("alerts", {"rule": "RATE", "is_active": True}, 0),
        ("late", {}, 2),
        ("rules", {}, 4),
    ],
)
def test_totals_follow_the_filters(
    api: httpx.Client, path: str, filters: dict[str, str], total: int
) -> None:
    answer = api.get(f"/clickstream/{path}", params={**filters, "limit": 1} if filters else {})

    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == total


def test_amounts_travel_as_text(api: httpx.Client) -> None:
    (row,) = api.get("/clickstream/windows", params={"minutes": 60, "type": "view"}).json()["items"]

    assert (row["amount"], row["n_events"], row["n_late"], row["revision"]) == ("160.00", 16, 1, 0)


@pytest.mark.parametrize(
    "params", [{"minutes": 7}, {"cursor": "none"}, {"from": "yesterday"}, {"limit": 0}]
)
def test_what_makes_no_sense_is_refused(api: httpx.Client, params: dict[str, str]) -> None:
    assert api.get("/clickstream/windows", params=params).status_code == 422


def test_a_rule_is_changed_from_the_watermark_on(api: httpx.Client) -> None:
    wanted = {"code": "RATE", "parameters": {"z": 5}, "valid_from": "2026-01-05T12:30:00Z"}
    assert api.post("/clickstream/rules", json=wanted).status_code == 409

    wanted["valid_from"] = "2026-01-05T13:30:00Z"
    answer = api.post("/clickstream/rules", json=wanted)
    assert (answer.status_code, answer.json()["version"]) == (201, 2)

    wanted["parameters"] = {"x": 5}
    assert api.post("/clickstream/rules", json=wanted).status_code == 422


def test_status_and_figures_say_that_nothing_is_lost(
    api: httpx.Client, kept_engine: Engine
) -> None:
    said = api.get("/clickstream/status").json()
    metrics = api.get("/metrics").text

    assert (said["read"], said["accepted"], said["late"], said["lost"]) == (31, 31, 1, 0)
    assert said["corrected"] == 2
    assert "txplatform_clickstream_lost_events 0.0" in metrics
    assert 'txplatform_clickstream_lines{outcome="late"} 1.0' in metrics
    now = status(kept_engine, TERMS.topic)
    assert now.watermark == NOON + timedelta(minutes=56)
    assert status(kept_engine, "another").state == "never"
