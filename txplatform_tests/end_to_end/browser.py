"""A real browser at a running dashboard, and what a reader does in it.

Needs Debian's chromium; Playwright drives it and brings no browser of its own.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Dialog, Page, expect, sync_playwright

from txplatform.serving.dashboard import server as dashboard
from txplatform.settings import Settings

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PAGE_MS = 60_000
expect.set_options(timeout=PAGE_MS)
NEEDS_CHROMIUM = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium (Debian: apt install chromium)"
)


@contextmanager
def browsing(settings: Settings) -> Iterator[Page]:
    """A browser at a dashboard of its own; a script that pops up fails the test."""
    with (
        dashboard.started(settings, dashboard.HOST, 8610) as (_, address),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            base_url=address, locale="en-US", viewport={"width": 1280, "height": 900}
        )
        page = context.new_page()
        page.set_default_timeout(PAGE_MS)
        popped_up: list[Dialog] = []
        page.on("dialog", lambda dialog: popped_up.append(dialog))  # noqa: PLW0108 - needs a function
        yield page
        browser.close()
        assert popped_up == []


def open_page(page: Page, address: str, title: str = "") -> None:
    """Open an address and wait until its page is drawn to the end."""
    page.goto(address)
    heading = page.get_by_role("heading", level=1, name=title or None)
    expect(heading).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("The address of this page reproduces")).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PAGE_MS)


def open_from_menu(page: Page, section: str, title: str) -> None:
    """Choose a page in a section of the menu."""
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def figure(page: Page, label: str) -> str:
    """The value of a figure."""
    metric = page.get_by_test_id("stMetric").filter(has_text=label).first
    return metric.get_by_test_id("stMetricValue").inner_text()


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a select box with the keyboard, as somebody without a mouse does."""
    box = page.get_by_role("combobox", name=re.compile(label))
    box.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(option)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    page.keyboard.press("Enter")
