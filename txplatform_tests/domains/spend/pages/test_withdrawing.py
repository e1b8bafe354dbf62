"""Taking an ingestion back on the page of data health: who may, and what is stale then."""

from pathlib import Path

from txplatform.domains.spend import publishing, tables
from txplatform.domains.spend.queries.status import week_status
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState
from txplatform_tests.domains.spend.pages.office import FIRST, Office
from txplatform_tests.serving.pages import said, tables_of

FILE = """date,department,division,merchant,amount
2026-11-03,Roads,Bridges,Ironmonger,99.00
"""
LAYOUT = """name = "late"
currency = "EUR"
date_format = "yyyy-MM-dd"
[columns]
department = "department"
division = "division"
merchant = "merchant"
transaction_date = "date"
amount = "amount"
"""


def _take_in(office: Office, folder: Path) -> None:
    for name, text in (("late.csv", FILE), ("late.toml", LAYOUT)):
        (folder / name).write_text(text, encoding="utf-8")
    arrival.take(office.platform, str(folder / "late.csv"), str(folder / "late.toml"))
    publishing.note_changes(office.platform)


def test_a_controller_takes_a_file_back_and_its_week_is_stale(
    office: Office, tmp_path: Path
) -> None:
    """Dagster is told by the next command: what the page noted already is news to it."""
    office.fill()
    _take_in(office, tmp_path)
    office.compute()

    page = office.page("health")
    [listed] = [one for one in tables_of(page) if "Layout" in one]
    assert (listed["File"], listed["Loaded"]) == (["late.csv"], ["1"])
    page.selectbox(key="withdraw.ingestion").select_index(0)
    page.text_input(key="withdraw.why").input("sent by mistake")
    next(one for one in page.button if one.label == "Take back").click()
    page.run()

    assert "late.csv: 1 purchases taken back, 0 stand again" in said(page)
    [kept] = office.platform.database[tables.TRANSACTIONS_HISTORY].find()
    assert (kept["withdrawn_by"], kept["withdrawn_because"]) == ("Ada", "sent by mistake")
    states = {
        one.week_start: one.state for one in week_status(office.platform.engine, CODE_VERSION)
    }
    assert states[FIRST] is PeriodState.STALE
    assert list(publishing.note_changes(office.platform)) == [FIRST]
    assert publishing.note_changes(office.platform) == {}


def test_without_a_reason_nothing_is_taken_back(office: Office, tmp_path: Path) -> None:
    _take_in(office, tmp_path)

    page = office.page("health")
    page.selectbox(key="withdraw.ingestion").select_index(0)
    next(one for one in page.button if one.label == "Take back").click()
    page.run()

    assert "Choose what to take back, and say why." in said(page)
    assert office.platform.database[tables.TRANSACTIONS].count_documents({}) == 1


def test_a_reader_sees_the_files_and_no_form(office: Office, tmp_path: Path) -> None:
    _take_in(office, tmp_path)

    page = office.page("health", "reader")

    assert "late.csv" in str(tables_of(page))
    assert not [one for one in page.button if one.label == "Take back"]
