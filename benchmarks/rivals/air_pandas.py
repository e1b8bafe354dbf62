"""The figures of air quality in plain pandas, one station at a time, as an analyst writes them.

Floats instead of exact decimals, and no history; the rules are those of docs/air_quality.md.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pymongo.database import Database

GASES, PARTICLES = ("co", "no2", "o3"), ("pm10", "pm25")
POLLUTANTS = (*GASES, *PARTICLES)
NAMES = (*POLLUTANTS, "rh", "t_ext", "t_int_raw")
RANGES = {
    "co": (-5, 50),
    "no2": (-50, 1000),
    "o3": (-50, 600),
    "pm10": (-5, 1000),
    "pm25": (-5, 1000),
    "rh": (0, 100),
    "t_ext": (-20, 60),
    "t_int_raw": (1, 4095),
}
NEGATIVE = {"co": -0.2, "no2": -10, "o3": -10, "pm10": -2, "pm25": -2}
BREAKPOINTS: dict[str, tuple[list[float], float]] = {
    "pm25": ([0, 9.0, 35.4, 55.4, 125.4, 225.4, 325.4], 0.1),
    "pm10": ([0, 54, 154, 254, 354, 424, 604], 1),
}
INDEX = [0, 50, 100, 150, 200, 300, 500]


class Figures(NamedTuple):
    """A station's hours and days, long: one row per parameter and hour, or day."""

    hourly: pd.DataFrame
    daily: pd.DataFrame


def read(database: Database[Any], station_id: str) -> pd.DataFrame:
    """The stored hours of a station on an axis without holes."""
    documents = database["air_hours"].find({"station_id": station_id})
    records = [
        {
            "hour": each["hour_start"],
            **{name: float(value.to_decimal()) for name, value in each["values"].items()},
        }
        for each in documents
    ]
    frame = pd.DataFrame(records, columns=["hour", *NAMES]).set_index("hour").sort_index()
    return frame.asfreq("h")


def figures(frame: pd.DataFrame) -> Figures:
    """Flags, running means, days and drift."""
    suspect = {name: drift(frame, name) for name in GASES}
    hourly, daily = [], []
    for name in NAMES:
        hours = hours_of(frame, name)
        days = days_of(hours, name)
        days["is_suspect"] = suspect[name].reindex(days.index) if name in suspect else False
        hourly.append(hours.assign(parameter=name))
        daily.append(days.assign(parameter=name))
    return Figures(pd.concat(hourly), pd.concat(daily))


def hours_of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """One parameter's hours with flags, 8-hour mean, NowCast and index."""
    values = frame[name]
    low, high = RANGES[name]
    flags = pd.DataFrame({"RANGE": (values < low) | (values > high)})
    flags["NEGATIVE"] = values < NEGATIVE[name] if name in NEGATIVE else False
    flags["CLAMPED"] = values.eq(0) if name in GASES else False
    runs = values.ne(values.shift()).cumsum()
    flags["FLAT"] = values.groupby(runs).transform("size").ge(6) & values.notna()
    flags["PM_ORDER"] = (frame.pm25 > 1.1 * frame.pm10) & (name in PARTICLES)
    invalid = flags.any(axis=1) | values.isna()
    flags["SPIKE"] = spikes(values)
    flags["HUMID"] = (frame.rh > 85) & (name in PARTICLES)
    valid = values.where(~invalid)
    found = pd.DataFrame({"value": values, "valid": valid, **flags})
    if name in POLLUTANTS:
        found["mean_8h"] = valid.rolling(8, min_periods=6).mean()
    if name in PARTICLES:
        found["nowcast"] = nowcast(valid, BREAKPOINTS[name][1])
        found["nowcast_aqi"] = aqi(found["nowcast"], name)
    return found


