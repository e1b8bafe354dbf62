"""The table in pages, as of an instant, cell by cell; departments; Benford tests."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from txplatform.domains.spend import publishing, tables
from txplatform.domains.spend.queries.benford import benford_of_week, digits_of_week
from txplatform.domains.spend.queries.departments import Weeks, department_page
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, cell_versions, weekly_page
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.text_tables import assert_rows
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

MONDAY = date(2026, 11, 9)
ROWS = """
week_start | department | division | total_amount | transaction_count
2026-11-02 | Roads      | Bridges  | 1.00         | 1
2026-11-09 | Roads      | Bridges  | 2.00         | 2
2026-11-09 | Roads      | signs    | 3.00         | 3
2026-11-09 | Roads      | Signs    | 4.00         | 4
2026-11-09 | Éducation  | Schools  | 6.00         | 5
"""
LATER = "week_start | department | division | total_amount\n2026-11-02 | Roads | Bridges | 9.00"


@pytest.fixture(autouse=True)
def weeks(desk: Engine) -> None:
    """The weeks above, published."""
    publishing.publish(desk, computed_weeks(ROWS), "a run")


def divisions(desk: Engine, wanted: WeeklyFilter) -> list[str]:
    """The divisions of the rows that match, in their order."""
    found: list[str] = weekly_page(desk, wanted).rows["division"].to_pylist()
    return found


def test_rows_are_sorted_by_week_then_by_code_point(desk: Engine) -> None:
    everything = ["Bridges", "Bridges", "Signs", "signs", "Schools"]

    assert divisions(desk, WeeklyFilter()) == everything


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WeeklyFilter(first_week=MONDAY), ["Bridges", "Signs", "signs", "Schools"]),
        (WeeklyFilter(last_week=MONDAY - WEEK), ["Bridges"]),
        (WeeklyFilter(departments=("Éducation", "nobody")), ["Schools"]),
        (WeeklyFilter(divisions=("signs", "Schools")), ["signs", "Schools"]),
        (WeeklyFilter(departments=("roads",)), []),
    ],
)
def test_a_filter_keeps_what_it_says(desk: Engine, wanted: WeeklyFilter, found: list[str]) -> None:
    assert divisions(desk, wanted) == found
    assert weekly_page(desk, wanted, None, 1).total == len(found)


def test_pages_together_are_the_table_as_it_stood_too(desk: Engine) -> None:
    before = _now(desk)
    publishing.publish(desk, computed_weeks(LATER), "another run")
    wanted = WeeklyFilter(as_of=before)

    first = weekly_page(desk, wanted, None, 3)
    second = weekly_page(desk, wanted, first.next_cursor, 3)

    assert first.rows["total_amount"].to_pylist()[0] == Decimal("1.00")
    assert (first.total, second.total, second.rows.num_rows) == (5, 5, 2)
    assert weekly_page(desk, WeeklyFilter()).rows["total_amount"].to_pylist()[0] == Decimal("9.00")


def _now(desk: Engine) -> datetime:
    with desk.connect() as connection:
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


def test_a_cell_tells_what_it_said_before(desk: Engine) -> None:
    publishing.publish(desk, computed_weeks(LATER), "another run")

    earlier, latest = cell_versions(desk, MONDAY - WEEK, "Roads", "Bridges").to_pylist()

    assert (earlier["total_amount"], earlier["run_id"]) == (Decimal("1.00"), "a run")
    assert (latest["total_amount"], latest["run_id"]) == (Decimal("9.00"), "another run")
    assert earlier["valid_to"] == latest["valid_from"]
    assert latest["valid_to"] is None


def test_a_cell_that_never_was_has_no_versions(desk: Engine) -> None:
    assert cell_versions(desk, MONDAY, "Roads", "nowhere").num_rows == 0


def test_departments_have_sums_and_shares(desk: Engine) -> None:
    page = department_page(desk, Weeks(MONDAY + WEEK, MONDAY, MONDAY))

    assert_rows(
        page.rows,
        """
        department | total_amount | transaction_count | division_count | has_open_week | share
        Roads      | 9.00         | 9                 | 3              | False         | 0.600000
        Éducation  | 6.00         | 5                 | 1              | False         | 0.400000
        """,
    )


def test_departments_say_that_a_week_is_not_over(desk: Engine) -> None:
    page = department_page(desk, Weeks(MONDAY, MONDAY, MONDAY))

    assert page.rows["has_open_week"].to_pylist() == [True, True]


def test_departments_come_in_pages_with_shares_of_all(desk: Engine) -> None:
    """Catches: a share of the page instead of all departments."""
    since = Weeks(MONDAY + WEEK, MONDAY)
    first = department_page(desk, since, None, 1)
    second = department_page(desk, since, first.next_cursor, 1)

    assert (first.total, second.total, second.next_cursor) == (2, 2, None)
    assert second.rows["share"].to_pylist() == [Decimal("0.400000")]


STAMPS = {"computed_at": datetime(2026, 11, 16, tzinfo=UTC), "run_id": "a run"}


@pytest.fixture
def benford(desk: Engine) -> Engine:
    """Tests of two weeks, of the organisation and of Roads, with two digits each."""
    with desk.begin() as connection:
        for week in (MONDAY, MONDAY + WEEK):
            for department in ("", "Roads"):
                key = {"week_start": week, "department": department, "test": "first_digit"}
                found = {"purchase_count": 10, "mean_absolute_deviation": None, "conformity": None}
                connection.execute(tables.benford_tests.insert().values({**key, **found, **STAMPS}))
                for digits in (2, 1):
                    share = {
                        "observed_share": Decimal("0.5"),
                        "expected_share": Decimal("0.301030"),
                    }
                    values = {**key, "digits": digits, "purchase_count": 5, **share}
                    connection.execute(tables.benford_digits.insert().values(values))
    return desk


def test_benford_tests_are_those_of_the_newest_week(benford: Engine) -> None:
    assert [
        (row["week_start"], row["department"]) for row in benford_of_week(benford).to_pylist()
    ] == [(MONDAY + WEEK, ""), (MONDAY + WEEK, "Roads")]
    assert benford_of_week(benford, MONDAY, "Roads").num_rows == 1
    assert benford_of_week(benford, MONDAY - WEEK).num_rows == 0


def test_digits_are_sorted(benford: Engine) -> None:
    found = digits_of_week(benford)

    assert found["digits"].to_pylist() == [1, 2]
    assert set(found["department"].to_pylist()) == {""}
    assert digits_of_week(benford, MONDAY + timedelta(weeks=9)).num_rows == 0
