"""The published year of two stations: flags, alarms and analyses, every figure to its last digit.

The answers were computed independently, with plain fractions.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from txplatform.domains.air_quality.models import forecast
from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.daily import DailyFigures
from txplatform.domains.air_quality.transforms.exact import Booleans, as_floats, half_up
from txplatform.domains.air_quality.transforms.flags import Flag
from txplatform.domains.air_quality.transforms.patterns import compare, profile, trend
from txplatform_tests.domains.air_quality.reference import Figures, Year, as_received, there
from txplatform_tests.domains.air_quality.scoring import score_of
from txplatform_tests.domains.air_quality.series import moves_of


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


def nothing(figures: DailyFigures) -> Booleans:
    """No day is left out."""
    return np.zeros(len(figures.dates), dtype=bool)


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
    found = moves_of(figures[name].hours, rules)

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

    scores = [score_of(known, hours.days.hour_of_day, horizon) for horizon in forecast.HORIZONS]

    assert [score.n for score in scores] == [n, n]
    assert tuple(str(score.persistence_rmse) for score in scores) == expected
    assert all(score.is_better for score in scores), scores


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