def spikes(values: pd.Series) -> pd.Series:
    """Steps in and out of opposite sign, far beyond those of the three days before."""
    into, out = values.diff(), values.diff().shift(-1)
    before = into.shift().rolling(72, min_periods=36)
    deviation = before.apply(_deviation, raw=True)
    smaller = np.minimum(into.abs(), out.abs())
    turns = (into * out < 0) & (2 * (into + out).abs() < smaller)
    return turns & (deviation > 0) & (smaller > 5 * deviation)


def _deviation(steps: Any) -> float:
    return float(np.nanmedian(np.abs(steps - np.nanmedian(steps))))


def nowcast(valid: pd.Series, step: float) -> pd.Series:
    """EPA's weighted mean of twelve hours."""
    ages = pd.concat([valid.shift(age) for age in range(12)], axis=1, keys=range(12))
    smallest, largest = ages.min(axis=1), ages.max(axis=1)
    weight = (smallest / largest).clip(lower=0.5).where(largest > 0, 0.5)
    weights = pd.concat([weight**age for age in range(12)], axis=1, keys=range(12))
    weights = weights.where(ages.notna())
    mean = (ages * weights).sum(axis=1) / weights.sum(axis=1)
    enough = ages[[0, 1, 2]].notna().sum(axis=1) >= 2
    truncated: pd.Series = np.trunc(mean / step + 1e-9) * step
    return truncated.where(enough)


def aqi(concentrations: pd.Series, name: str) -> pd.Series:
    """The US index of truncated concentrations."""
    limits, step = BREAKPOINTS[name]
    known = np.trunc(concentrations.clip(lower=0) / step + 1e-6) * step
    index = pd.Series(np.nan, index=known.index)
    for low, high, first, last in zip(limits, limits[1:], INDEX, INDEX[1:], strict=False):
        begin, start = (low, first) if low == 0 else (low + step, first + 1)
        inside = (known >= begin - 1e-9) & (known <= high + 1e-9)
        slope = (last - start) / (high - begin)
        index[inside] = np.floor(start + slope * (known[inside] - begin) + 0.5)
    return index


def days_of(hours: pd.DataFrame, name: str) -> pd.DataFrame:
    """One parameter's days: mean by the 75 % rule, extremes, capture, 8-hour maximum, index."""
    by_day = hours["valid"].groupby(_dates(hours))
    days = by_day.agg(["mean", "min", "max", "count"])
    days["mean"] = days["mean"].where(days["count"] >= 18)
    days["capture"] = days["count"] / 24 * 100
    if name in POLLUTANTS:
        largest = hours["mean_8h"].groupby(_dates(hours)).agg(["max", "count"])
        days["max_8h"] = largest["max"].where(largest["count"] >= 18)
    if name in PARTICLES:
        days["aqi"] = aqi(days["mean"], name)
    return days


def _dates(frame: pd.DataFrame) -> Any:
    return pd.DatetimeIndex(frame.index).date


def drift(frame: pd.DataFrame, name: str) -> pd.Series:
    """Per day, whether the gas sensor cannot be believed at its end."""
    marks = {}
    dates = pd.Series(_dates(frame), index=frame.index)
    both = frame[[name, "t_int_raw"]].dropna()
    for day in pd.date_range(frame.index[0].normalize(), frame.index[-1].normalize()):
        end = day + pd.Timedelta(days=1)
        week = frame[name][day - pd.Timedelta(days=6) : end - pd.Timedelta(hours=1)].dropna()
        below = len(week) >= 84 and 2 * int((week <= 0).sum()) > len(week)
        month = both[day - pd.Timedelta(days=29) : end - pd.Timedelta(hours=1)]
        rest = month - month.groupby(pd.DatetimeIndex(month.index).hour).transform("mean")
        follows = len(month) >= 360 and abs(rest[name].corr(rest["t_int_raw"])) > 0.7
        marks[day.date()] = bool(below or follows)
    is_there = frame.notna().any(axis=1).groupby(dates).any()
    return pd.Series(marks) & is_there
