"""A controller's walk through three months of a real city's purchases, in a real browser.

Filter, drill down, alert, decide, see it in the history, export, reload: each figure is that of
the independently computed table, to the cent.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from pyspark.sql import SparkSession

from txplatform.domains.spend import alerting, computation, planning, publishing
from txplatform.domains.spend.sources import arrival
from txplatform.platform import Platform
from txplatform_tests.domains.spend.pages.office import office_of
from txplatform_tests.end_to_end.browser import (
    NEEDS_CHROMIUM,
    browsing,
    choose,
    figure,
    open_page,
)

FILE = "birmingham_2014_2018_delaware_columns.csv.gz"
ORACLE = "birmingham_2014_2018_weekly_oracle.csv.gz"
MONTHS = ("03/", "04/", "05/")
WEEK = date(2016, 5, 16)
HERE = f"from={WEEK}&to={WEEK}"

pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def city(
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    spark: SparkSession,
    shared_data: Path,
    tmp_path: Path,
) -> Iterator[Platform]:
    """Spring 2016 of the city, ingested and computed by the platform; the alerts of one week."""
    monkeypatch.setenv("TXPLATFORM_SPEND_LIMIT", "500")
    with office_of(platform, monkeypatch, "USD") as office:
        platform = office.platform
        arrival.take(platform, str(spring(shared_data / "spend" / FILE, tmp_path)), "delaware")
        publishing.note_changes(platform)
        weeks = planning.all_weeks(platform)
        rows = computation.compute(platform, lambda: spark, weeks)
        publishing.publish(platform.engine, rows, "run-1")
        (found,) = alerting.find(platform, spark, [WEEK])
        publishing.publish_alerts(platform.engine, found, "run-1")
        yield platform


def spring(published: Path, folder: Path) -> Path:
    """The rows of the published file with a date in these months of 2016."""
    part = folder / "birmingham.csv"
    with (
        gzip.open(published, "rt", encoding="utf-8", newline="") as rows,
        part.open("w", encoding="utf-8", newline="") as file,
    ):
        reader = csv.DictReader(rows)
        writer = csv.DictWriter(file, reader.fieldnames or ())
        writer.writeheader()
        for row in reader:
            day = row["TRANS_DT"]
            if day.startswith(MONTHS) and day.endswith("2016"):
                writer.writerow(row)
    return part


@pytest.fixture
def oracle(shared_data: Path) -> list[dict[str, str]]:
    """The week's rows as somebody else computed them."""
    with gzip.open(shared_data / "spend" / ORACLE, "rt", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["week_start"] == f"{WEEK}"]


def money(shown: str) -> Decimal:
    """An amount as the page writes it."""
    return Decimal(re.sub(r"[^0-9.-]", "", shown))


@pytest.mark.long
def test_from_a_real_weeks_total_to_a_decision(
    city: Platform, oracle: list[dict[str, str]]
) -> None:
    total = sum((Decimal(row["total_amount"]) for row in oracle), Decimal(0))
    largest = max(oracle, key=lambda row: Decimal(row["department_amount"]))
    with browsing(city.settings) as page:
        open_page(page, f"/spend?{HERE}")
        assert money(figure(page, "Total")) == total
        choose(page, "Department", largest["department"])
        expect(page).to_have_url(re.compile("department="))
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(
            re.compile(re.escape(f"{Decimal(largest['department_amount']):,}"))
        )
        drills_down(page, oracle)
        address, reason = decides(page)
        stays(page, address, reason)
        exports(page, total)


def drills_down(page: Page, oracle: list[dict[str, str]]) -> None:
    """A cell, its purchases, and the lines of the file that they come from."""
    page.get_by_text("Look into one of these numbers").click()
    page.get_by_role("link", name=re.compile(r" · .* · May 16, 2016")).first.click()
    expect(page.get_by_role("heading", name="Why this number")).to_be_visible()
    expect(page.get_by_role("cell", name="birmingham.csv").first).to_be_visible()
    asked = parse_qs(urlsplit(page.url).query)
    names = (*asked["department"], *asked["division"])
    (cell,) = (row for row in oracle if (row["department"], row["division"]) == names)
    assert money(figure(page, "Total")) == Decimal(cell["total_amount"])


def decides(page: Page) -> tuple[str, str]:
    """The riskiest split of the week is taken up; its address, and what was written."""
    open_page(page, f"/spend-alerts?{HERE}", "Alerts")
    choose(page, "Rule", "SPLIT")
    expect(page).to_have_url(re.compile("rule=SPLIT"))
    page.get_by_role("link", name=re.compile("^high: ")).first.click()
    expect(page.get_by_role("heading", name="Case")).to_be_visible()
    choose(page, "What", "take up (in review)")
    reason = "Asked for the invoices"
    page.get_by_label("Reason or comment").fill(reason)
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Written down")).to_be_visible()
    return page.url, reason


def stays(page: Page, address: str, reason: str) -> None:
    """Whoever opens the address later sees the entry, and the inbox counts it."""
    page.reload()
    expect(page.get_by_role("cell", name=reason)).to_be_visible()
    open_page(page, address)
    expect(page.get_by_role("cell", name=reason)).to_be_visible()
    open_page(page, f"/spend-alerts?{HERE}&state=in_review", "Alerts")
    assert figure(page, "Cases") == "1"


def exports(page: Page, total: Decimal) -> None:
    """The file of the table's week has the same total, to the cent."""
    open_page(page, f"/spend-departments?{HERE}")
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV").click()
    written = csv.DictReader(io.StringIO(Path(started.value.path()).read_text("utf-8")))
    assert sum(Decimal(row["total_amount"]) for row in written) == total
