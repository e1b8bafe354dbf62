"""The same figures the plain way: lists, fractions and loops, for what tests compare with.

An hour is a number counted from the first; a value that is not there is None.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from statistics import median

Values = Sequence[Decimal | None]


def half_up(value: Fraction, places: int) -> Decimal:
    """Rounded once, halves away from zero."""
    scaled = abs(value) * 10**places
    whole = floor(scaled)
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def mean(values: Values) -> Fraction | None:
    """The mean of what is there."""
    known = [Fraction(value) for value in values if value is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def mean_8h(values: Values, hour: int) -> Fraction | None:
    """The mean of an hour and the seven before it, if six are there."""
    window = values[max(hour - 7, 0) : hour + 1]
    if sum(value is not None for value in window) < 6:
        return None
    return mean(window)


def nowcast(values: Values, hour: int, places: int) -> Decimal | None:
    """EPA's NowCast, as its formula reads."""
    known = {
        age: Fraction(value)
        for age in range(12)
        if hour - age >= 0 and (value := values[hour - age]) is not None
    }
    if sum(age in known for age in range(3)) < 2:
        return None
    smallest, largest = min(known.values()), max(known.values())
    weight = max(Fraction(1, 2), smallest / largest) if largest > 0 else Fraction(1, 2)
    total = sum((weight**age for age in known), Fraction(0))
    exact = sum((weight**age * value for age, value in known.items()), Fraction(0)) / total
    steps = floor(abs(exact) * 10**places)
    return Decimal(steps if exact >= 0 else -steps).scaleb(-places)


def flat(values: Values, least: int) -> list[bool]:
    """Whether each hour is in a run of at least so many equal values."""
    marks = [False] * len(values)
    for start in range(len(values) - least + 1):
        run = values[start : start + least]
        if run[0] is not None and all(value == run[0] for value in run):
            marks[start : start + least] = [True] * least
    return marks


def spike(values: Values, hour: int) -> bool:
    """Whether an hour leaps away from its neighbours and back."""
    steps = [_step(values, at) for at in range(len(values))]
    if hour + 1 >= len(values) or steps[hour] is None or steps[hour + 1] is None:
        return False
    into, out = steps[hour], steps[hour + 1]
    assert into is not None
    assert out is not None
    before = [step for step in steps[max(hour - 72, 0) : hour] if step is not None]
    if into * out >= 0 or len(before) < 36:
        return False
    middle = median(before)
    deviation = median(abs(step - middle) for step in before)
    smaller = min(abs(into), abs(out))
    return deviation > 0 and smaller > 5 * deviation and 2 * abs(into + out) < smaller


def _step(values: Values, hour: int) -> Fraction | None:
    if hour == 0:
        return None
    now, before = values[hour], values[hour - 1]
    return None if now is None or before is None else Fraction(now) - Fraction(before)


def percentile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """With linear interpolation between the two that it lies between."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (place - low)) + ordered[high] * (place - low)


BREAKPOINTS = {
    "pm25": [
        ("0.0", "9.0", 0, 50),
        ("9.1", "35.4", 51, 100),
        ("35.5", "55.4", 101, 150),
        ("55.5", "125.4", 151, 200),
        ("125.5", "225.4", 201, 300),
        ("225.5", "325.4", 301, 500),
    ],
    "pm10": [
        ("0", "54", 0, 50),
        ("55", "154", 51, 100),
        ("155", "254", 101, 150),
        ("255", "354", 151, 200),
        ("355", "424", 201, 300),
        ("425", "604", 301, 500),
    ],
}
"""Of the fact sheet of May 2024."""


def aqi(concentration: Fraction, parameter: str) -> int:
    """The index by the table; beyond it, its last line goes on."""
    places = 1 if parameter == "pm25" else 0
    steps = floor(max(concentration, Fraction(0)) * 10**places)
    truncated = Fraction(steps, 10**places)
    lines = BREAKPOINTS[parameter]
    low, high, first, last = next(
        (line for line in lines if truncated <= Fraction(line[1])), lines[-1]
    )
    slope = Fraction(last - first) / (Fraction(high) - Fraction(low))
    return int(half_up(first + slope * (truncated - Fraction(low)), 0))
