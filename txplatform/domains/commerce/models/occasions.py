"""Occasions, the one thing the models see, and what is known of each customer at a cut.

An occasion is a customer and a day with an order; its value is the day's sales and that day's
refunds. Whoever wants a model at an earlier date cuts the occasions first (`before`): no function
that learns or predicts is given a later row.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

DAYS_PER_WEEK = 7
CENTS = 100


class Occasions(NamedTuple):
    """Occasions in order of customer and day, whatever the order they came in."""

    customer_ids: NDArray[np.object_]
    """Each customer once, sorted."""
    customer: Whole
    """Of each occasion, the position in `customer_ids`."""
    day: Whole
    """Days since 1970-01-01."""
    cents: Whole

    def before(self, cut: date) -> Self:
        """Those before the midnight of a day, and only the customers who have one."""
        return self._only(self.day < day_number(cut))

    def within(self, first_day: date, end: date) -> Self:
        """Those from a day to the day before another."""
        return self._only((self.day >= day_number(first_day)) & (self.day < day_number(end)))

    def _only(self, is_wanted: NDArray[np.bool_]) -> Self:
        present, customer = np.unique(self.customer[is_wanted], return_inverse=True)
        ids = self.customer_ids[present]
        return type(self)(ids, _whole(customer), self.day[is_wanted], self.cents[is_wanted])

    def per_customer(self, amounts: Whole) -> Whole:
        """Whole amounts of the occasions, added up per customer."""
        starts = np.searchsorted(self.customer, np.arange(len(self.customer_ids)))
        return _whole(np.add.reduceat(amounts, starts)) if amounts.size else _whole([])


class Histories(NamedTuple):
    """What the models know of each customer at a cut; one entry per customer of the occasions."""

    customer_ids: NDArray[np.object_]
    repeats: Whole
    """x: occasions after the first."""
    last_days: Whole
    """7 t_x: from the first occasion to the last."""
    days: Whole
    """7 T: from the first occasion to the last observed day."""
    repeat_cents: Whole
    """x z: value of the occasions after the first."""

    @property
    def has_mean(self) -> NDArray[np.bool_]:
        """Whether the customer says anything about the value of an occasion: x > 0, z > 0."""
        return (self.repeats > 0) & (self.repeat_cents > 0)


class Distinct(NamedTuple):
    """The distinct (x, t_x, T), which thousands of customers share."""

    repeats: Real
    last_weeks: Real
    weeks: Real
    counts: Real
    """How many customers."""
    position: Whole
    """Of each customer, its place among the distinct ones."""


def occasions_of(rows: Iterable[tuple[str, date, int]]) -> Occasions:
    """Occasions from rows of customer, day and cents, each customer and day once."""
    columns = [*zip(*rows, strict=True)] or [(), (), ()]
    ids, days, cents = columns
    return occasions_from(np.array(ids, object), np.array(days, "datetime64[D]"), _whole(cents))


def occasions_from(
    customer_ids: NDArray[np.object_], days: NDArray[np.datetime64], cents: Whole
) -> Occasions:
    """The same from columns."""
    present, customer = np.unique(customer_ids, return_inverse=True)
    numbers = _whole(days.astype("datetime64[D]").astype(np.int64))
    order = np.lexsort((numbers, customer))
    return Occasions(present, _whole(customer)[order], numbers[order], _whole(cents)[order])


def histories(occasions: Occasions, as_of: date) -> Histories:
    """What is known at the midnight of `as_of`; `occasions` hold no later one."""
    count = occasions.per_customer(np.ones_like(occasions.day))
    starts = np.cumsum(count) - count
    first, last = occasions.day[starts], occasions.day[starts + count - 1]
    total = occasions.per_customer(occasions.cents)
    return Histories(
        occasions.customer_ids,
        repeats=count - 1,
        last_days=last - first,
        days=day_number(as_of) - 1 - first,
        repeat_cents=total - occasions.cents[starts],
    )


def distinct(known: Histories) -> Distinct:
    """The distinct histories of customers, with how many share each."""
    table = np.stack([known.repeats, known.last_days, known.days])
    order = np.lexsort(table)
    ordered = table[:, order]
    is_new = np.ones(order.size, bool)
    is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    starts = np.flatnonzero(is_new)
    repeats, last_days, days = ordered[:, starts].astype(np.float64)
    position = np.empty(order.size, np.int64)
    position[order] = np.cumsum(is_new) - 1
    counts = np.diff(np.append(starts, order.size)).astype(np.float64)
    return Distinct(repeats, last_days / DAYS_PER_WEEK, days / DAYS_PER_WEEK, counts, position)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))


def _whole(values: object) -> Whole:
    return np.asarray(values, np.int64)
