"""The start page: what it says of a domain, empty and filled, and where it leads."""

from txplatform_tests.domains.spend.pages.office import Office
from txplatform_tests.serving.pages import figures, said

LATE = """
date       | department | division | merchant   | amount | source_file | line
2026-11-11 | Roads      | Bridges  | Ironmonger | 1.00   | b.csv       | 20
"""


def test_an_empty_domain_says_what_fills_it(office: Office) -> None:
    page = office.start()

    assert page.title[0].value == "What is here"
    assert "`txplatform spend ingest` takes purchases in" in said(page)
    assert not page.metric


def test_a_domain_says_how_fresh_it_is(office: Office) -> None:
    office.fill()
    office.buy(LATE)

    page = office.start()

    shown = figures(page)
    assert (shown["Up to date"], shown["Out of date"], shown["Not computed"]) == (
        "1 week",
        "1 week",
        "0 weeks",
    )
    assert shown["Newest period"] == "Nov 9, 2026"
    assert "What departments and divisions spend" in said(page)


def test_it_speaks_the_readers_language(office: Office) -> None:
    page = office.start(lang="fr_FR")

    assert "Dépenses" in [header.value for header in page.header]
    assert "Encore rien : `txplatform spend ingest`" in said(page)
