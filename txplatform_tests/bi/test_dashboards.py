"""Each dashboard in a real browser: every chart drawn, nothing asked of elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from txplatform.bi import assets
from txplatform.bi.documents import differences
from txplatform.bi.server import ADMIN, Superset
from txplatform_tests.bi import pages
from txplatform_tests.bi.superset import Running
from txplatform_tests.end_to_end.browser import NEEDS_CHROMIUM

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900), NEEDS_CHROMIUM]

DOCUMENTS = assets.read()
DASHBOARDS = [one for one in DOCUMENTS.values() if one["kind"] == "dashboards"]


@pytest.fixture(scope="module")
def page(superset: Running) -> Iterator[Page]:
    """A browser in which the administrator is logged in."""
    password = Superset(superset.settings).password_file.read_text(encoding="utf-8")
    with pages.browsing(superset.address, ADMIN, password) as opened:
        yield opened


def charts_of(dashboard: dict[str, Any]) -> set[str]:
    """The uuids of a dashboard's charts."""
    places = dashboard["position"].values()
    return {one["meta"]["uuid"] for one in places
            if isinstance(one, dict) and one["type"] == "CHART"}  # fmt: skip


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one["slug"])
def test_every_chart_is_drawn_from_the_query_that_is_kept_and_nothing_comes_from_outside(
    superset: Running, page: Page, dashboard: dict[str, Any]
) -> None:
    charts = charts_of(dashboard)
    uuids = {one["id"]: one["uuid"] for one in superset.client.all("chart")}

    visit = pages.open_dashboard(page, dashboard["slug"], len(charts))

    pages.picture(page, superset.settings.state / f"{dashboard['slug']}.png")
    assert visit.outside == set()
    assert visit.refused == []
    assert pages.broken(page) == []
    assert {uuids[number] for number in visit.queries} == charts
    for number, asked in visit.queries.items():
        kept = DOCUMENTS[uuids[number]]["query_context"]["queries"]
        pairs = zip(kept, asked["queries"], strict=True)
        assert [line for one, query in pairs for line in differences(one, bare(query))] == []


def bare(query: dict[str, Any]) -> dict[str, Any]:
    """A query without what the page adds to it."""
    return {key: one for key, one in query.items() if key not in ("url_params", "custom_params")}
