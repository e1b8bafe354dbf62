"""The US air quality index of particles (EPA, May 2024): breakpoints, words and colours.

Gas sensors of this class carry no index.
"""

from typing import NamedTuple

import numpy as np

from txplatform.domains.air_quality.transforms.exact import ABSENT, PLACES, Integers
from txplatform.domains.air_quality.transforms.parameters import AQI_DECIMALS

BREAKPOINTS = {
    "pm25": (0, 90, 354, 554, 1254, 2254, 3254),
    "pm10": (0, 54, 154, 254, 354, 424, 604),
}
"""Upper ends of the categories in the truncated unit (tenths for PM2.5); the first is zero."""

INDICES = (0, 50, 100, 150, 200, 300, 500)


class Category(NamedTuple):
    """A range of the index with EPA's word and colour."""

    code: str
    up_to: int | None
    colour: str


CATEGORIES = (
    Category("good", 50, "#00e400"),
    Category("moderate", 100, "#ffff00"),
    Category("sensitive", 150, "#ff7e00"),
    Category("unhealthy", 200, "#ff0000"),
    Category("very_unhealthy", 300, "#8f3f97"),
    Category("hazardous", None, "#7e0023"),
)


def category_of(index: int) -> Category:
    """The category of an index."""
    return next(each for each in CATEGORIES if each.up_to is None or index <= each.up_to)


def indices(numbers: Integers, per_unit: int, parameter: str) -> Integers:
    """The index of concentrations given as integers of so many per unit; ABSENT stays.

    A negative concentration counts as none; beyond the table its last line goes on.
    """
    step = per_unit // 10 ** AQI_DECIMALS[parameter]
    is_there = numbers != ABSENT
    truncated = np.maximum(np.where(is_there, numbers, 0), 0) // step
    return np.where(is_there, _looked_up(truncated, parameter), ABSENT)


def _looked_up(truncated: Integers, parameter: str) -> Integers:
    ends = np.array(BREAKPOINTS[parameter])
    at = np.clip(np.searchsorted(ends, truncated, side="left"), 1, len(ends) - 1)
    # A category begins one step above the one below, and its index one above.
    low = np.where(at == 1, 0, ends[at - 1] + 1)
    index = np.array(INDICES)
    first = np.where(at == 1, 0, index[at - 1] + 1)
    rise = (index[at] - first) * (truncated - low)
    span = ends[at] - low
    return first + (2 * rise + span) // (2 * span)


def index_of_mean(sums: Integers, counts: Integers, parameter: str) -> Integers:
    """The index of means, given as exact sums and counts, truncated and not rounded."""
    unit = np.maximum(counts, 1) * 10 ** (PLACES - AQI_DECIMALS[parameter])
    truncated = np.maximum(sums, 0) // unit
    return np.where(counts > 0, _looked_up(truncated, parameter), ABSENT)
