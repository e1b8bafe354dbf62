"""The published year of two stations, every figure to its last digit.

The answers were computed independently, with plain fractions.
"""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from txplatform.domains.air_quality.models import forecast
from txplatform.domains.air_quality.rules import Rules, load_levels
from txplatform.domains.air_quality.transforms.alarms import moves
from txplatform.domains.air_quality.transforms.daily import DailyFigures, figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT, Booleans, as_floats, half_up
from txplatform.domains.air_quality.transforms.figures import StationFigures, figures_of
from txplatform.domains.air_quality.transforms.flags import Flag, is_valid
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.patterns import compare, profile, trend
from txplatform.domains.air_quality.transforms.periods import exceedances, summary, years
from txplatform_tests.domains.air_quality.reference import FOLDER

Year = dict[str, StationHours]
Figures = dict[str, StationFigures]
both = pytest.mark.parametrize("name", ["SMART188", "SMART189"])


def there(hours: StationHours, parameter: str) -> Booleans:
    """Whether a value was received."""
    return np.asarray(hours.values[parameter] != ABSENT)


def as_received(hours: StationHours, parameter: str, rules: Rules) -> DailyFigures:
    """Days of all values that were received, whatever their flags."""
    return figures_of_days(hours, parameter, there(hours, parameter), rules)


def nothing(figures: DailyFigures) -> Booleans:
    """No day is left out."""
    return np.zeros(len(figures.dates), dtype=bool)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("SMART188", (8133, 8739, 17, 247)), ("SMART189", (8029, 8760, 19, 313))],
)
def test_hours_and_gaps(year: Year, name: str, expected: tuple[int, ...]) -> None:
    recorded = year[name].is_recorded
    edges = np.diff(np.concatenate(([1], recorded.astype(int), [1])))
    lengths = np.nonzero(edges == 1)[0] - np.nonzero(edges == -1)[0]

    assert (recorded.sum(), len(recorded), len(lengths), lengths.max()) == expected


FLAGS = [
    ("SMART188", "co", Flag.NEGATIVE, 4500),
    ("SMART189", "co", Flag.NEGATIVE, 560),
    ("SMART188", "o3", Flag.NEGATIVE, 84),
    ("SMART189", "o3", Flag.NEGATIVE, 11),
    ("SMART188", "pm25", Flag.FLAT, 13),
    ("SMART189", "pm25", Flag.FLAT, 0),
    ("SMART188", "t_ext", Flag.FLAT, 25),
    ("SMART189", "t_ext", Flag.FLAT, 0),
    ("SMART188", "pm25", Flag.PM_ORDER, 1),
    ("SMART188", "pm10", Flag.PM_ORDER, 1),
    ("SMART189", "pm25", Flag.PM_ORDER, 0),
    ("SMART188", "pm25", Flag.SPIKE, 75),
    ("SMART189", "pm25", Flag.SPIKE, 75),
    ("SMART188", "pm25", Flag.HUMID, 3471),
    ("SMART189", "pm25", Flag.HUMID, 3477),
]


@pytest.mark.parametrize(("name", "parameter", "flag", "count"), FLAGS)
def test_flags(figures: Figures, name: str, parameter: str, flag: Flag, count: int) -> None:
    assert int(((figures[name].flags[parameter] & flag) != 0).sum()) == count


@pytest.mark.parametrize(
    ("name", "absent", "negative"),
    [("SMART188", (43, 1, 1), (6645, 311)), ("SMART189", (110, 0, 0), (3019, 93))],
)
def test_what_is_absent_and_what_is_negative(
    year: Year, name: str, absent: tuple[int, ...], negative: tuple[int, ...]
) -> None:
    hours = year[name]
    missing = [int((hours.is_recorded & ~there(hours, p)).sum()) for p in ("rh", "no2", "o3")]
    below = [int((there(hours, p) & (hours.values[p] < 0)).sum()) for p in ("co", "o3")]

    assert (tuple(missing), tuple(below)) == (absent, negative)
    share = half_up(Fraction(100 * below[0], int(hours.is_recorded.sum())), 2)
    assert share == {"SMART188": Decimal("81.70"), "SMART189": Decimal("37.60")}[name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("SMART188", {"co": 288, "no2": 11, "o3": 25}), ("SMART189", {"co": 103, "no2": 0, "o3": 65})],
)
def test_days_on_which_a_sensor_drifts(
    figures: Figures, name: str, expected: dict[str, int]
) -> None:
    drift = figures[name].drift

    assert {gas: int(drift[gas].holds.sum()) for gas in drift} == expected


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
    ("name", "highest", "lowest"),
    [
        ("SMART188", (19, "9.2676"), (14, "5.5166")),
        ("SMART189", (19, "18.8393"), (2, "10.2763")),
    ],
)
def test_the_daily_cycle(
    figures: Figures, name: str, highest: tuple[int, str], lowest: tuple[int, str]
) -> None:
    each = figures[name]
    cells = [c for c in profile(each.hours, "pm25", each.believed("pm25")) if c.by == "hour"]
    ordered = sorted((cell.mean or Decimal(0), cell.at) for cell in cells)

    assert (ordered[-1][1], str(ordered[-1][0])) == highest
    assert (ordered[0][1], str(ordered[0][0])) == lowest


