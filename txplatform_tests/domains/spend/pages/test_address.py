"""The address: every view has a link that reproduces it, and a link wins over what was chosen."""

from streamlit.util import calc_hash

from txplatform_tests.domains.spend.pages.office import LAST, Office
from txplatform_tests.serving.pages import figures

SECOND = {"from_": "2026-11-09", "to": "2026-11-09"}


def test_a_page_writes_what_it_shows_into_its_address(office: Office) -> None:
    office.fill()

    page = office.page()
    page.selectbox(key="view.department").select("Roads").run()

    assert page.query_params == {
        "from": ["2026-11-02"],
        "to": ["2026-11-09"],
        "department": ["Roads"],
    }


def test_that_address_shows_the_same(office: Office) -> None:
    office.fill()
    page = office.page()
    page.selectbox(key="view.department").select("Roads").run()

    again = office.page(**{name: found[0] for name, found in page.query_params.items()})

    assert figures(again) == figures(page)
    assert again.query_params == page.query_params


def test_any_day_of_a_week_means_its_monday(office: Office) -> None:
    office.fill()

    page = office.page(from_="2026-11-11", to="2026-11-15")

    assert page.query_params == {"from": ["2026-11-09"], "to": ["2026-11-09"]}


def test_nonsense_in_the_address_is_left_aside(office: Office) -> None:
    office.fill()

    page = office.page(from_="9999-99-99", to="x", department="'; DROP TABLE alerts", lang="<b>")

    assert page.query_params == {"from": ["2026-11-02"], "to": ["2026-11-09"]}


def test_a_link_within_the_page_wins_over_the_widgets(office: Office) -> None:
    """Catches: a widget that keeps its old choice when a link asks for another."""
    office.fill()
    page = office.page(**SECOND)

    page.query_params["department"] = "Parks"
    page.run()

    assert page.selectbox(key="view.department").value == "Parks"
    assert figures(page)["Total"] == "€30.03"


def test_a_link_leaves_the_language_as_it_was_chosen(office: Office) -> None:
    """Catches: a reader of French who is spoken to in English after a link to a cell."""
    office.fill()
    page = office.page(**SECOND, lang="fr_FR")

    page.query_params.clear()
    page.query_params["from"] = page.query_params["to"] = "2026-11-02"
    page.run()

    assert page.title[0].value == "Vue d’ensemble"
    assert page.query_params["lang"] == ["fr_FR"]


def test_a_case_keeps_the_way_back_to_its_list_and_the_menu_leads_to_the_inbox(
    office: Office,
) -> None:
    """Catches: filters lost by a look at a case, and a menu that leads from a case to itself."""
    office.fill()
    page = office.page("case", **SECOND, rule="SPLIT", alert="split")
    assert page.query_params["rule"] == ["SPLIT"]

    page.query_params.clear()
    page._page_hash = calc_hash("spend-alerts")
    page.run()

    assert page.title[0].value == "Alerts"
    assert page.selectbox(key="view.rule").value == "SPLIT"
    assert "alert" not in page.query_params


def test_the_menu_leads_to_the_first_rows_of_another_list(office: Office) -> None:
    """Catches: the place in the table of departments, taken for one in the inbox."""
    office.fill()
    page = office.page("departments", **SECOND, after="WyIyMDI2LTExLTA5IiwgIlBhcmtzIiwgIngiXQ")

    page.query_params.clear()
    page._page_hash = calc_hash("spend-alerts")
    page.run()

    assert not page.error
    assert figures(page)["Cases"] == "2"


def test_what_was_chosen_stays_when_the_menu_leads_to_another_page(office: Office) -> None:
    office.fill()
    page = office.page(**SECOND, department="Roads")

    page.query_params.clear()
    page._page_hash = calc_hash("spend-departments")
    page.run()

    assert page.title[0].value == "Departments and divisions"
    assert page.selectbox(key="view.from").value == LAST
    assert page.selectbox(key="view.department").value == "Roads"
    assert page.query_params["department"] == ["Roads"]


def test_another_filter_begins_at_the_first_rows(office: Office) -> None:
    """Catches: the cursor of one list used in another."""
    office.fill()
    page = office.page("departments", **SECOND, after="WyIyMDI2LTExLTA5IiwgIlBhcmtzIiwgIngiXQ")

    page.selectbox(key="view.department").select("Parks").run()

    assert "after" not in page.query_params
