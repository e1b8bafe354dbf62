"""Years: half-years, what may be stated, levels with their dates."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from txplatform.domains.air_quality.rules import Rules, load_levels, load_rules
from txplatform.domains.air_quality.transforms.daily import figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.periods import summary, year_levels, years
from txplatform.errors import UsageError
from txplatform_tests.domains.air_quality.series import hours_of

HALF = 181 * 24
"""Hours of January to June 2023."""


def of_the_year(first_half: int, second_half: int, value: str = "7.5") -> StationHours:
    """A year with so many hours in each half."""
    values = [value] * first_half + [None] * (HALF - first_half)
    values += [value] * second_half + [None] * (184 * 24 - second_half)
    return hours_of(datetime(2023, 1, 1), pm25=values)


@pytest.mark.parametrize(
    ("first", "second", "has_mean", "may_state"),
    [
        (HALF, 184 * 24, True, True),
        (3258, 3312, True, False),  # 75 % of each
        (3257, 184 * 24, False, False),
        (HALF, 3311, False, False),
        (3500, 4384, True, True),  # exactly 90 %
        (3500, 4383, True, False),
    ],
)
def test_a_year_needs_three_quarters_of_each_half(
    rules: Rules, first: int, second: int, has_mean: bool, may_state: bool
) -> None:
    hours = of_the_year(first, second)
    (found,) = years(hours, "pm25", hours.values["pm25"] != ABSENT, rules)

    assert (found.mean == Decimal("7.5000")) == has_mean
    assert found.may_state == may_state
    assert (found.n_hours, found.n_expected) == (first + second, 8760)


def test_a_leap_year_has_its_hours(rules: Rules) -> None:
    hours = hours_of(datetime(2024, 12, 31), pm25=[1.5] * 30)

    found = years(hours, "pm25", hours.values["pm25"] != ABSENT, rules)

    assert [(each.year, each.n_hours, each.n_expected) for each in found] == [
        (2024, 24, 8784),
        (2025, 6, 8760),
    ]


def test_a_year_is_the_stations_own(rules: Rules) -> None:
    hours = hours_of(datetime(2022, 12, 31, 22), zone="Europe/Rome", pm25=[1.5] * 3)

    found = years(hours, "pm25", hours.values["pm25"] != ABSENT, rules)

    assert [(each.year, each.n_hours) for each in found] == [(2022, 1), (2023, 2)]


def test_suspect_days_are_out_of_the_headline(rules: Rules) -> None:
    hours = hours_of(co=[0.5] * 24 + [2.5] * 24)
    figures = figures_of_days(hours, "co", hours.values["co"] != ABSENT, rules)

    everything = summary(figures)
    believed = summary(figures, np.array([False, True]))

    assert (everything.n_valid, everything.mean) == (2, Decimal("1.5000"))
    assert (believed.n_valid, believed.mean, believed.maximum) == (
        1,
        Decimal("0.5000"),
        Decimal("0.5000"),
    )
    assert summary(figures, np.array([True, True])).mean is None


@pytest.mark.parametrize(
    ("value", "second", "expected"),
    [
        ("5", 4384, {"5": False, "25": False, "10": False}),
        ("5.0000001", 4384, {"5": True, "25": False, "10": False}),  # the mean says 5.0000
        ("11", 4383, {"5": True, "25": False, "10": True}),
        ("11", 3000, {"5": None, "25": None, "10": None}),
    ],
)
def test_a_years_unrounded_mean_is_held_against_levels(
    rules: Rules, value: str, second: int, expected: dict[str, bool | None]
) -> None:
    hours = of_the_year(3500, second, value)
    found = year_levels(hours, hours.values["pm25"] != ABSENT, rules, load_levels())

    particles = [each for each in found if each.level.parameter == "pm25"]
    assert {str(each.level.level): each.is_above for each in particles} == expected
    assert {each.may_state for each in particles} == {second == 4384}
    assert {each.year for each in particles} == {2023}


LEVELS = """
who_2021 pm25 day 15, pm10 day 45, no2 day 25, co day 4, o3 max_8h 100
who_2021 pm25 year 5, pm10 year 15, no2 year 10
who_2021_interim pm25 day 75, pm25 day 50, pm25 day 37.5, pm25 day 25
who_2021_interim pm10 day 150, pm10 day 100, pm10 day 75, pm10 day 50
eu_2008 pm10 day 50 35, pm10 year 40, pm25 year 25, no2 hour 200 18, no2 year 40
eu_2008 o3 max_8h 120 25, co max_8h 10
eu_2030 pm25 day 25 18, pm25 year 10, pm10 day 45 18, pm10 year 20, no2 day 50 18, no2 year 20
eu_2030 o3 max_8h 120 18
"""


def test_the_levels_are_those_that_were_published() -> None:
    expected = [
        (code, *words)
        for line in LEVELS.strip().splitlines()
        for code, entries in [line.split(" ", 1)]
        for words in (entry.split() for entry in entries.split(", "))
    ]
    found = [
        (each.code, each.parameter, each.mean, str(each.level))
        + ((str(each.allowed),) if each.allowed else ())
        for each in load_levels()
    ]

    assert sorted(found) == sorted(expected)


def test_levels_carry_their_dates_and_whether_they_are_law() -> None:
    by_code = {level.code: level for level in load_levels()}

    assert by_code["who_2021"].since == date(2021, 9, 22)
    assert by_code["eu_2008"].until == by_code["eu_2030"].since == date(2030, 1, 1)
    assert {code: level.is_law for code, level in by_code.items()} == {
        "who_2021": False,
        "who_2021_interim": False,
        "eu_2008": True,
        "eu_2030": True,
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "cannot be used"),
        ('version = "1"', "KeyError"),
    ],
)
def test_rules_and_levels_that_cannot_be_used_are_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)

    with pytest.raises(UsageError, match=sentence):
        load_rules(file)
    with pytest.raises(UsageError, match="levels in"):
        load_levels(file)


def test_a_range_too_wide_for_exact_sums_is_refused(tmp_path: Path) -> None:
    text = load_text().replace("pm25 = [-5, 1000]", "pm25 = [-5, 3000]")
    file = tmp_path / "rules.toml"
    file.write_text(text)

    with pytest.raises(UsageError, match="range of pm25"):
        load_rules(file)


def load_text() -> str:
    from txplatform.domains.air_quality.rules import RULES

    return RULES.read_text(encoding="utf-8")