@pytest.mark.parametrize(
    ("name", "received", "flagged"),
    [("SMART188", "-1.6487", "-1.6887"), ("SMART189", "1.0209", "1.0209")],
)
def test_the_slope_of_a_year_is_no_trend(
    year: Year, figures: Figures, rules: Rules, name: str, received: str, flagged: str
) -> None:
    for days, expected in (
        (as_received(year[name], "pm25", rules), received),
        (figures[name].daily["pm25"], flagged),
    ):
        found = trend(days, nothing(days))
        assert (found.kind, str(found.per_year), found.low) == ("season", expected, None)


@pytest.mark.parametrize(
    ("name", "day", "degrees"),
    [("SMART188", date(2023, 1, 30), "13.95"), ("SMART189", date(2023, 2, 2), "14.19")],
)
def test_each_station_moved_once(
    figures: Figures, rules: Rules, name: str, day: date, degrees: str
) -> None:
    found = moves(figures[name].hours, figures[name].flags["t_ext"], rules)

    assert [(move.day, str(move.degrees)) for move in found] == [(day, degrees)]


PERSISTENCE = [
    ("SMART188", "pm25", 1438, ("2.5085", "3.5592")),
    ("SMART189", "pm25", 1440, ("3.6974", "4.9550")),
    ("SMART188", "co", 1438, ("0.0765", "0.1192")),
    ("SMART189", "co", 1440, ("0.1512", "0.2155")),
    ("SMART188", "pm10", 1438, ("4.6082", "6.4313")),
    ("SMART189", "pm10", 1440, ("6.9775", "9.4814")),
]


@pytest.mark.parametrize(("name", "parameter", "n", "expected"), PERSISTENCE)
def test_the_forecast_beats_persistence(
    year: Year, name: str, parameter: str, n: int, expected: tuple[str, str]
) -> None:
    hours = year[name]
    known = np.where(there(hours, parameter), as_floats(hours.values[parameter]), np.nan)

    scores = [
        forecast.evaluate(known, hours.days.hour_of_day, horizon) for horizon in forecast.HORIZONS
    ]

    assert [score.n for score in scores] == [n, n]
    assert tuple(str(score.persistence_rmse) for score in scores) == expected
    assert all(score.is_better for score in scores), scores


@pytest.mark.parametrize(
    ("name", "n_valid", "mean", "above"),
    [("SMART188", 290, "6.8191", 14), ("SMART189", 286, "13.8559", 86)],
)
def test_since_the_deployment_in_abidjan(
    year: Year, rules: Rules, name: str, n_valid: int, mean: str, above: int
) -> None:
    days = figures_of(year[name].without(datetime(2023, 2, 3, tzinfo=UTC)), rules).daily["pm25"]
    found = summary(days)

    assert (found.n_valid, str(found.mean)) == (n_valid, mean)
    assert int(days.are_above(Decimal(15)).sum()) == above


def test_the_two_stations_together(figures: Figures) -> None:
    sides = [(each.hours, each.believed("pm25")) for each in figures.values()]
    found = compare(sides[0], sides[1], "pm25")

    assert tuple(map(str, found)) == (
        "7939",
        "7.0861",
        "13.3970",
        "6.3109",
        "0.7051",
        "8.2402",
    )


def test_the_table_of_levels_counts_alike(figures: Figures) -> None:
    levels = [level for level in load_levels() if level.code == "who_2021"]
    found = exceedances(figures["SMART188"].daily, levels, {})

    assert {(e.level.parameter, e.n_above) for e in found} == {
        ("pm25", 20),
        ("pm10", 8),
        ("no2", 13),
        ("co", 0),
        ("o3", 0),
    }


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
