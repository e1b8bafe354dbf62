"""A data engineer in a real browser: browses the lineage, launches weeks, sees them green.

Needs Debian's chromium; Playwright drives it and brings no browser of its own.
"""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from txplatform import embedded
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.orchestration.ui import free_port
from txplatform.settings import child_environment

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
WEEKS = "[2026-10-05...2026-10-19]"
START_SECONDS, PAGE_MS, GREEN_SECONDS = 180, 120_000, 180
ASSETS = ("source_files", "transactions", "weekly_aggregates", "weekly_transactions")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium (Debian: apt install chromium)")
Environment = dict[str, str]


@pytest.fixture(scope="module")
def environment(
    endpoints: embedded.Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """An installation of its own, with purchases ingested and nothing computed."""
    folder = tmp_path_factory.mktemp("browser")
    variables = child_environment(TXPLATFORM_STATE_DIR=str(folder / "state"))
    own = {name: value for name, value in variables.items() if not name.endswith(("_URI", "_URL"))}
    write_sample(folder / "purchases.csv", rows=1_000)
    assert endpoints  # the session's servers are of no use here, but show that servers can run
    txplatform(own, "up")
    txplatform(own, "ingest", str(folder / "purchases.csv"))
    return own


def txplatform(environment: Environment, *arguments: str) -> None:
    command = [sys.executable, "-m", "txplatform", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)


@pytest.fixture(scope="module")
def address(environment: Environment) -> Iterator[str]:
    """The UI that `txplatform up --ui` serves; everything is stopped at the end."""
    port = free_port(3300)
    command = [sys.executable, "-m", "txplatform", "up", "--ui", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = next(line for line in server.stdout if "Dagster's UI:" in line)
    yield line.split()[2]
    server.send_signal(signal.SIGINT)
    server.wait(60)
    server.stdout.close()
    txplatform(environment, "down")


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
    page.goto(f"{address}/asset-groups")
    for asset in ASSETS:
        expect(page.get_by_text(asset, exact=True).first).to_be_visible(timeout=PAGE_MS)

    page.get_by_role("button", name="Materialize all").first.click()
    page.get_by_role("dialog").locator("input[type=text]").first.fill(WEEKS)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Launch backfill").click()

    # Or four: the dialog begins with the open week chosen.
    assert until_green(lambda: materialized(page, address), GREEN_SECONDS) >= 3
    page.goto(f"{address}/assets/weekly_transactions?view=partitions&partition=2026-10-12")
    expect(page.get_by_text("Materialized", exact=True).first).to_be_visible(timeout=PAGE_MS)


def materialized(page: Page, address: str) -> int:
    """How many weeks of weekly_transactions Dagster calls materialised."""
    query = """{ assetNodeOrError(assetKey: {path: ["weekly_transactions"]}) {
        ... on AssetNode { partitionStats { numMaterialized numFailed } } } }"""
    answer = page.request.post(f"{address}/graphql", data={"query": query}).json()
    stats = answer["data"]["assetNodeOrError"]["partitionStats"]
    assert stats["numFailed"] == 0
    return int(stats["numMaterialized"])


def until_green(count: Callable[[], int], seconds: float, wanted: int = 3) -> int:
    """Ask until `wanted` weeks are there, at most `seconds`; the last answer."""
    deadline = time.monotonic() + seconds
    while (found := count()) < wanted and time.monotonic() < deadline:
        time.sleep(1)
    return found


def test_the_browser_is_debians() -> None:
    assert CHROMIUM is not None
    assert Path(CHROMIUM).is_file()
