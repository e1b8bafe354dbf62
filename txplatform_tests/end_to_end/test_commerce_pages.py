"""An analyst in a real browser: every page of commerce over a small shop, to the cent."""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from txplatform.domains.commerce.pages import PAGES
from txplatform.embedded import Endpoints
from txplatform.platform import Platform
from txplatform.serving.dashboard import texts
from txplatform.serving.dashboard.links import address
from txplatform_tests.cli.commands import variables_of
from txplatform_tests.domains.commerce import small_shop
from txplatform_tests.end_to_end.browser import (
    NEEDS_CHROMIUM,
    browsing,
    choose,
    figure,
    open_from_menu,
    open_page,
)
from txplatform_tests.end_to_end.test_dashboard import OF_STREAMLIT, cut_tables, serious_findings

pytestmark = NEEDS_CHROMIUM
ENGLISH = texts.catalogue("en", "commerce")


@pytest.fixture
def page(
    platform: Platform,
    endpoints: Endpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """A browser at the dashboard of the shop."""
    small_shop.filled(platform, tmp_path)
    for name, value in variables_of(platform, endpoints.dagster_postgres_url).items():
        monkeypatch.setenv(name, value)
    with browsing(platform.settings) as page:
        yield page


@pytest.mark.long
def test_an_analyst_finds_every_page_and_takes_the_customers_along(page: Page) -> None:
    for one in PAGES:
        opens(page, one.path, ENGLISH[one.title])
    open_from_menu(page, "Commerce", "Customers")
    choose(page, "Country", "Spain")
    expect(page).to_have_url(re.compile("country=Spain"))
    expect(page.get_by_text("Rows shown: 4 of 4")).to_be_visible()
    lines = [line for line in small_shop.sold() if line.country == "Spain"]
    net = small_shop.totals(named)
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(started.value.path()).read_text("utf-8"))))
    assert {row["customer_id"] for row in rows} == set(map(named, lines))
    assert all(Decimal(row["net_amount"]) == net[row["customer_id"]] for row in rows)


def named(line: small_shop.Sold) -> str:
    """The customer of a line, as gold names nobody in particular."""
    return line.customer or "(anonymous)"


def opens(page: Page, path: str, title: str) -> None:
    """A page is drawn to its end, nothing of it is cut, and axe finds nothing serious."""
    open_page(page, f"/{address('commerce', path)}", title)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert cut_tables(page) == []
    found = serious_findings(page, title)
    assert {name: nodes for name, nodes in found.items() if name[1] not in OF_STREAMLIT} == {}
    if not path:
        shown = figure(page, "Net amount")
        assert shown == f"£{small_shop.total(small_shop.sold()):,.2f}"
