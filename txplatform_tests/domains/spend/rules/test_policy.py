"""CATEGORY and WEEKEND on labelled purchases: words, holidays, categories that work then."""

from datetime import date
from pathlib import Path

import pytest

from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.rules.policy import holidays_between
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.rules.examples import Examples


def test_prohibited_and_restricted_categories(examples: Examples) -> None:
    found = examples.found(
        "CATEGORY",
        """
        date       | category                                | amount
        2026-11-16 | Betting/Casino Gambling                 | 5.00
        2026-11-16 | GIFT CARD NOVELTY AND SOUVENIR SHOPS    | 5.00
        2026-11-16 | Manual Cash Disbursements               | 5.00
        2026-11-16 | Jewellery                               | 5.00
        2026-11-16 | Dating Services                         | 5.00
        2026-11-16 | Bail and Bond Payments                  | 5.00
        2026-11-17 | Bar Lounge Disco Nightclub Tavern       | 5.00
        2026-11-17 | Cigars and Tobacco                      | 5.00
        2026-11-17 | Package Stores: Beer, Wine, Liquor      | 5.00
        2026-11-18 | Hardware                                | 5.00
        2026-11-18 | Barrels                                 | 5.00
        2026-11-18 | (unknown)                               | 5.00
        2026-11-18 | Gambling                                | -5.00
        """,
    )

    severities = [(alert["transaction_date"].day, alert["severity"]) for alert in found]
    assert severities == [(16, "high")] * 6 + [(17, "medium")] * 3
    assert {alert["evidence"]["list"] for alert in found} == {"prohibited", "restricted"}


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
