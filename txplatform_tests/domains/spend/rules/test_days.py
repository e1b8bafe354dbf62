"""WEEKEND on labelled purchases, with holidays and with categories that work at weekends."""

from datetime import date
from pathlib import Path

import pytest

from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.rules.days import holidays_between
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.rules.examples import Examples


def test_weekend_is_saturday_and_sunday(examples: Examples) -> None:
    examples.check(
        "WEEKEND",
        """
        date       | category            | amount | alert
        2026-11-20 | Hardware            | 5.00   |
        2026-11-21 | Hardware            | 5.00   | a
        2026-11-22 | Hardware            | 5.00   | b
        2026-11-23 | Hardware            | 5.00   |
        2026-11-21 | Hardware            | -5.00  |
        2026-11-21 | Vehicle Fuel        | 5.00   |
        2026-11-21 | TAXICABS/LIMOUSINES | 5.00   |
        2026-11-21 | Fuelled by Coffee   | 5.00   | c
        2026-11-21 | (unknown)           | 5.00   | d
        """,
    )


def test_a_holiday_of_the_calendar_counts_with_its_name(examples: Examples, tmp_path: Path) -> None:
    own = tmp_path / "rules.toml"
    own.write_text('[WEEKEND.parameters]\ncalendar = "US-DE"\n', encoding="utf-8")

    found = examples.found(
        "WEEKEND",
        """
        date       | amount
        2026-12-24 | 5.00
        2026-12-25 | 5.00
        2026-12-26 | 5.00
        2027-01-01 | 5.00
        """,
        load_rules(own),
    )

    occasions = [alert["evidence"]["occasion"] for alert in found]
    assert occasions == ["Christmas Day", "Saturday", "New Year's Day"]


def test_holidays_reach_into_the_year_of_the_last_sunday() -> None:
    found = holidays_between("GB-ENG", date(2025, 12, 29), date(2025, 12, 29))

    assert date(2026, 1, 1) in found
    assert holidays_between("", date(2025, 12, 29), date(2025, 12, 29)) == {}


@pytest.mark.parametrize("calendar", ["Atlantis", "US-XX"])
def test_an_unknown_calendar_is_said(calendar: str) -> None:
    with pytest.raises(UsageError, match=f"{calendar}.*ISO 3166"):
        holidays_between(calendar, date(2026, 1, 5), date(2026, 1, 5))
