"""Dates: the declared format, without leading zeros too, and a rule for each way to be wrong."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.dates import date_pattern, read_date
from txplatform.domains.spend.sources.parsing import Refusal

DELAWARE = "MM/dd/yyyy"
ISO = "yyyy-MM-dd"
DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@pytest.mark.parametrize(
    ("text", "date_format", "day"),
    [
        ("04/06/2014", "MM/dd/yyyy", date(2014, 4, 6)),
        ("4/6/2014", "MM/dd/yyyy", date(2014, 4, 6)),
        (" 04/06/2014 ", "MM/dd/yyyy", date(2014, 4, 6)),
        ("04/06/2014", "dd/MM/yyyy", date(2014, 6, 4)),
        ("2014-04-06", "yyyy-MM-dd", date(2014, 4, 6)),
        ("06.04.2014", "dd.MM.yyyy", date(2014, 4, 6)),
        ("20140406", "yyyyMMdd", date(2014, 4, 6)),
        ("06-Apr-2014", "dd-MMM-yyyy", date(2014, 4, 6)),
        ("6 SEPT 2014", "d MMM yyyy", date(2014, 9, 6)),
        ("April 6, 2014", "MMMM d, yyyy", date(2014, 4, 6)),
        ("2014-04-06 23:59:59", "yyyy-MM-dd HH:mm:ss", date(2014, 4, 6)),
        ("2014-04-06T23:59:59.123", "yyyy-MM-ddTHH:mm:ss", date(2014, 4, 6)),
        ("02/29/2016", "MM/dd/yyyy", date(2016, 2, 29)),
        ("2024-01-15T00:00:00.000Z", "yyyy-MM-ddTHH:mm:ssZ", date(2024, 1, 15)),
        ("2024-01-15T00:00:00.000Z", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", date(2024, 1, 15)),
        ("2024-01-15T00:00:00.1234567", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSS", date(2024, 1, 15)),
        ("01/15/2024 12:00:00 AM", "MM/dd/yyyy HH:mm:ss AM", date(2024, 1, 15)),
        ("1/15/2024 1:05 p.m.", "M/d/yyyy h:mm a", date(2024, 1, 15)),
        ("15 Sept. 2024", "dd MMM yyyy", date(2024, 9, 15)),
        ("Mon 15 Jan 2024", "EEE dd MMM yyyy", date(2024, 1, 15)),
        ("Monday, Jan. 15, 2024", "EEEE, MMM d, yyyy", date(2024, 1, 15)),
        ("06/04/17", "dd/MM/yy", date(2017, 4, 6)),
        ("31/12/99", "dd/MM/yy", date(2099, 12, 31)),
        ("170406", "yyMMdd", date(2017, 4, 6)),
        ("45306", "excel", date(2024, 1, 15)),
        ("45306.75", "excel", date(2024, 1, 15)),
    ],
)
def test_accepted_texts(text: str, date_format: str, day: date) -> None:
    assert read_date(text, date_format) == day


@pytest.mark.parametrize(
    ("cell", "date_format", "day"),
    [
        (20240115, "yyyyMMdd", date(2024, 1, 15)),
        (Decimal("20240115.0"), "yyyyMMdd", date(2024, 1, 15)),
        (1012024, "ddMMyyyy", date(2024, 1, 1)),
        (60417, "ddMMyy", date(2017, 4, 6)),
        (45306, "excel", date(2024, 1, 15)),
        (Decimal("45306.999"), "excel", date(2024, 1, 15)),
        (Decimal(61), "excel", date(1900, 3, 1)),
    ],
)
def test_numbers_that_the_layout_says_are_dates(cell: Cell, date_format: str, day: date) -> None:
    assert read_date(cell, date_format) == day


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2024-01-14T23:30:00Z", "UTC", date(2024, 1, 14)),
        ("2024-01-14T23:30:00Z", "Europe/Paris", date(2024, 1, 15)),
        ("2024-01-15T00:30:00+02:00", "UTC", date(2024, 1, 14)),
        ("2024-01-15T00:30:00-0500", "America/New_York", date(2024, 1, 15)),
        ("2024-01-15T00:30:00+14", "Pacific/Honolulu", date(2024, 1, 14)),
    ],
)
def test_an_instant_is_the_day_in_the_time_zone_of_the_layout(
    text: str, zone: str, day: date
) -> None:
    assert read_date(text, "yyyy-MM-dd'T'HH:mm:ssXXX", ZoneInfo(zone)) == day


def test_half_days_count_in_instants() -> None:
    form, paris = "MM/dd/yyyy hh:mm a XXX", ZoneInfo("Europe/Paris")

    assert read_date("01/14/2024 11:30 PM Z", form, paris) == date(2024, 1, 15)
    assert read_date("01/14/2024 12:30 AM Z", form, paris) == date(2024, 1, 14)


@pytest.mark.parametrize(
    ("cell", "date_format", "rule"),
    [
        (None, DELAWARE, "DATE_EMPTY"),
        ("", DELAWARE, "DATE_EMPTY"),
        ("  ", DELAWARE, "DATE_EMPTY"),
        ("2014-04-06", DELAWARE, "DATE_FORMAT"),
        ("04-06-2014", DELAWARE, "DATE_FORMAT"),
        ("04/06/2014 10:00", DELAWARE, "DATE_FORMAT"),
        ("04/06/20145", DELAWARE, "DATE_FORMAT"),
        ("04/06/201", DELAWARE, "DATE_FORMAT"),
        ("٠٤/٠٦/٢٠١٤", DELAWARE, "DATE_FORMAT"),
        ("pending", DELAWARE, "DATE_FORMAT"),
        (41735, DELAWARE, "DATE_FORMAT"),
        (Decimal("41735.0"), DELAWARE, "DATE_FORMAT"),
        ("04/06/14", DELAWARE, "DATE_TWO_DIGIT_YEAR"),
        ("14-04-06", ISO, "DATE_TWO_DIGIT_YEAR"),
        ("02/30/2014", DELAWARE, "DATE_IMPOSSIBLE"),
        ("02/29/2014", DELAWARE, "DATE_IMPOSSIBLE"),
        ("13/01/2014", DELAWARE, "DATE_IMPOSSIBLE"),
        ("00/10/2014", DELAWARE, "DATE_IMPOSSIBLE"),
        ("06-Foo-2014", "dd-MMM-yyyy", "DATE_IMPOSSIBLE"),
        ("06-Marble-2014", "dd-MMM-yyyy", "DATE_IMPOSSIBLE"),
        ("01/01/0000", DELAWARE, "DATE_IMPOSSIBLE"),
        ("06/04/2017", "dd/MM/yy", "DATE_FORMAT"),
        (20240115, DELAWARE, "DATE_FORMAT"),
        (20241315, "yyyyMMdd", "DATE_IMPOSSIBLE"),
        (True, "yyyyMMdd", "DATE_FORMAT"),
        (-20240115, "yyyyMMdd", "DATE_FORMAT"),
        (Decimal("20240115.5"), "yyyyMMdd", "DATE_FORMAT"),
        (Decimal("NaN"), "yyyyMMdd", "DATE_FORMAT"),
        (45306, "yyyyMMdd", "DATE_IMPOSSIBLE"),
        (60, "excel", "DATE_FORMAT"),
        (20240115, "excel", "DATE_FORMAT"),
        (Decimal("1E+99"), "excel", "DATE_FORMAT"),
        (Decimal("-Infinity"), "excel", "DATE_FORMAT"),
        ("2024-01-15", "excel", "DATE_FORMAT"),
        ("2024-01-15T00:00:00+99:00", "yyyy-MM-dd'T'HH:mm:ssXXX", "DATE_IMPOSSIBLE"),
        ("0001-01-01T00:00:00+10:00", "yyyy-MM-dd'T'HH:mm:ssXXX", "DATE_IMPOSSIBLE"),
    ],
)
def test_refused_cells(cell: Cell, date_format: str, rule: str) -> None:
    refusal = read_date(cell, date_format)

    assert isinstance(refusal, Refusal)
    assert refusal.rule == rule
    assert refusal.reason


def test_a_typed_day_is_taken_as_it_is() -> None:
    assert read_date(date(2014, 4, 6), DELAWARE) == date(2014, 4, 6)


@given(DAYS)
def test_what_is_written_reads_back(day: date) -> None:
    year = f"{day.year:04}"

    assert read_date(f"{day.month:02}/{day.day:02}/{year}", DELAWARE) == day
    assert read_date(f"{day.month}/{day.day}/{year}", DELAWARE) == day
    assert read_date(day.isoformat(), ISO) == day
    assert read_date(f"{year}{day.month:02}{day.day:02}", "yyyyMMdd") == day


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_refused_with_a_reason(text: str) -> None:
    found = read_date(text, DELAWARE)

    assert isinstance(found, date) or (found.rule and found.reason)


@pytest.mark.parametrize(
    "date_format",
    ["", "MM/dd", "mm/dd/yyyy", "DD/MM/YYYY", "MM/dd/yyyy yyyy", "%m/%d/%Y"],
)
def test_a_format_needs_year_month_and_day_once(date_format: str) -> None:
    with pytest.raises(ValueError, match="write it with yyyy"):
        date_pattern(date_format)
