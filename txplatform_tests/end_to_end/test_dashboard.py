"""A controller in a real browser: filter, drill down, alert, decide, history, export, reload.

The purchases are few and hostile; `test_dashboard_walk.py` walks a real city's.
"""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Download, Page, expect

from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, weekly_page
from txplatform.platform import Platform
from txplatform_tests.domains.spend.pages.office import LAST, Office, office_of
from txplatform_tests.end_to_end.browser import (
    NEEDS_CHROMIUM,
    browsing,
    choose,
    figure,
    open_from_menu,
    open_page,
)

WEEK = f"from={LAST}&to={LAST}"
PAGES = {
    "": "What is here",
    "spend": "Overview",
    "spend-departments": "Departments and divisions",
    "spend-alerts": "Alerts",
    "spend-why": "Why this number",
    "spend-health": "Data health",
}
SERIOUS = ("serious", "critical")
OF_STREAMLIT = {
    "aria-allowed-attr": "aria-expanded on the section of the sidebar, which Streamlit draws",
    "scrollable-region-focusable": "the frame of a wide table; browsers let the keyboard scroll it",
}
"""Findings of axe in what Streamlit draws itself, each with the reason why it is not ours."""

pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def office(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office with purchases, weeks and alerts."""
    with office_of(platform, monkeypatch) as office:
        office.fill()
        yield office


@pytest.fixture
def page(office: Office) -> Iterator[Page]:
    """A browser at the dashboard of the office."""
    with browsing(office.platform.settings) as page:
        yield page


def test_from_a_number_to_a_decision_and_its_export(page: Page, office: Office) -> None:
    open_page(page, f"/spend?{WEEK}")
    total = figure(page, "Total")
    choose(page, "Department", "Roads")
    expect(page).to_have_url(re.compile("department=Roads"))
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("€680.25")

    page.get_by_text("Look into one of these numbers").click()
    page.get_by_role("link", name="Roads · Bridges · Nov 9, 2026").click()
    expect(page.get_by_role("heading", name="Why this number")).to_be_visible()
    expect(page.get_by_role("cell", name="a.csv").first).to_be_visible()
    expect(page.get_by_role("cell", name="5", exact=True).first).to_be_visible()

    open_from_menu(page, "Spend", "Alerts")
    page.get_by_role("link", name=re.compile("^high: ")).click()
    choose(page, "What", "take up (in review)")
    page.get_by_label("Reason or comment").fill("Asked <b>Bob</b> for the $contract$")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Written down")).to_be_visible()
    page.reload()
    expect(page.get_by_role("cell", name="Asked <b>Bob</b> for the $contract$")).to_be_visible()
    assert "alert=split" in page.url
    goes_back(page)

    open_page(page, f"/spend-departments?{WEEK}")
    assert cut_tables(page) == []
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV").click()
    assert_same_total(office, total, started.value)


def goes_back(page: Page) -> None:
    """The menu leads from a case to the inbox, the browser's way back from it too."""
    open_from_menu(page, "Spend", "Alerts")
    expect(page).to_have_url(re.compile(r"/spend-alerts\?.*department=Roads"))
    page.get_by_role("link", name=re.compile("^high: ")).click()
    expect(page.get_by_role("heading", level=1, name="Case")).to_be_visible()
    expect(page).to_have_url(re.compile("alert=split"))
    inbox = page.get_by_role("heading", level=1, name="Alerts")
    for _ in range(3):  # a link is a step of Streamlit's and one of ours, each once it is drawn
        page.wait_for_timeout(1_500)
        page.go_back()
        page.wait_for_timeout(1_500)
        if inbox.is_visible():
            break
    expect(inbox).to_be_visible()


def cut_tables(page: Page) -> list[str]:
    """The headings of tables that are wider than the page gives them room for."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stTable] > div')]
            .filter(frame => frame.scrollWidth > frame.clientWidth + 1)
            .map(frame => frame.querySelector('thead').innerText)"""
    )
    return found


def assert_same_total(office: Office, shown: str, download: Download) -> None:
    """Page, API's query and export say the same, to the cent."""
    rows = weekly_page(office.platform.engine, WeeklyFilter(LAST, LAST)).rows
    stored = sum(rows["total_amount"].to_pylist())
    written = csv.DictReader(io.StringIO(Path(download.path()).read_text("utf-8")))

    assert Decimal(shown.replace("€", "")) == stored == Decimal("710.28")
    assert sum(Decimal(row["total_amount"]) for row in written) == stored


@pytest.mark.usefixtures("office")
def test_axe_finds_nothing_serious_on_any_page(page: Page) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for path, title in PAGES.items():
        open_page(page, f"/{path}?{WEEK}&department=Parks", title)
        found |= serious_findings(page, title)
    open_page(page, "/spend-case?alert=split", "Case")
    found |= serious_findings(page, "Case")
    for shown in ("second_looks", "quality", "spellings"):
        open_page(page, f"/spend-alerts?{WEEK}&list={shown}", "Alerts")
        found |= serious_findings(page, shown)

    assert {name: nodes for name, nodes in found.items() if name[1] not in OF_STREAMLIT} == {}


def serious_findings(page: Page, title: str) -> dict[tuple[str, str], list[str]]:
    """What axe calls serious or critical, by page and rule: the elements."""
    violations = Axe().run(page).response["violations"]
    return {
        (title, one["id"]): [node["html"][:200] for node in one["nodes"]]
        for one in violations
        if one["impact"] in SERIOUS
    }
