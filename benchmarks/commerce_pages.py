"""Commerce's pages: what each takes of the server, and until its last chart stands in a browser."""

import argparse
import shutil
import statistics
import time
from collections.abc import Iterator
from typing import Any

import paging
from commerce_shop import installation, published, shop
from playwright.sync_api import Browser, sync_playwright

from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.pages import PAGES
from txplatform.platform import Platform
from txplatform.serving.dashboard import server as dashboard
from txplatform.serving.dashboard.links import address
from txplatform.settings import exported

ROUNDS = 10
LOCALES = ("en_US", "fr_FR")
POLL_MS = 25
Figures = dict[str, Any]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
DRAWN = """() => {
  const app = document.querySelector('[data-testid=stApp]')
  const every = name => [...document.querySelectorAll(`[data-testid=${name}]`)]
  return app?.dataset.testScriptState === 'notRunning' && document.querySelector('h1')
    && !every('stSkeleton').length
    && every('stVegaLiteChart').every(chart => chart.querySelector('canvas, svg.marks'))
}"""
"""The page's program is at its end, and each chart is drawn."""


def pages(options: argparse.Namespace, lines: int) -> Figures:
    """What each page takes of the server in both languages; the slowest, and the first of all."""
    with installation() as platform:
        form = _filled(platform, options, lines)
        with exported(TXPLATFORM_STATE_DIR=str(platform.settings.state)):
            first = paging.taken("commerce", "", "reader").wall
            taken = {
                (page.path, locale): [
                    paging.taken("commerce", page.path, "reader", locale) for _ in range(ROUNDS)
                ]
                for page in PAGES
                for locale in LOCALES
            }
    walls = {name: at(sorted(one.wall for one in times), 0.95) for name, times in taken.items()}
    cpus = {name: statistics.median(one.cpu for one in times) for name, times in taken.items()}
    slowest = max(walls, key=lambda name: walls[name])
    return {
        "layout": form,
        "pages": len(PAGES),
        "slowest": "/".join(slowest),
        "p95_ms": walls[slowest],
        "cpu_ms": max(cpus.values()),
        "first_ms": first,
    }


def browsed(options: argparse.Namespace, lines: int) -> Figures:
    """Seconds from the address to the last chart, for somebody new and for the same one again."""
    with installation() as platform:
        form = _filled(platform, options, lines)
        with (
            dashboard.started(platform.settings, dashboard.HOST, 8640) as (_, base),
            sync_playwright() as playwright,
        ):
            chromium = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            urls = {page.path or "home": address("commerce", page.path) for page in PAGES}
            cold, *_ = _visits(browser, f"{base}/{urls['home']}")
            taken = {name: [*_visits(browser, f"{base}/{url}")] for name, url in urls.items()}
            browser.close()
    figures: Figures = {"layout": form, "pages": len(PAGES), "first_of_all": cold}
    for visit, chosen in (("new", slice(1)), ("again", slice(1, None))):
        times = {name: statistics.median(visits[chosen]) for name, visits in taken.items()}
        slowest = max(times, key=times.__getitem__)
        figures |= {
            f"{visit}_median": statistics.median(times.values()),
            f"{visit}_slowest": slowest,
            f"{visit}_max": times[slowest],
        }
    return figures


def _visits(browser: Browser, url: str) -> Iterator[float]:
    """A page opened by a browser that has nothing of the dashboard, then three times again."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    for _ in range(4):
        page = context.new_page()
        began = time.monotonic()
        page.goto(url, wait_until="commit")
        page.wait_for_function(DRAWN, polling=POLL_MS)
        yield time.monotonic() - began
        page.close()
    context.close()


def _filled(platform: Platform, options: argparse.Namespace, lines: int) -> str:
    """Take a shop in and publish it; its layout."""
    files, form = shop(options, platform.settings.state, lines)
    refresh.ingest(platform, files, form)
    published(platform)
    return form


def at(ordered: list[float], share: float) -> float:
    """The value below which a share lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
