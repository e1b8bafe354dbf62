"""A data engineer in a real browser: browses the lineage, launches weeks, sees them green.

Needs Debian's chromium; Playwright drives it and brings no browser of its own.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from txplatform.periods import WEEK, monday_of

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
OPEN_WEEK = monday_of(datetime.now(UTC).date())
FIRST, MIDDLE, LAST = (OPEN_WEEK - back * WEEK for back in (20, 19, 18))
"""Weeks from before the 90 days with which Dagster's dialog begins."""
PAGE_MS, GREEN_SECONDS = 120_000, 180
GROUP = "/locations/__repository__@txplatform.definitions/asset-groups/spend/lineage"
ASSETS = ("source_files", "transactions", "weekly_aggregates", "weekly_transactions")

expect.set_options(timeout=PAGE_MS)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium (Debian: apt install chromium)")


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A page of a real browser whose first-run dialog is out of the way."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1800, "height": 900})
        page.set_default_timeout(PAGE_MS)
        page.goto(address)
        page.request.post(f"{address}/graphql", data={"query": "mutation { setNuxSeen }"})
        yield page
        browser.close()


def test_weeks_are_launched_in_the_browser_and_turn_green(address: str, page: Page) -> None:
    before = materialized(page, address)
    page.goto(f"{address}{GROUP}")
    for asset in ASSETS:
        expect(page.get_by_text(asset, exact=True).first).to_be_visible(timeout=PAGE_MS)

    page.get_by_role("button", name="Materialize all").first.click()
    page.get_by_text("Show all partitions").click()
    page.get_by_role("dialog").locator("input[type=text]").first.fill(f"[{FIRST}...{LAST}]")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Launch backfill").click()

    # Or four: the dialog begins with the open week chosen.
    wanted = before + 3
    assert until_green(lambda: materialized(page, address), GREEN_SECONDS, wanted) >= wanted
    page.goto(f"{address}/assets/weekly_transactions?view=partitions&partition={MIDDLE}")
    expect(page.get_by_text("Materialized", exact=True).first).to_be_visible(timeout=PAGE_MS)


def materialized(page: Page, address: str) -> int:
    """How many weeks of weekly_transactions Dagster calls materialised."""
    query = """{ assetNodeOrError(assetKey: {path: ["weekly_transactions"]}) {
        ... on AssetNode { partitionStats { numMaterialized numFailed } } } }"""
    answer = page.request.post(f"{address}/graphql", data={"query": query}).json()
    stats = answer["data"]["assetNodeOrError"]["partitionStats"]
    assert stats["numFailed"] == 0
    return int(stats["numMaterialized"])


def until_green(count: Callable[[], int], seconds: float, wanted: int) -> int:
    """Ask until `wanted` weeks are there, at most `seconds`; the last answer."""
    deadline = time.monotonic() + seconds
    while (found := count()) < wanted and time.monotonic() < deadline:
        time.sleep(1)
    return found


def test_the_browser_is_debians() -> None:
    assert CHROMIUM is not None
    assert Path(CHROMIUM).is_file()
