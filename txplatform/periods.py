"""Periods: hours, days and weeks as half-open stretches of time, named by their start. No I/O.

A period is a `date` (a day, or the Monday of a week) or a `datetime` (an hour). What does not
belong here: partition keys, which are Dagster's, and what was measured or computed of a period.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)

Start = TypeVar("Start", date, datetime)


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def mondays(first: date, last: date) -> list[date]:
    """Every Monday from `first` to `last`, inclusive."""
    return every(first, last, WEEK)


def every(first: Start, last: Start, step: timedelta) -> list[Start]:
    """Every period from `first` to `last`, inclusive; none where `last` is earlier."""
    return [first + step * n for n in range((last - first) // step + 1)]


def ranges(starts: Iterable[Start], step: timedelta, at_most: int) -> Iterator[tuple[Start, Start]]:
    """Neighbouring periods as ranges of `at_most` periods, in order, each once."""
    part: list[Start] = []
    for start in sorted(set(starts)):
        if part and (start != part[-1] + step or len(part) == at_most):
            yield part[0], part[-1]
            part = []
        part.append(start)
    if part:
        yield part[0], part[-1]


def spans(starts: Iterable[Start], step: timedelta, at_most: int) -> Iterator[tuple[Start, Start]]:
    """As few stretches of `at_most` periods as hold them all, whatever lies between, in order."""
    part: list[Start] = []
    for start in sorted(set(starts)):
        if part and start >= part[0] + step * at_most:
            yield part[0], part[-1]
            part = []
        part.append(start)
    if part:
        yield part[0], part[-1]
