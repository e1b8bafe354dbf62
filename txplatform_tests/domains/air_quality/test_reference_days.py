"""The published year of two stations: days, levels and the year, every figure to its last digit.

The answers were computed independently, with plain fractions.
"""

import csv
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.exact import half_up
from txplatform.domains.air_quality.transforms.figures import figures_of
from txplatform.domains.air_quality.transforms.flags import is_valid
from txplatform.domains.air_quality.transforms.periods import summary, years
from txplatform_tests.domains.air_quality.reference import (
    FOLDER,
    Figures,
    Year,
    as_received,
    both,
    there,
)
from txplatform_tests.domains.air_quality.series import part_of


class Days(NamedTuple):
    """Headline figures of days."""

    n_days: int
    n_valid: int
    mean: str
    p99: str
    maximum: str


@pytest.mark.parametrize(
    ("name", "parameter", "received", "flagged"),
    [
        (
            "SMART188",
            "pm25",
            Days(348, 333, "7.0498", "22.5585", "31.5272"),
            Days(348, 332, "7.0661", "22.5603", "31.5272"),
        ),
        (
            "SMART189",
            "pm25",
            Days(345, 326, "13.3906", "28.7754", "38.9284"),
            Days(345, 326, "13.3906", "28.7754", "38.9284"),
        ),
        (
            "SMART188",
            "pm10",
            Days(348, 333, "19.2573", "98.6152", ""),
            Days(348, 333, "19.2591", "98.6152", ""),
        ),
        (
            "SMART189",
            "pm10",
            Days(345, 326, "25.9051", "92.9123", ""),
            Days(345, 326, "25.9051", "92.9123", ""),
        ),
    ],
)
def test_means_percentiles_and_maxima_of_days(
    year: Year,
    figures: Figures,
    rules: Rules,
    name: str,
    parameter: str,
    received: Days,
    flagged: Days,
) -> None:
    for days, expected in (
        (as_received(year[name], parameter, rules), received),
        (figures[name].daily[parameter], flagged),
    ):
        found = summary(days)
        assert (found.n_days, found.n_valid) == expected[:2]
        assert (str(found.mean), str(found.p99)) == expected[2:4]
        assert not expected.maximum or str(found.maximum) == expected.maximum


ABOVE = [
    ("SMART188", "pm25", {"15": 20, "25": 2, "37.5": 0}),
    ("SMART189", "pm25", {"15": 94, "25": 10, "37.5": 1}),
    ("SMART188", "pm10", {"45": 8, "50": 7}),
    ("SMART189", "pm10", {"45": 19, "50": 12}),
    ("SMART188", "no2", {"25": 13}),
    ("SMART189", "no2", {"25": 0}),
]


@pytest.mark.parametrize(("name", "parameter", "expected"), ABOVE)
def test_days_above_levels(
    year: Year,
    figures: Figures,
    rules: Rules,
    name: str,
    parameter: str,
    expected: dict[str, int],
) -> None:
    for days in (as_received(year[name], parameter, rules), figures[name].daily[parameter]):
        found = {level: int(days.are_above(Decimal(level)).sum()) for level in expected}
        assert found == expected


@both
def test_no_eight_hours_of_ozone_above_the_guideline(figures: Figures, name: str) -> None:
    assert not figures[name].daily["o3"].are_above_8h(Decimal(100)).any()


@pytest.mark.parametrize(
    ("name", "maxima", "n_valid"),
    [("SMART188", ("0.5964", "1.5556"), 77), ("SMART189", ("0.6968", "2.4931"), 290)],
)
def test_carbon_monoxide(
    year: Year, figures: Figures, rules: Rules, name: str, maxima: tuple[str, str], n_valid: int
) -> None:
    days = as_received(year[name], "co", rules)
    every_day = [
        Fraction(int(s), int(n) * 10**13) for s, n in zip(days.sums, days.n_hours, strict=True) if n
    ]

    found = (summary(days).maximum, half_up(max(every_day), 4))

    assert tuple(map(str, found)) == maxima
    assert summary(figures[name].daily["co"]).n_valid == n_valid


