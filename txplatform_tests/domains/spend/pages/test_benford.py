"""The Benford plots of the health page: of the department that was chosen, or of all together."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import insert

from txplatform.domains.spend import tables
from txplatform_tests.domains.spend.pages.office import LAST, Office
from txplatform_tests.serving.pages import said, tables_of

SECOND = {"from_": "2026-11-09", "to": "2026-11-09"}


def _test(office: Office, department: str, deviation: str | None, conformity: str | None) -> None:
    key = {"week_start": LAST, "department": department, "test": "first_digit"}
    values = {"mean_absolute_deviation": deviation, "conformity": conformity}
    stamps = {"computed_at": datetime.now(UTC), "run_id": "run-1"}
    shares = {"observed_share": Decimal("0.3"), "expected_share": Decimal("0.30103")}
    with office.platform.engine.begin() as connection:
        row = {**key, **values, **stamps, "purchase_count": 400}
        connection.execute(insert(tables.benford_tests).values(row))
        digit = {**key, **shares, "digits": 1, "purchase_count": 120}
        connection.execute(insert(tables.benford_digits).values(digit))


def test_the_plots_are_those_of_the_chosen_department(office: Office) -> None:
    office.fill()
    _test(office, "", "0.005850", "close")
    _test(office, "Roads", None, None)

    everything = office.page("health", **SECOND)
    roads = office.page("health", **SECOND, department="Roads")

    assert tables_of(everything)[-1]["Conformity (Nigrini)"] == ["close"]
    assert tables_of(everything)[-1]["Mean absolute deviation"] == ["0.585%"]
    assert tables_of(roads)[-1]["Conformity (Nigrini)"] == ["too few purchases"]
    assert "Bars: observed. Line: expected." in said(roads)


def test_without_tests_it_says_when_there_will_be(office: Office) -> None:
    office.fill()

    assert "No Benford test yet" in said(office.page("health", **SECOND))
