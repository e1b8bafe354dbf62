"""A real browser at Superset: it logs in, opens dashboards to their end, notes what was asked."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Request, Response, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from txplatform_tests.end_to_end.browser import CHROMIUM, FLAGS

CHART_DATA = "/api/v1/chart/data"
DRAWN_MS, LOGIN_MS, POLL_MS = 120_000, 40_000, 200
STOPPED = "csp"
"""What Chromium says of a request that a content policy forbids: nothing leaves the machine."""

LOADING = "[data-test='loading-indicator'], .loading, [aria-label='Loading']"
BROKEN = "[data-test='error-alert'], .ant-alert-error, .error-boundary"


@dataclass
class Visit:
    """What a dashboard asked for while it was drawn."""

    asked: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    queries: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    @property
    def outside(self) -> set[str]:
        """Hosts beyond this machine that were asked, and not stopped by the pages' policy."""
        sent = set(self.asked) - set(self.stopped)
        hosts = {urlsplit(url).hostname for url in sent if url.startswith("http")}
        return {host for host in hosts if host and host != "127.0.0.1"}

    def failed(self, request: Request) -> None:
        """Remember what the browser did not send because the page's policy forbids it."""
        if request.failure == STOPPED:
            self.stopped.append(request.url)

    def note(self, request: Request) -> None:
        """Remember an address, and what a chart asks of its table."""
        self.asked.append(request.url)
        if CHART_DATA in request.url and request.method == "POST":
            body: dict[str, Any] = json.loads(request.post_data or "{}")
            if chart := body["form_data"].get("slice_id"):  # a filter asks for its values, too
                self.queries[int(chart)] = body

    def answer(self, response: Response) -> None:
        """Remember what was refused."""
        if response.status >= 400:
            self.refused.append(f"{response.status} {response.url}")


@contextmanager
def browsing(address: str, user: str, password: str) -> Iterator[Page]:
    """A browser in which somebody is logged in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            base_url=address, locale="en-US", viewport={"width": 1600, "height": 1000}
        )
        page = context.new_page()
        page.set_default_timeout(DRAWN_MS)
        _log_in(page, user, password)
        yield page
        browser.close()


def _log_in(page: Page, user: str, password: str, tries: int = 3) -> None:
    """Fill in the form, anew where it was still being set up and forgot what was written."""
    page.goto("/login/", wait_until="networkidle")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    try:
        page.wait_for_url("**/welcome/", wait_until="commit", timeout=LOGIN_MS)
    except TooLate:
        if tries == 1:
            raise
        _log_in(page, user, password, tries - 1)


@contextmanager
def visiting(page: Page, charts: int) -> Iterator[Visit]:
    """Note what is asked for until so many charts have asked, have their answers and are drawn."""
    visit = Visit()
    listeners = {"request": visit.note, "response": visit.answer, "requestfailed": visit.failed}
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    yield visit
    deadline = time.monotonic() + DRAWN_MS / 1000
    while len(visit.queries) < charts and time.monotonic() < deadline:
        page.wait_for_timeout(POLL_MS)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(f"() => !document.querySelector(`{LOADING}`)")
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


def open_dashboard(page: Page, slug: str, charts: int) -> Visit:
    """Open a dashboard and see every chart of it drawn."""
    # Charts are asked for when they come into sight: so all of them are in sight.
    page.set_viewport_size({"width": 1600, "height": 4200})
    with visiting(page, charts) as visit:
        page.goto(f"/superset/dashboard/{slug}/")
    return visit


def chart(page: Page, number: int) -> Locator:
    """A chart of the dashboard that is open."""
    return page.locator(f"[data-test-chart-id='{number}']")


def figure(page: Page, number: int) -> str:
    """What a chart of one number shows."""
    return chart(page, number).locator(".header-line").inner_text().strip()


def choose(page: Page, name: str, value: str) -> None:
    """Choose a value in a filter of the dashboard, by its id, and apply it."""
    page.locator(f"input#{name}").click()
    page.locator(f".ant-select-item-option[title='{value}']").click()
    page.locator("[data-test='filter-bar__apply-button']").click()


def broken(page: Page) -> list[str]:
    """What charts say that could not be drawn."""
    return page.locator(BROKEN).all_inner_texts()


def picture(page: Page, file: Path) -> None:
    """The dashboard as it is seen."""
    page.screenshot(path=file)  # not the full page: charts that are out of sight are not drawn