@pytest.mark.parametrize(
    ("name", "received", "flagged"),
    [("SMART188", (266, 67, 0), (265, 67, 0)), ("SMART189", (51, 274, 1), (51, 274, 1))],
)
def test_good_moderate_and_sensitive_days(
    year: Year,
    figures: Figures,
    rules: Rules,
    name: str,
    received: tuple[int, ...],
    flagged: tuple[int, ...],
) -> None:
    ends = ((0, 50), (51, 100), (101, 150))
    for days, expected in (
        (as_received(year[name], "pm25", rules), received),
        (figures[name].daily["pm25"], flagged),
    ):
        index = days.aqi("pm25")
        assert index is not None
        found = tuple(int(((index >= low) & (index <= high)).sum()) for low, high in ends)
        assert found == expected


@pytest.mark.parametrize(
    ("name", "nowcast", "index"), [("SMART188", 845, 171), ("SMART189", 805, 169)]
)
def test_the_worst_nowcast(figures: Figures, name: str, nowcast: int, index: int) -> None:
    hourly = figures[name].hourly["pm25"]
    assert hourly.nowcast is not None
    assert hourly.nowcast_aqi is not None
    worst = int(np.argmax(hourly.nowcast))

    assert (hourly.nowcast[worst], hourly.nowcast_aqi[worst]) == (nowcast, index)
    assert str(figures[name].hours.hours[worst]) == "2023-01-01T00"


@pytest.mark.parametrize(
    ("name", "received", "flagged"),
    [
        ("SMART188", ("86.15", "6.9939"), ("85.99", "7.0006")),
        ("SMART189", ("84.73", "13.7174"), ("84.73", "13.7174")),
    ],
)
def test_the_year_2023(
    year: Year,
    figures: Figures,
    rules: Rules,
    name: str,
    received: tuple[str, str],
    flagged: tuple[str, str],
) -> None:
    hours = year[name]
    for valid, expected in (
        (there(hours, "pm25"), received),
        (is_valid(figures[name].flags["pm25"]), flagged),
    ):
        found = years(hours, "pm25", valid, rules)[-1]
        assert (found.year, str(found.capture_pct), str(found.mean)) == (2023, *expected)
        assert not found.may_state


@pytest.mark.parametrize(
    ("name", "n_valid", "mean", "above"),
    [("SMART188", 290, "6.8191", 14), ("SMART189", 286, "13.8559", 86)],
)
def test_since_the_deployment_in_abidjan(
    year: Year, rules: Rules, name: str, n_valid: int, mean: str, above: int
) -> None:
    days = figures_of(part_of(year[name], datetime(2023, 2, 3)), rules).daily["pm25"]
    found = summary(days)

    assert (found.n_valid, str(found.mean)) == (n_valid, mean)
    assert int(days.are_above(Decimal(15)).sum()) == above


@both
def test_the_published_daily_means_are_met(
    year: Year, rules: Rules, shared_data: Path, name: str
) -> None:
    """They were taken without a rule of completeness, as floats."""
    file = shared_data / FOLDER / f"airflow.station{(name[-1] == '9' and 2) or 1}.csv"
    with file.open(encoding="utf-8") as lines:
        published = {row["date"]: row for row in csv.DictReader(lines)}
    for column, parameter in (("CO_moyen", "co"), ("PM2.5_moyen", "pm25")):
        days = as_received(year[name], parameter, rules)
        found = {
            str(day): total / n / 1e13
            for day, total, n in zip(days.dates, days.sums, days.n_hours, strict=True)
            if n
        }
        assert found.keys() == published.keys()
        assert all(abs(found[day] - float(published[day][column])) < 1e-9 for day in found)
