"""Occasions, the one thing the models see, and what is known of each customer at a cut.

An occasion is a customer and a day with an order; its value is the day's sales and that day's
refunds. Whoever wants a model at an earlier date cuts the occasions first (`before`): no function
that learns or predicts is given a later row.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from txplatform.domains.commerce.transforms.calendar import number as day_number

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

DAYS_PER_WEEK = 7
CENTS = 100
MOST_DAYS = 1 << 20
"""And of occasions, one a day: three such numbers fit into one of 64 bits."""

UNITS = np.array([[1], [DAYS_PER_WEEK], [DAYS_PER_WEEK]])


class Occasions(NamedTuple):
    """Occasions in order of customer and day, whatever the order they came in."""

    customer_ids: pa.Array
    """Every customer of the shop once, sorted; a cut leaves it as it is."""
    customer: Whole
    """Of each occasion, the position in `customer_ids`."""
    day: Whole
    """Days since 1970-01-01."""
    cents: Whole

    def before(self, cut: date) -> Self:
        """Those before the midnight of a day."""
        return self._only(self.day < day_number(cut))

    def within(self, first_day: date, end: date) -> Self:
        """Those from a day to the day before another."""
        return self._only((self.day >= day_number(first_day)) & (self.day < day_number(end)))

    def cents_of(self, customer: Whole) -> Whole:
        """Value of all occasions of each of some customers."""
        return self.total_of(self.cents, customer)

    def count_of(self, customer: Whole) -> Whole:
        """Number of occasions of each of some customers."""
        return self.total_of(np.ones_like(self.cents), customer)

    def _only(self, is_wanted: Flags) -> Self:
        kept = (column[is_wanted] for column in (self.customer, self.day, self.cents))
        return type(self)(self.customer_ids, *kept)

    def total_of(self, amounts: Whole, customer: Whole) -> Whole:
        """Whole amounts, one per occasion, added up for each of some customers."""
        totals = np.zeros(len(self.customer_ids), np.int64)
        np.add.at(totals, self.customer, amounts)
        return totals[customer]


class Histories(NamedTuple):
    """What the models know of each customer with an occasion before a cut."""

    customer: Whole
    """Positions in the `customer_ids` of the occasions."""
    repeats: Whole
    """x: occasions after the first."""
    last_days: Whole
    """7 t_x: from the first occasion to the last."""
    days: Whole
    """7 T: from the first occasion to the last observed day."""
    repeat_cents: Whole
    """x z: value of the occasions after the first."""

    @property
    def has_mean(self) -> Flags:
        """Whether the customer says anything about the value of an occasion: x > 0, z > 0."""
        return (self.repeats > 0) & (self.repeat_cents > 0)


class Levels(NamedTuple):
    """A column by its distinct values, of which there are far fewer than rows."""

    values: Real
    position: Whole

    def each(self, function: Callable[[Real], Real]) -> Real:
        """A function of every row, worked out once per distinct value."""
        return function(self.values)[self.position]

    @property
    def rows(self) -> Real:
        """The column itself."""
        return self.values[self.position]


class Distinct(NamedTuple):
    """The distinct (x, t_x, T), which thousands of customers share."""

    repeats: Levels
    last_weeks: Levels
    weeks: Levels
    counts: Real
    """How many customers."""
    position: Whole
    """Of each customer, its place among the distinct ones."""

    def total(self, values: Real) -> float:
        """Sum over all customers of what is said of each distinct history.

        Without BLAS, whose sums depend on the number of threads.
        """
        return float((self.counts * values).sum())


def occasions_of(table: pa.Table) -> Occasions:
    """Occasions from columns `customer_id`, `day` and `cents`, each customer and day once."""
    encoded = pc.dictionary_encode(table["customer_id"].cast(pa.string())).combine_chunks()
    by_id = pc.array_sort_indices(encoded.dictionary).to_numpy()
    place = np.empty_like(by_id)
    place[by_id] = np.arange(by_id.size)
    customer = place[encoded.indices.to_numpy()].astype(np.int64)
    day = table["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    order = np.lexsort((day, customer))
    cents = table["cents"].to_numpy().astype(np.int64)
    return Occasions(encoded.dictionary.take(by_id), customer[order], day[order], cents[order])


def histories(occasions: Occasions, cut: date) -> Histories:
    """What is known at the midnight of `cut`.

    Raises:
        ValueError: an occasion is not before it; a model that learns from it knows the future.
    """
    if occasions.day.size and occasions.day.max() >= day_number(cut):
        raise ValueError(f"an occasion is not before {cut}: cut the occasions first")
    customer, starts, count = np.unique(occasions.customer, return_index=True, return_counts=True)
    first, last = occasions.day[starts], occasions.day[starts + count - 1]
    return Histories(
        customer,
        repeats=count - 1,
        last_days=last - first,
        days=day_number(cut) - 1 - first,
        repeat_cents=occasions.cents_of(customer) - occasions.cents[starts],
    )


def distinct(known: Histories) -> Distinct:
    """The distinct histories of customers, with how many share each."""
    key = (known.days * MOST_DAYS + known.last_days) * MOST_DAYS + known.repeats
    _, first, position, counts = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    table = np.stack([known.repeats, known.last_days, known.days])[:, first] / UNITS
    repeats, last_weeks, weeks = (levels(column) for column in table)
    return Distinct(repeats, last_weeks, weeks, counts.astype(np.float64), position)


def levels(column: Real) -> Levels:
    """A column by its distinct values."""
    return Levels(*np.unique(column, return_inverse=True))
