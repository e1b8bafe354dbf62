"""Overview: figures, evolution, movements with their reason, and the states of the weeks."""

import json

import pytest

from txplatform_tests.domains.spend.pages.office import FIRST, PURCHASES, Office
from txplatform_tests.serving.pages import figures, said, tables_of

BOTH = {"from_": "2026-11-02", "to": "2026-11-09"}
SECOND = {"from_": "2026-11-09", "to": "2026-11-09"}


def test_the_figures_of_a_week_beside_those_of_the_week_before(office: Office) -> None:
    office.fill()

    page = office.page(**SECOND)

    assert figures(page) == {
        "Total": "€710.28",
        "Refunds": "-€20.05",
        "Purchases": "5",
        "Against the week before": "-52.7%",
        "Against the week a year before": "\N{EN DASH}",
        "Open cases": "2",
    }


def test_weeks_that_begin_before_the_data_are_not_compared(office: Office) -> None:
    """Catches: an evolution against weeks of which the first ones are not there."""
    office.fill()

    page = office.page(from_="2026-11-09", to="2026-11-23")

    assert figures(page)["Against the 3 weeks before"] == "\N{EN DASH}"
    assert "what moved is not comparable" in said(page)


def test_a_department_and_a_division_narrow_the_figures(office: Office) -> None:
    office.fill()

    page = office.page(**SECOND, department="Roads", division="Tunnels")

    shown = figures(page)
    assert (shown["Total"], shown["Refunds"], shown["Purchases"]) == ("-€20.05", "-€20.05", "1")
    assert shown["Open cases"] == "1"


def test_an_empty_table_says_what_fills_it(office: Office) -> None:
    page = office.page()

    assert "no week has been computed" in said(page)
    assert not page.metric


def test_weeks_without_purchases_are_empty_not_replaced_by_others(office: Office) -> None:
    """Catches: a link to a week that the table lacks shows another week's figures."""
    office.fill()

    page = office.page(from_="2026-08-03", to="2026-08-03")

    assert page.query_params["from"] == ["2026-08-03"]
    assert figures(page)["Total"] == "€0.00"
    assert "No purchase in these weeks" in said(page)


def test_a_stale_and_an_uncomputed_week_say_so(office: Office) -> None:
    office.buy(PURCHASES)
    office.compute([FIRST])
    partial = said(office.page(**BOTH))

    office.compute()
    office.platform.database["transactions"].delete_one({"_id": "p1"})
    office.note()
    stale = said(office.page(**BOTH))

    assert "Weeks that were never computed: 1. Their purchases are not in these figures" in partial
    assert "Weeks that changed since they were computed: 2." in stale


def test_the_largest_movements_come_with_a_reason(office: Office) -> None:
    office.fill()

    movements = tables_of(office.page(**SECOND))[1]

    assert movements["Division"] == [
        "Tunnels",
        "Bridges",
        "'; DROP TABLE alerts; --",
        "<script>alert(1)</script>",
    ]
    assert movements["Moved by"] == ["-€520.30", "-€299.70", "+€20.02", "+€10.01"]
    assert movements["Why"] == [
        "Cheaper purchases: €0.00 on average instead of €500.25",
        "Cheaper purchases: €350.15 on average instead of €1,000.00",
        "First purchases: 1, none before",
        "First purchases: 1, none before",
    ]


@pytest.mark.parametrize(
    ("locale", "total", "title"),
    [("fr_FR", "710,28\xa0€", "Vue d’ensemble"), ("en_US", "€710.28", "Overview")],
)
def test_a_locale_decides_texts_and_formats(
    office: Office, locale: str, total: str, title: str
) -> None:
    office.fill()

    page = office.page(**SECOND, lang=locale)

    assert page.title[0].value == title
    assert page.metric[0].value == total


def test_another_language_shows_at_once(office: Office) -> None:
    """Catches: the page follows the choice one click late."""
    office.fill()
    page = office.page(**SECOND)

    page.selectbox(key="view.lang").select("fr_FR").run()

    assert page.title[0].value == "Vue d’ensemble"
    assert page.query_params["lang"] == ["fr_FR"]


def test_axes_write_numbers_as_their_reader_does(office: Office) -> None:
    """Vega labels an axis by itself, in American unless it is told."""
    office.fill()

    [bars, *_] = office.page(**SECOND, lang="fr_FR").get("vega_lite_chart")

    written = json.loads(bars.proto.spec)["config"]["locale"]["number"]
    assert (written["decimal"], written["thousands"]) == (",", "\u202f")
