"""Down from a number: departments, the table, its purchases, what it was; names shown as text."""

import csv
import io
from datetime import date
from decimal import Decimal
from functools import partial

import openpyxl
from streamlit.testing.v1 import AppTest

from txplatform.connectors import exports
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.scope import inside
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.purchases import PurchaseFilter, purchase_page
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.queries.weekly_table import weekly_page, weekly_rows
from txplatform.serving.paging import every_row
from txplatform_tests.domains.spend.pages.office import LAST, Office
from txplatform_tests.serving.pages import figures, said, tables_of

SECOND = {"from_": "2026-11-09", "to": "2026-11-09"}
PAGES = ("", "departments", "alerts", "why", "health")
NAMES = ("<script>alert(1)</script>", "'; DROP TABLE alerts; --")


def test_the_table_on_the_page_is_the_table(office: Office) -> None:
    office.fill()

    shown = tables_of(office.page("departments", **SECOND))[0]

    rows = weekly_rows(office.platform.engine, LAST, LAST).to_pylist()
    assert shown["Division"] == [row["division"] for row in rows]
    assert shown["Net total"] == [f"{row['total_amount']:,}" for row in rows]
    shares = [row["division_share_of_week"] * 100 for row in rows]
    assert shown["Share of week"] == [f"{share.quantize(Decimal('0.1'))}%" for share in shares]


def test_a_search_finds_divisions_by_a_part_of_their_name(office: Office) -> None:
    office.fill()

    found = office.page("departments", **SECOND, search="drop TABLE")
    missed = office.page("departments", **SECOND, search="100%_")

    assert tables_of(found)[0]["Division"] == [NAMES[1]]
    assert "No division of these weeks" in said(missed)


def test_a_cell_leads_to_its_purchases_and_their_lines(office: Office) -> None:
    office.fill()

    page = office.page("why", **SECOND, department="Roads", division="Bridges")

    assert figures(page)["Net total"] == "€700.30"
    assert figures(page)["Department, week before"] == "€1,500.25"
    origin, purchases = tables_of(page)
    assert (origin["Run"], origin["Week is"]) == (["run-1"], ["up to date"])
    assert purchases["Amount"] == ["€400.10", "€300.20"]
    assert (purchases["File"], purchases["Line"]) == (["a.csv"] * 2, ["4", "5"])
    assert "It has said the same since it was first computed." in said(page)


def test_a_cell_tells_what_it_said_before(office: Office) -> None:
    office.fill()
    office.platform.database["transactions"].delete_one({"_id": "p4"})
    office.note()
    office.compute()

    page = office.page("why", **SECOND, department="Roads", division="Bridges")

    assert tables_of(page)[0]["Net total"] == ["€700.30", "€400.10"]


def test_a_cell_that_is_gone_says_so(office: Office) -> None:
    office.fill()

    page = office.page(
        "why", from_="2026-10-05", to="2026-10-05", department="Roads", division="Bridges"
    )

    assert "The table has no row" in said(page)


def test_the_health_page_says_that_table_and_purchases_agree(office: Office) -> None:
    office.fill()

    page = office.page("health")

    assert "agree to the cent: €2,210.53 in 7 purchases" in said(page)
    assert figures(page)["Weeks up to date"] == "2"


def test_amounts_in_a_sentence_are_no_formula(office: Office) -> None:
    """Catches: two dollar signs in a line, which Markdown takes for mathematics."""
    office.fill()
    office.platform.database["transactions"].delete_one({"_id": "p4"})
    office.note()

    [told] = office.page("health").error

    assert r"€2\,210\.53" in told.value
    assert r"€1\,910\.33" in told.value


def test_names_of_any_kind_live_on_every_page_in_both_languages(office: Office) -> None:
    """Catches: a name that is read as HTML, as Markdown or as SQL."""
    office.fill()

    for path in PAGES:
        page = office.page(path, **SECOND, department="Parks", lang="fr_FR")

        assert not page.error
        assert page.sidebar.selectbox(key="view.department").label == "Direction"
        assert set(NAMES) <= set(page.sidebar.selectbox(key="view.division").options)
        for html in page.get("html"):
            assert not any(name in str(html.proto) for name in NAMES)


def test_an_export_has_every_digit_and_no_formula(office: Office) -> None:
    office.fill()
    reader = SpendReader(office.platform, "Ada", "reader", "en", "spend", "EUR")
    wanted, of_parks = inside(Scope(LAST, LAST)), PurchaseFilter(LAST, "Parks")
    rows = every_row(partial(weekly_page, reader.engine, wanted))
    purchases = every_row(partial(purchase_page, office.platform.database, of_parks))

    written = list(csv.DictReader(io.StringIO(exports.as_bytes(rows, "csv").decode())))
    sheet = openpyxl.load_workbook(io.BytesIO(exports.as_bytes(rows, "xlsx"))).active
    merchants = list(csv.DictReader(io.StringIO(exports.as_bytes(purchases, "csv").decode())))

    total = sum(Decimal(row["total_amount"]) for row in written)
    assert total == trends.sums(office.platform.engine, Scope(LAST, LAST)).total_amount
    assert sheet is not None
    assert sheet.max_row == len(written) + 1 == 5
    assert [row["merchant"] for row in merchants] == ["'=1+1", ":red[x]"]


def test_a_view_of_too_many_rows_has_no_file_and_says_what_to_do(
    office: Office,
) -> None:
    reader = SpendReader(office.platform, "Ada", "reader", "en", "spend", "EUR")

    few, many = (
        AppTest.from_function(_export, args=(reader, count)).run() for count in (100_000, 100_001)
    )

    assert len(few.get("download_button")) == 2
    assert not many.get("download_button")
    assert "100,001 rows are too many for a file made here (100,000 at most)" in said(many)


def _export(reader: "SpendReader", count: int) -> None:
    """What AppTest runs, on its own."""
    from txplatform.serving.dashboard import blocks

    blocks.export_buttons(reader, "rows", count, lambda: None)


def test_weeks_that_lie_a_year_apart_meet_monday_to_monday() -> None:
    scope = Scope(date(2026, 11, 9), date(2026, 11, 16))

    assert scope.shifted(trends.YEAR).first == date(2025, 11, 10)
    assert scope.before() == Scope(date(2026, 10, 26), date(2026, 11, 2))
