"""Quality flags per hour and parameter: what is invalid, what is suspect, what is missing.

An invalid hour leaves every mean; a suspect one stays and is counted. Values are never changed.
"""

from collections.abc import Iterator, Mapping
from enum import IntFlag

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.exact import ABSENT, Booleans, Integers
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.parameters import GASES, PARTICLES

Flags = NDArray[np.uint16]


class Flag(IntFlag):
    """Why an hour of a parameter is invalid, suspect or missing."""

    RANGE = 1
    NEGATIVE = 2
    CLAMPED = 4
    FLAT = 8
    PM_ORDER = 16
    PARTIAL = 32
    DUPLICATE = 64
    SPIKE = 128
    HUMID = 256
    GAP = 512


INVALID = (
    Flag.RANGE | Flag.NEGATIVE | Flag.CLAMPED | Flag.FLAT | Flag.PM_ORDER | Flag.PARTIAL | Flag.GAP
)


def flag_hours(hours: StationHours, rules: Rules) -> dict[str, Flags]:
    """Per parameter, the flags of each hour as bits."""
    return {name: _flags_of(hours, name, rules) for name in hours.values}


def names_of(bits: int) -> list[str]:
    """The codes of a set of flags, in the order in which they are declared."""
    return [flag.name or "" for flag in Flag if bits & flag]


def is_valid(flags: Flags) -> Booleans:
    """Whether each hour counts in means."""
    return (flags & np.uint16(INVALID)) == 0


def counts_per_day(hours: StationHours, flags: Flags) -> dict[str, Integers]:
    """Per flag that occurs, how many hours of each local day have it."""
    found = ((flag, ((flags & flag) != 0).astype(np.int64)) for flag in Flag)
    return {flag.name or "": hours.days.sums(marks) for flag, marks in found if marks.any()}


def _flags_of(hours: StationHours, name: str, rules: Rules) -> Flags:
    flags = np.zeros(len(hours), dtype=np.uint16)
    is_there = hours.values[name] != ABSENT
    for flag, marks in _findings(hours, name, rules):
        flags |= (marks & is_there) * np.uint16(flag)
    flags |= ~is_there * np.uint16(Flag.GAP)
    return flags


def _findings(hours: StationHours, name: str, rules: Rules) -> Iterator[tuple[Flag, Booleans]]:
    values = hours.values[name]
    low, high = rules.ranges[name]
    yield Flag.RANGE, (values < low) | (values > high)
    if name in rules.negative:
        yield Flag.NEGATIVE, values < rules.negative[name]
    if name in GASES:
        yield Flag.CLAMPED, values == 0
    yield Flag.FLAT, _flat(values, rules.flat_hours)
    if name in PARTICLES:
        yield Flag.PM_ORDER, _pm_order(hours.values, rules)
        yield Flag.HUMID, _above(hours.values, "rh", rules.humid_above)
    yield Flag.PARTIAL, hours.is_partial
    yield Flag.DUPLICATE, hours.is_duplicate
    yield Flag.SPIKE, _spikes(values, rules)


def _above(values: Mapping[str, Integers], name: str, level: int) -> Booleans:
    return values[name] > level


def _pm_order(values: Mapping[str, Integers], rules: Rules) -> Booleans:
    """PM2.5 is a part of PM10; more of it than of the whole is a fault of either."""
    ratio, per = rules.pm_ratio.as_integer_ratio()
    fine, coarse = values["pm25"], values["pm10"]
    are_there = (fine != ABSENT) & (coarse != ABSENT)
    return are_there & (np.where(are_there, fine, 0) * per > np.where(are_there, coarse, 0) * ratio)


def _flat(values: Integers, least: int) -> Booleans:
    """The whole of each run of at least so many hours with the same number."""
    if not len(values):
        return np.zeros(0, dtype=bool)
    starts = np.concatenate(([0], np.nonzero(values[1:] != values[:-1])[0] + 1))
    lengths = np.diff(np.append(starts, len(values)))
    return np.repeat((lengths >= least) & (values[starts] != ABSENT), lengths)


def _spikes(values: Integers, rules: Rules) -> Booleans:
    """Hours that leap away from their neighbours and back, measured by the steps before them."""
    steps, are_steps = _steps(values)
    into, out = steps[:-1], steps[1:]
    smaller = np.minimum(np.abs(into), np.abs(out))
    turns = are_steps[:-1] & are_steps[1:] & (np.sign(into) * np.sign(out) < 0)
    candidates = np.nonzero(turns & (2 * np.abs(into + out) < smaller))[0]
    spikes = np.zeros(len(values), dtype=bool)
    if len(candidates):
        deviation = _deviations(steps, are_steps, candidates, rules)
        # In fours, so that halves stay integers; divided, because the product might overflow.
        leaps = (4 * smaller[candidates] - 1) // rules.spike_deviations >= deviation
        spikes[candidates[leaps & (deviation > 0)]] = True
    return spikes


def _steps(values: Integers) -> tuple[Integers, Booleans]:
    """The step into each hour (of the first: none), and whether both its ends are there."""
    is_there = values != ABSENT
    known = np.where(is_there, values, 0)
    are_steps = np.concatenate(([False], is_there[1:] & is_there[:-1]))
    steps = np.concatenate(([0], np.diff(known))) if len(known) else known
    return np.where(are_steps, steps, 0), are_steps


def _deviations(
    steps: Integers, are_steps: Booleans, candidates: Integers, rules: Rules
) -> Integers:
    """Four times the median absolute deviation of the steps in the window before; 0: not known."""
    width = rules.spike_window
    before = np.concatenate((np.zeros(width, np.int64), steps))
    known = np.concatenate((np.zeros(width, dtype=bool), are_steps))
    rows = sliding_window_view(before, width)[candidates]
    marks = sliding_window_view(known, width)[candidates]
    counts = marks.sum(axis=1)
    middle = _twice_median(rows, marks, counts)
    away = np.abs(2 * rows - middle[:, None])
    return np.where(counts >= rules.spike_least, _twice_median(away, marks, counts), 0)


def _twice_median(rows: Integers, marks: Booleans, counts: Integers) -> Integers:
    """Twice the median of the marked numbers of each row, exact."""
    ordered = np.sort(np.where(marks, rows, np.iinfo(np.int64).max), axis=1)
    at = np.arange(len(rows))
    last = np.maximum(counts - 1, 0)
    low, high = ordered[at, last // 2], ordered[at, (last + 1) // 2]
    return np.where(counts > 0, low, 0) + np.where(counts > 0, high, 0)
