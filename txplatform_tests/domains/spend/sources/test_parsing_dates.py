"""Dates: the declared format, without leading zeros too, and a rule for each way to be wrong."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.parsing import Refusal, date_pattern, read_date

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
    ],
)
def test_accepted_texts(text: str, date_format: str, day: date) -> None:
    assert read_date(text, date_format) == day


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
    ["", "MM/dd", "MM/dd/yy", "mm/dd/yyyy", "DD/MM/YYYY", "MM/dd/yyyy yyyy", "%m/%d/%Y"],
)
def test_a_format_needs_year_month_and_day_once(date_format: str) -> None:
    with pytest.raises(ValueError, match="write it with yyyy"):
        date_pattern(date_format)
