"""Exact numbers at the speed of arrays: received decimals as 64-bit integers of 10^-13.

Averages of sensors come with up to 13 decimals. A float would decide ties by its own error; these
sums are exact, and a figure is rounded once, half up (away from zero).
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Floats = NDArray[np.float64]

PLACES = 13
SCALE = 10**PLACES
LARGEST = 20_000
"""No sensor reports as much; sums and differences of larger values would not fit 64 bits."""
ABSENT = np.iinfo(np.int64).min
"""Stands for "no value" in an array of scaled values."""
_HALF = 10**9


def scaled(value: Decimal) -> int:
    """A received value in units of 10^-13; digits beyond are rounded."""
    return int((value * SCALE).to_integral_value(ROUND_HALF_UP))


def divided(sums: Integers, counts: Integers, places: int) -> Integers:
    """sums / counts in units of 10^-places, rounded half up; ABSENT where nothing was counted."""
    unit = np.maximum(counts, 1) * 10 ** (PLACES - places)
    size = (2 * np.abs(sums) + unit) // (2 * unit)
    return np.where(counts > 0, np.sign(sums) * size, ABSENT)


def rounded(values: Integers, places: int) -> Integers:
    """Scaled values in units of 10^-places, rounded half up; ABSENT stays."""
    is_there = values != ABSENT
    return divided(np.where(is_there, values, 0), is_there.astype(np.int64), places)


def total(values: Integers) -> int:
    """The exact sum of any number of scaled values, beyond 64 bits if need be."""
    high, low = np.divmod(values, _HALF)
    return int(high.sum()) * _HALF + int(low.sum())


def as_floats(values: Integers) -> Floats:
    """Scaled values as floats, NaN where absent: for what is estimated, not stated."""
    return np.where(values == ABSENT, np.nan, values / SCALE)


def half_up(value: Fraction | Decimal, places: int) -> Decimal:
    """A number rounded once, half up (away from zero)."""
    exact = Fraction(value) * 10**places
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(whole if exact >= 0 else -whole).scaleb(-places)


def mean(values: Iterable[Fraction]) -> Fraction | None:
    """The exact mean; None of nothing."""
    numbers = list(values)
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None


def percentile(values: Iterable[Fraction], share: Fraction) -> Fraction | None:
    """The value below which a share of the values lies, with linear interpolation."""
    ordered = sorted(values)
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
