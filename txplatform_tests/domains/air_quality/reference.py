"""The published year of two stations as one station's hours each, read without the product."""

import gzip
import json
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.daily import DailyFigures, figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT, Booleans
from txplatform.domains.air_quality.transforms.figures import StationFigures
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.parameters import NAMES

Year = dict[str, StationHours]
Figures = dict[str, StationFigures]
both = pytest.mark.parametrize("name", ["SMART188", "SMART189"])

FOLDER = "air_quality/airqino_2022-12_2023-12"
KEYS = ("CO", "NO2", "O3", "PM10", "PM2.5", "RH", "T", "T. int.")
STATIONS = {"SMART188": "station1_data.json.gz", "SMART189": "station2_data.json.gz"}


def records(folder: Path, station: str) -> list[dict[str, Any]]:
    """What the provider's answer held, with decimals as written."""
    with gzip.open(folder / FOLDER / STATIONS[station]) as file:
        content: list[dict[str, Any]] = json.load(file, parse_float=Decimal, parse_int=Decimal)
    return content


def station_hours(folder: Path, station: str, zone: str = "Africa/Abidjan") -> StationHours:
    """The year on an axis without holes."""
    found = records(folder, station)
    hours = [np.datetime64(datetime.fromisoformat(record["timestamp"]), "h") for record in found]
    values = {
        name: np.array([_scaled(record.get(key)) for record in found], dtype=np.int64)
        for name, key in zip(NAMES, KEYS, strict=True)
    }
    none = np.zeros(len(found), dtype=bool)
    return on_the_axis(station, zone, Received(np.array(hours), values, none, none))


def _scaled(value: Decimal | None) -> int:
    if value is None:
        return int(ABSENT)
    return int((value * 10**13).to_integral_value(ROUND_HALF_UP))


def there(hours: StationHours, parameter: str) -> Booleans:
    """Whether a value was received."""
    return np.asarray(hours.values[parameter] != ABSENT)


def as_received(hours: StationHours, parameter: str, rules: Rules) -> DailyFigures:
    """Days of all values that were received, whatever their flags."""
    return figures_of_days(hours, parameter, there(hours, parameter), rules)
