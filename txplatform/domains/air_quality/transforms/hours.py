"""One station's hours as arrays: every hour from the first to the last, absent ones included."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from txplatform.domains.air_quality.transforms.exact import ABSENT, Booleans, Integers

Hours = NDArray[np.datetime64]
Hour = np.datetime64
MARKS = ("is_recorded", "is_partial", "is_duplicate")
_HOUR = np.timedelta64(1, "h")
_NEVER = np.datetime64("1970-01-01T00", "h")


@dataclass(frozen=True)
class StationHours:
    """What a station reported, hour by hour without a hole in the axis of time."""

    station_id: str
    zone: str
    hours: Hours
    """Starts of the hours, UTC, consecutive (datetime64[h])."""
    values: Mapping[str, Integers]
    """By parameter, scaled values as received, ABSENT where there is none."""
    is_recorded: Booleans
    """Whether a record came for the hour at all."""
    is_partial: Booleans
    """The hour was still running when it was fetched."""
    is_duplicate: Booleans
    """One answer held the hour twice with different values."""

    def __len__(self) -> int:
        return len(self.hours)

    @cached_property
    def days(self) -> "LocalDays":
        """The station's local days and which hour lies in which."""
        return local_days(self.hours, self.zone)


class Received(NamedTuple):
    """Records of one station as columns, in any order and each hour once."""

    hours: Hours
    values: Mapping[str, Integers]
    is_partial: Booleans
    is_duplicate: Booleans


def on_the_axis(
    station_id: str, zone: str, received: Received, span: tuple[Hour, Hour] | None = None
) -> StationHours:
    """Lay records on an axis without holes, from the first to the last or over a given span.

    A span is that of the station's whole life within a window: so gaps at its ends are gaps.
    """
    hours = received.hours.astype("datetime64[h]")
    first, last = span or ((hours.min(), hours.max()) if len(hours) else (_NEVER, _NEVER - _HOUR))
    axis = np.arange(first, last + _HOUR, dtype="datetime64[h]")
    at = (hours - first).astype(np.int64)
    length = len(axis)
    return StationHours(
        station_id,
        zone,
        axis,
        {name: _placed(column, at, length) for name, column in received.values.items()},
        _marked(np.ones(len(at), dtype=bool), at, length),
        _marked(received.is_partial, at, length),
        _marked(received.is_duplicate, at, length),
    )


def as_table(hours: StationHours) -> pa.Table:
    """The hours as one table, as they travel to another process."""
    length = len(hours)
    said = {"station_id": hours.station_id, "zone": hours.zone}
    marks = (hours.is_recorded, hours.is_partial, hours.is_duplicate)
    return pa.table(
        {
            **{name: pa.repeat(pa.scalar(text), length) for name, text in said.items()},
            "hour": hours.hours.astype("datetime64[h]").astype(np.int64),
            **dict(zip(MARKS, marks, strict=True)),
            **hours.values,
        }
    )


def from_table(table: pa.Table) -> StationHours:
    """The hours of one station as `as_table` wrote them, in any order."""
    ordered = table.sort_by("hour")
    columns = {name: ordered[name].to_numpy() for name in ordered.column_names[2:]}
    hours = columns.pop("hour").astype("datetime64[h]")
    marks = [columns.pop(name) for name in MARKS]
    station_id, zone = (table[name][0].as_py() for name in ("station_id", "zone"))
    return StationHours(station_id, zone, hours, columns, *marks)


def _placed(column: Integers, at: Integers, length: int) -> Integers:
    placed = np.full(length, ABSENT, dtype=np.int64)
    placed[at] = column
    return placed


def _marked(marks: Booleans, at: Integers, length: int) -> Booleans:
    marked = np.zeros(length, dtype=bool)
    marked[at] = marks
    return marked


@dataclass(frozen=True)
class LocalDays:
    """The local days that a station's hours touch, and where each begins among the hours."""

    dates: NDArray[np.datetime64]
    """The local dates that have hours, in order (datetime64[D])."""
    starts: Integers
    """Index of each day's first hour among the station's hours."""
    expected: Integers
    """Hours that the local day has: 23, 24 or 25."""
    day_of_hour: Integers
    """Index of each hour's local day."""
    hour_of_day: Integers
    """Local clock hour of each hour, 0 to 23."""

    def sums(self, column: Integers) -> Integers:
        """Per day, the sum of a column of the hours."""
        return np.add.reduceat(column, self.starts) if len(self.starts) else column[:0]


def local_days(hours: Hours, zone: str) -> LocalDays:
    """Which local day and clock hour each hour (UTC) belongs to.

    In zones that are not a whole number of hours from UTC an hour belongs where it starts.
    """
    if not len(hours):
        none = np.zeros(0, np.int64)
        return LocalDays(np.zeros(0, "datetime64[D]"), none, none, none, none)
    minutes = _local_minutes(hours, zone)
    dates, starts, day_of_hour = np.unique(
        np.floor_divide(minutes, 1440), return_index=True, return_inverse=True
    )
    return LocalDays(
        dates.astype("datetime64[D]"),
        starts,
        np.array([_hours_of(int(day), zone) for day in dates]),
        day_of_hour,
        np.floor_divide(minutes, 60) % 24,
    )


def _local_minutes(hours: Hours, zone: str) -> Integers:
    """Minutes of the local clock since 1970 at the start of each hour.

    The offset is looked up once per UTC day; only in days that change it, hour by hour.
    """
    utc = hours.astype("datetime64[h]").astype(np.int64)
    first, last = int(utc[0]) // 24, int(utc[-1]) // 24 + 1
    offsets = np.array([_offset(day * 24, zone) for day in range(first, last + 1)])
    day = utc // 24 - first
    shift = offsets[day]
    for at in np.nonzero(offsets[day] != offsets[day + 1])[0]:
        shift[at] = _offset(int(utc[at]), zone)
    return utc * 60 + shift


@lru_cache(maxsize=100_000)
def _offset(hour: int, zone: str) -> int:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0


@lru_cache(maxsize=100_000)
def _hours_of(day: int, zone: str) -> int:
    start, end = (
        datetime.combine(date(1970, 1, 1) + timedelta(days=of), datetime.min.time(), ZoneInfo(zone))
        for of in (day, day + 1)
    )
    first, beyond = (ceil(each.timestamp() / 3600) for each in (start, end))
    return beyond - first
