"""Each dashboard in a real browser: every chart drawn, nothing asked of elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import text

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


def chart_number(superset: Running, title: str) -> int:
    """The number of a chart in Superset by the beginning of its title."""
    [number] = [
        one["id"] for one in superset.client.all("chart") if one["slice_name"].startswith(title)
    ]
    return int(number)


def filters_of(visit: pages.Visit, chart: int) -> list[tuple[str, Any]]:
    """What a chart asked for only, as column and value."""
    return [(one["col"], one["val"]) for one in visit.queries[chart]["queries"][0]["filters"]]


def test_a_click_on_a_department_filters_the_other_charts(superset: Running, page: Page) -> None:
    pages.open_dashboard(page, "spend", 9)
    total, shares = (chart_number(superset, one) for one in ("Net total", "Share of each"))
    cell = pages.chart(page, chart_number(superset, "Departments and")).locator("tbody td").first
    department = cell.inner_text()

    with pages.visiting(page, charts=8) as visit:
        cell.click()

    assert len(visit.queries) == 8, "all but its own"
    assert filters_of(visit, total) == filters_of(visit, shares) == [("department", [department])]
    assert pages.figure(page, total) == shown_total(superset, department)
    assert pages.broken(page) == []


def shown_total(superset: Running, department: str) -> str:
    """What the table says of a department, as the page writes it."""
    query = text("SELECT sum(total_amount) FROM weekly_transactions WHERE department = :one")
    with superset.engine.connect() as connection:
        return f"{connection.execute(query, {'one': department}).scalar_one():,.2f}"


def test_a_filter_of_the_dashboard_reaches_every_chart_that_has_the_column(
    superset: Running, page: Page
) -> None:
    with superset.engine.connect() as connection:
        station = connection.execute(
            text("SELECT max(station) FROM air_quality.air_stations")
        ).scalar_one()
    pages.open_dashboard(page, "air", 9)

    with pages.visiting(page, charts=9) as visit:
        pages.choose(page, "NATIVE_FILTER-station", station)

    assert len(visit.queries) == 9
    assert all(("station", [station]) in filters_of(visit, one) for one in visit.queries)
    assert pages.broken(page) == []


def test_in_french_the_page_around_the_titles_is_french(page: Page) -> None:
    page.goto("/lang/fr")
    try:
        pages.open_dashboard(page, "customers", 17)
        assert page.get_by_text("Customers | Clients").first.is_visible()
        assert page.get_by_role("button", name="Appliquer les filtres").is_visible()
        assert pages.broken(page) == []
    finally:
        page.goto("/lang/en")


def bare(query: dict[str, Any]) -> dict[str, Any]:
    """A query without what the page adds to it."""
    return {key: one for key, one in query.items() if key not in ("url_params", "custom_params")}
