"""The stored hours of a station as arrays: decimals of MongoDB to integers, without a detour."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms.exact import ABSENT, PLACES, Integers, scaled
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.parameters import NAMES

EXPONENT_BIAS, EXPONENT_BITS, COEFFICIENT_BITS = 6176, 0x3FFF, 49
"""Of the binary form of an IEEE 754 decimal of 128 bits."""

DIGITS = 10 ** np.arange(PLACES + 6, dtype=np.int64)


class Window(NamedTuple):
    """A stretch of time, half-open; None: without end."""

    start: datetime | None = None
    end: datetime | None = None

    def condition(self) -> dict[str, Any]:
        """The stretch as a condition of MongoDB."""
        ends = {"$gte": self.start, "$lt": self.end}
        within = {key: value for key, value in ends.items() if value}
        return {"hour_start": within} if within else {}


def stored_hours(
    database: Database[Any], station: Station, window: Window | None = None
) -> StationHours:
    """What is stored of a station, from its deployment on, gaps at the window's ends included."""
    wanted = _since_deployment(window or Window(), station)
    received = _received(database, station.station_id, wanted)
    span = _span(database, station.station_id, wanted)
    return on_the_axis(station.station_id, station.figures_zone, received, span)


def _since_deployment(window: Window, station: Station) -> Window:
    since = station.figures_since
    if since is None or (window.start and window.start > since):
        return window
    return window._replace(start=since)


def _span(
    database: Database[Any], station_id: str, window: Window
) -> tuple[np.datetime64, np.datetime64] | None:
    """The part of the window that lies between the station's first and last stored hour."""
    ends = [
        database[tables.AIR_HOURS].find_one(
            {"station_id": station_id},
            {"hour_start": 1},
            sort=[("hour_start", order)],
        )
        for order in (1, -1)
    ]
    first, last = (end["hour_start"] if end else None for end in ends)
    if first is None or last is None:
        return None
    start = max(first, _naive(window.start) or first)
    end = min(last, (_naive(window.end) or last + timedelta(hours=1)) - timedelta(hours=1))
    return (np.datetime64(start, "h"), np.datetime64(end, "h")) if start <= end else None


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _received(database: Database[Any], station_id: str, window: Window) -> Received:
    from pymongoarrow.types import Decimal128Type

    values = {name: f"$values.{name}" for name in NAMES}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"station_id": station_id, **window.condition()}},
        {"$sort": {"hour_start": 1}},
        {"$project": {"_id": 0, "hour_start": 1, "is_partial": 1, "is_duplicate": 1, **values}},
    ]
    schema = pa.schema(
        [
            ("hour_start", pa.timestamp("ms")),
            ("is_partial", pa.bool_()),
            ("is_duplicate", pa.bool_()),
            *((name, Decimal128Type()) for name in NAMES),
        ]
    )
    table = mongo.aggregate(database[tables.AIR_HOURS], [pipeline], schema)
    return Received(
        table["hour_start"].to_numpy().astype("datetime64[h]"),
        {name: decimals(table[name].combine_chunks()) for name in NAMES},
        table["is_partial"].to_numpy(),
        table["is_duplicate"].to_numpy(),
    )


def decimals(column: Any) -> Integers:
    """A column of MongoDB's decimals in units of 10^-13; ABSENT where there is none.

    Sign, exponent and coefficient are read off the bits; a coefficient beyond 63 bits or with
    more decimals than fit takes the long way.
    """
    storage = column.storage
    if not len(storage):
        return np.zeros(0, dtype=np.int64)
    words = np.frombuffer(storage.buffers()[1], dtype="<u8").reshape(-1, 2)
    low, high = words[storage.offset : storage.offset + len(storage)].T
    exponents = ((high >> COEFFICIENT_BITS) & EXPONENT_BITS).astype(np.int64) - EXPONENT_BIAS
    shifts = exponents + PLACES
    is_plain = (high << (64 - COEFFICIENT_BITS) == 0) & (low < 2**63)
    is_plain &= (shifts >= 0) & (shifts < len(DIGITS)) & (low <= _largest(shifts))
    sizes = np.where(is_plain, low, 0).astype(np.int64) * DIGITS[np.where(is_plain, shifts, 0)]
    values = np.where(high >> 63, -sizes, sizes)
    is_null = np.asarray(storage.is_null())
    for at in np.nonzero(~is_plain & ~is_null)[0]:
        values[at] = scaled(column[at].as_py().to_decimal())
    return np.where(is_null, ABSENT, values)


def _largest(shifts: Integers) -> Any:
    """The largest coefficient that its shift leaves within 63 bits."""
    return (np.iinfo(np.int64).max // DIGITS[np.clip(shifts, 0, len(DIGITS) - 1)]).astype(np.uint64)
