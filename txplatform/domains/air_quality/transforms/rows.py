"""Figures as the rows of the tables, in Arrow: whole columns at once, decimals exact."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from txplatform.domains.air_quality.rules import Level
from txplatform.domains.air_quality.transforms.exact import (
    ABSENT,
    PLACES,
    SCALE,
    Booleans,
    Integers,
    rounded,
)
from txplatform.domains.air_quality.transforms.figures import StationFigures
from txplatform.domains.air_quality.transforms.flags import counts_per_day, is_valid, names_of
from txplatform.domains.air_quality.transforms.hourly import MEAN_PLACES
from txplatform.domains.air_quality.transforms.parameters import AQI_DECIMALS

VALUE_PLACES, MEAN_DIGITS = 6, 12
SUM_DIGITS = 24


class StationRows(NamedTuple):
    """The rows of one station for each table."""

    hourly: pa.Table
    daily: pa.Table
    exceedances: pa.Table


def rows_of(
    figures: StationFigures, levels: Sequence[Level], days: Booleans | None = None
) -> StationRows:
    """The rows of the figures; of some days only, where they are marked."""
    shown = np.ones(len(figures.hours.days.dates), bool) if days is None else days
    return StationRows(
        _joined(_hourly(figures, name, shown) for name in figures.hourly),
        _joined(_daily(figures, name, shown) for name in figures.daily),
        _joined(_exceedances(figures, level, shown) for level in levels),
    )


def _joined(parts: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables(list(parts))


def _hourly(figures: StationFigures, name: str, days: Booleans) -> pa.Table:
    each, hours = figures.hourly[name], figures.hours
    at = np.nonzero(days[hours.days.day_of_hour])[0]
    flags = each.flags[at]
    index = each.nowcast_aqi
    nowcast_places = AQI_DECIMALS.get(name, 0)
    return pa.table(
        {
            **_key(figures, name, len(at)),
            "hour_start": pa.array(hours.hours[at].astype("datetime64[us]")).cast(
                pa.timestamp("us", "UTC")
            ),
            "value": decimal_column(rounded(each.values[at], VALUE_PLACES), VALUE_PLACES),
            "is_valid": pa.array(is_valid(flags)),
            "flags": _flag_names(flags),
            "local_date": pa.array(hours.days.dates[hours.days.day_of_hour[at]]),
            "mean_8h": _means(each.mean_8h, at),
            "nowcast": _means(each.nowcast, at, nowcast_places),
            "nowcast_aqi": small_column(None if index is None else index[at], len(at)),
        }
    )


def _key(figures: StationFigures, name: str, length: int) -> dict[str, Any]:
    values = {"station_id": figures.hours.station_id, "parameter": name}
    return {key: pa.repeat(pa.scalar(value), length) for key, value in values.items()}


def _means(column: Integers | None, at: Integers, places: int = MEAN_PLACES) -> Any:
    """A column of running figures, in ten-thousandths; all empty where there are none."""
    if column is None:
        return pa.nulls(len(at), pa.decimal128(MEAN_DIGITS, MEAN_PLACES))
    part = column[at]
    lifted = np.where(part == ABSENT, ABSENT, part * 10 ** (MEAN_PLACES - places))
    return decimal_column(lifted, MEAN_PLACES)


def decimal_column(numbers: Integers, places: int, digits: int = MEAN_DIGITS) -> Any:
    """Integers in units of 10^-places as decimals; ABSENT becomes empty."""
    is_there = numbers != ABSENT
    known = np.where(is_there, numbers, 0)
    words = np.stack([known, known >> 63], axis=1)
    valid = pa.py_buffer(np.packbits(is_there, bitorder="little").tobytes())
    kind = pa.decimal128(digits, places)
    return pa.Array.from_buffers(kind, len(numbers), [valid, pa.py_buffer(words.tobytes())])


def small_column(numbers: Integers | None, length: int) -> Any:
    """Integers as a nullable column; all empty where there are none."""
    if numbers is None:
        return pa.nulls(length, pa.int32())
    return pa.array(numbers.astype(np.int32), mask=numbers == ABSENT)


def _flag_names(flags: NDArray[np.uint16]) -> Any:
    """Flags as PostgreSQL writes an array of text."""
    bits, at = np.unique(flags, return_inverse=True)
    texts = pa.array([f"{{{','.join(names_of(int(each)))}}}" for each in bits], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(at.astype(np.int32)), texts).cast(pa.string())


def _daily(figures: StationFigures, name: str, days: Booleans) -> pa.Table:
    each, at = figures.daily[name], np.nonzero(days)[0]
    index = each.aqi(name)
    return pa.table(
        {
            **_key(figures, name, len(at)),
            "local_date": pa.array(each.dates[at]),
            "mean": decimal_column(each.means()[at], MEAN_PLACES),
            "value_sum": decimal_column(each.sums[at], PLACES, SUM_DIGITS),
            "minimum": decimal_column(rounded(each.minimum[at], VALUE_PLACES), VALUE_PLACES),
            "maximum": decimal_column(rounded(each.maximum[at], VALUE_PLACES), VALUE_PLACES),
            "n_hours": small_column(each.n_hours[at], len(at)),
            "n_expected": small_column(each.expected[at], len(at)),
            "capture_pct": decimal_column(each.capture()[at], 2, 5),
            "max_8h": decimal_column(each.max_8h_means()[at], MEAN_PLACES),
            "n_8h": small_column(each.n_8h[at], len(at)),
            "aqi": small_column(None if index is None else index[at], len(at)),
            "is_suspect": pa.array(figures.suspect_days(name)[at]),
            "suspicion": pa.array(_suspicions(figures, name)[at], pa.string(), from_pandas=True),
            "n_flagged": pa.array(_flagged(figures, name, at), pa.string()),
        }
    )


def _suspicions(figures: StationFigures, name: str) -> NDArray[Any]:
    """Per day why a parameter is suspect; None where it is not."""
    drift = figures.drift.get(name)
    if drift is None:
        return np.full(len(figures.hours.days.dates), None, dtype=object)
    words = np.array([None, "BELOW_ZERO", "FOLLOWS_HEAT", "BELOW_ZERO, FOLLOWS_HEAT"], object)
    return np.asarray(words[drift.is_below_zero + 2 * drift.follows_heat])


def _flagged(figures: StationFigures, name: str, at: Integers) -> list[str]:
    """Per day, the counts of its flags as JSON."""
    found = counts_per_day(figures.hours, figures.flags[name])
    per_day = zip(*(counts[at].tolist() for counts in found.values()), strict=True)
    rows = per_day if found else (() for _ in at)
    return [
        json.dumps({flag: n for flag, n in zip(found, counts, strict=True) if n}) for counts in rows
    ]


def _exceedances(figures: StationFigures, level: Level, days: Booleans) -> pa.Table:
    above = _above(figures, level) if level.mean != "year" else np.zeros(len(days), np.int64)
    at = np.nonzero(days & (above > 0))[0]
    text = {"level_set": level.code, "compared": level.mean}
    limit = np.full(len(at), int(level.level * 10**MEAN_PLACES))
    return pa.table(
        {
            **_key(figures, level.parameter, len(at)),
            "local_date": pa.array(figures.hours.days.dates[at]),
            **{key: pa.repeat(pa.scalar(value), len(at)) for key, value in text.items()},
            "level": decimal_column(limit, MEAN_PLACES),
            "n_above": small_column(above[at], len(at)),
            "is_suspect": pa.array(figures.suspect_days(level.parameter)[at]),
        }
    )


def _above(figures: StationFigures, level: Level) -> Integers:
    """Per day, whether it lies above a level of days, or how many of its hours do."""
    each = figures.daily[level.parameter]
    if level.mean == "day":
        return each.are_above(level.level).astype(np.int64)
    if level.mean == "max_8h":
        return each.are_above_8h(level.level).astype(np.int64)
    hourly = figures.hourly[level.parameter]
    are_above = is_valid(hourly.flags) & (hourly.values > int(level.level * SCALE))
    return figures.hours.days.sums(are_above.astype(np.int64))
