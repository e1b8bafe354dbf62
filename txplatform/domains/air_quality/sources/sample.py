"""Two made-up stations and their year: a daily cycle, weather, gaps, and sensors that fail.

Seeded, so that every demo sees the same air. The first station's CO sensor drifts below zero, the
second was carried to another place, its ozone follows the box's heat, and its PM2.5 got stuck.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from txplatform.domains.air_quality.transforms.exact import Booleans, Floats

STATIONS = ("900000001", "900000002")
HOURS = 365 * 24
SEED = 20_230_101
PLACES = 6
GAPS = ((700, 31), (2_900, 247), (5_100, 8), (8_000, 3))
"""Where a station was silent, and for how many hours."""

STUCK = slice(6_000, 6_011)
CARRIED = 24 * 40
"""Hours after which the second station stands outside."""


def answer(station_id: str, last: datetime, since: datetime | None = None) -> str:
    """What the network would answer: the hours of a station up to and with a running one."""
    position = STATIONS.index(station_id)
    first = last - timedelta(hours=HOURS - 1)
    names, columns = zip(*_columns(position).items(), strict=True)
    is_there = _is_there(position)
    data = [
        _record(first + timedelta(hours=hour), names, [column[hour] for column in columns])
        for hour in range(HOURS)
        if is_there[hour] and (since is None or first + timedelta(hours=hour) >= since)
    ]
    header = {"station_name": f"SAMPLE{position + 1}", "station_lat": 5.36, "station_lon": 0.05}
    return json.dumps({"header": header, "data": data})


def _record(hour: datetime, names: tuple[str, ...], values: list[float]) -> dict[str, Any]:
    known = {name: round(float(v), PLACES) for name, v in zip(names, values, strict=True)}
    return {"timestamp": f"{hour:%Y-%m-%d %H:%M:%S}", **known}


def _is_there(position: int) -> Booleans:
    is_there = np.ones(HOURS, dtype=bool)
    for begin, length in GAPS:
        is_there[begin + 400 * position : begin + 400 * position + length] = False
    return is_there


@cache
def _columns(position: int) -> dict[str, Floats]:
    """Every parameter of a station's year, hour by hour."""
    draw = np.random.default_rng(SEED + position)
    hours = np.arange(HOURS)
    day, sun = hours % 24, np.maximum(np.sin((hours % 24 - 6) / 12 * np.pi), 0)
    season = 1 + 0.5 * np.cos(hours / HOURS * 2 * np.pi)
    weather = np.exp(0.4 * np.array(list(_lasting(draw, 0.97))))
    traffic = 1 + 0.8 * np.exp(-((day - 19) ** 2) / 8) + 0.4 * np.exp(-((day - 7) ** 2) / 6)
    fine = (6 + 6 * position) * season * weather * traffic + draw.gamma(2, 0.5, HOURS)
    heat = 300 + 60 * sun + 10 * np.array(list(_lasting(draw, 0.99)))
    outside = 26 + 5 * sun + draw.normal(0, 0.4, HOURS)
    ozone = 30 + 25 * sun + draw.normal(0, 4, HOURS)
    carbon = 0.35 * traffic * weather**0.5 + draw.normal(0, 0.03, HOURS)
    if position:
        outside[:CARRIED] -= 11
        ozone[HOURS // 2 :] += 0.9 * (heat[HOURS // 2 :] - 300)
        fine[STUCK] = fine[STUCK.start]
    else:
        carbon[HOURS // 3 :] -= np.linspace(0, 1.4, HOURS - HOURS // 3)
    return {
        "CO": carbon,
        "NO2": 18 * traffic + draw.normal(0, 2, HOURS),
        "O3": ozone,
        "PM10": 1.6 * fine + draw.gamma(2, 2, HOURS),
        "PM2.5": fine,
        "RH": np.clip(92 - 30 * sun + draw.normal(0, 4, HOURS), 20, 100),
        "T": outside,
        "T. int.": heat,
    }


def _lasting(draw: np.random.Generator, memory: float) -> Iterator[float]:
    """Noise that remembers its last value."""
    value = 0.0
    for step in draw.normal(0, (1 - memory**2) ** 0.5, HOURS):
        value = memory * value + step
        yield value
