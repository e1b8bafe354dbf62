"""The date dimension: the calendar's corners, and days as sources write them."""

from datetime import date

import pytest

from txplatform.domains.commerce.transforms.calendar import (
    FIRST,
    LAST,
    calendar,
    day_of,
    number,
    written_days,
)


def facts(day: date) -> dict[str, object]:
    """What the dimension says of a day."""
    return calendar(number(day), number(day)).row(0, named=True)


@pytest.mark.parametrize(
    ("day", "monday", "iso"),
    [
        (date(2024, 12, 30), date(2024, 12, 30), (2025, 1)),
        (date(2021, 1, 3), date(2020, 12, 28), (2020, 53)),
        (date(2020, 12, 31), date(2020, 12, 28), (2020, 53)),
        (date(2023, 1, 1), date(2022, 12, 26), (2022, 52)),
        (date(2024, 2, 29), date(2024, 2, 26), (2024, 9)),
    ],
)
def test_weeks_begin_on_monday_and_belong_to_their_iso_year(
    day: date, monday: date, iso: tuple[int, int]
) -> None:
    found = facts(day)

    assert found["week_start"] == number(monday)
    assert (found["iso_year"], found["iso_week"]) == iso


@pytest.mark.parametrize(
    ("day", "weekday", "is_weekend"),
    [
        (date(2026, 11, 23), 1, False),
        (date(2026, 11, 27), 5, False),
        (date(2026, 11, 28), 6, True),
        (date(2026, 11, 29), 7, True),
    ],
)
def test_weekdays_run_from_monday_1_to_sunday_7(day: date, weekday: int, is_weekend: bool) -> None:
    assert (facts(day)["weekday"], facts(day)["is_weekend"]) == (weekday, is_weekend)


@pytest.mark.parametrize(
    ("month", "quarter"),
    [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3), (10, 4), (12, 4)],
)
def test_months_and_quarters(month: int, quarter: int) -> None:
    found = facts(date(2025, month, 17))

    assert (found["month"], found["quarter"]) == (month, quarter)
    assert found["month_start"] == number(date(2025, month, 1))
    assert found["month_number"] == 2025 * 12 + month - 1


def test_every_day_is_there_once() -> None:
    days = calendar(number(date(2023, 12, 30)), number(date(2024, 3, 2)))["day"].to_list()

    assert days == list(range(number(date(2023, 12, 30)), number(date(2024, 3, 2)) + 1))


def test_numbers_of_days_lead_back() -> None:
    assert number(date(1970, 1, 1)) == 0
    assert day_of(number(date(2024, 2, 29))) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("form", "written", "day"),
    [
        ("%Y-%m-%d", "2024-04-06", date(2024, 4, 6)),
        ("%Y-%m-%d", "2024-4-6", date(2024, 4, 6)),
        ("%d/%m/%Y", "06/04/2024", date(2024, 4, 6)),
        ("%d/%m/%Y", "6/4/2024", date(2024, 4, 6)),
        ("%Y%m%d", "19970101", date(1997, 1, 1)),
    ],
)
def test_a_day_as_it_is_written(form: str, written: str, day: date) -> None:
    table = written_days(form)
    known = dict(zip(table["written_day"].to_pylist(), table["day"].to_pylist(), strict=True))

    assert known[written] == number(day)


@pytest.mark.parametrize("written", ["2023-02-29", "2024-13-01", "2024-00-10", "24-04-06", ""])
def test_impossible_days_are_none(written: str) -> None:
    assert written not in written_days("%Y-%m-%d")["written_day"].to_pylist()


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y%m%d", "%d.%m.%y", "%m/%d/%Y", "%d %b %Y"])
def test_days_are_written_as_python_writes_them(form: str) -> None:
    expected: dict[str, int] = {}
    for offset in range(number(FIRST), number(LAST) + 1):
        day = day_of(offset)
        bare = form.replace("%m", str(day.month)).replace("%d", str(day.day))
        expected |= {day.strftime(form): offset}
        if form != "%Y%m%d":
            expected |= {day.strftime(bare): offset}

    texts, days = written_days(form).to_pydict().values()

    assert dict(zip(texts, days, strict=True)) == expected
