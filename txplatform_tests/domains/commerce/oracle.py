"""The money and customer tables in plain Python: fractions, dictionaries, one line after another.

Written from what the tables mean and sharing no code with the transforms, so that the two can
disagree.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

ANONYMOUS = "(anonymous)"


class Line(NamedTuple):
    """A line of an invoice as a test makes it."""

    order: str
    product: str
    quantity: int
    at: datetime
    price: Fraction
    customer: str
    country: str

    @property
    def cents(self) -> int:
        """Quantity x price, half away from zero."""
        exact = self.quantity * self.price * 100
        size = int(abs(exact) + Fraction(1, 2))
        return -size if exact < 0 else size

    @property
    def is_refund(self) -> bool:
        """Whether goods came back."""
        return self.order.startswith("C") or self.cents < 0

    @property
    def is_sale(self) -> bool:
        """Whether goods were sold."""
        return not self.is_refund and self.cents > 0

    @property
    def buyer(self) -> str:
        """Whom it belongs to."""
        return self.customer or ANONYMOUS


class Sums(NamedTuple):
    """Measures of a key: orders, lines, customers, pieces, gross, refund, net."""

    orders: int
    lines: int
    customers: int
    quantity: int
    gross: int
    refund: int
    net: int


Key = Callable[[Line], Any]


def counted(lines: Iterable[Line]) -> list[Line]:
    """Sales and refunds; what is given away or taken from stock is neither."""
    return [line for line in lines if line.is_sale or line.is_refund]


def first_lines(lines: list[Line]) -> set[int]:
    """Positions of the lines at which orders count: the first sale of each."""
    first: dict[str, int] = {}
    for place, line in enumerate(lines):
        known = first.get(line.order)
        if line.is_sale and (known is None or line.at < lines[known].at):
            first[line.order] = place
    return set(first.values())


def by(lines: list[Line], key: Key, is_product: bool = False) -> dict[Any, Sums]:
    """Measures by key."""
    kept = counted(lines)
    first = first_lines(kept)
    groups: dict[Any, list[int]] = defaultdict(list)
    for place, line in enumerate(kept):
        groups[key(line)].append(place)
    return {name: _sums(kept, places, first, is_product) for name, places in groups.items()}


def _sums(lines: list[Line], places: list[int], first: set[int], is_product: bool) -> Sums:
    some = [lines[place] for place in places]
    sales = [line for line in some if line.is_sale]
    orders = len({line.order for line in sales}) if is_product else len(first & set(places))
    gross = sum(line.cents for line in sales)
    refund = sum(line.cents for line in some if line.is_refund)
    customers = len({line.customer for line in sales if line.customer})
    pieces = sum(line.quantity for line in some)
    return Sums(orders, len(some), customers, pieces, gross, refund, gross + refund)


def money(cents: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(cents).scaleb(-2)


def monday(day: date) -> date:
    """The Monday of a day."""
    return day - timedelta(days=day.weekday())


class Person(NamedTuple):
    """A customer with an order."""

    recency: int
    frequency: int
    monetary: int


def population(lines: list[Line], as_of: date) -> dict[str, Person]:
    """Identified customers with an order: days since the last, orders, net."""
    kept = counted(lines)
    days: dict[str, list[date]] = defaultdict(list)
    for place in first_lines(kept):
        line = kept[place]
        if line.customer:
            days[line.customer].append(line.at.date())
    nets: dict[str, int] = defaultdict(int)
    for line in kept:
        nets[line.customer] += line.cents
    return {
        customer: Person((as_of - max(found)).days, len(found), nets[customer])
        for customer, found in days.items()
    }


def scores(values: dict[str, int]) -> dict[str, int]:
    """min(5, 1 + floor(5 x those strictly below / all)); all equal: 3."""
    number = len(values)
    if len(set(values.values())) == 1:
        return dict.fromkeys(values, 3)
    return {
        name: min(5, 1 + 5 * sum(other < value for other in values.values()) // number)
        for name, value in values.items()
    }


def gini(amounts: Iterable[int]) -> Fraction | None:
    """By its definition; negatives count as nothing."""
    ordered = sorted(max(amount, 0) for amount in amounts)
    number, total = len(ordered), sum(ordered)
    if not total:
        return None
    weighted = sum((2 * i - number - 1) * x for i, x in enumerate(ordered, start=1))
    return Fraction(weighted, number * total)


def cohort_cells(lines: list[Line]) -> dict[tuple[int, int], set[str]]:
    """Who ordered, by number of the cohort's month and age in months."""
    kept = counted(lines)
    months: dict[str, set[int]] = defaultdict(set)
    for place in first_lines(kept):
        line = kept[place]
        if line.customer:
            months[line.customer].add(line.at.year * 12 + line.at.month - 1)
    cells: dict[tuple[int, int], set[str]] = defaultdict(set)
    for customer, found in months.items():
        for month in found:
            cells[min(found), month - min(found)].add(customer)
    return cells


def pairs(lines: list[Line]) -> dict[tuple[str, str], int]:
    """In how many orders two products were sold together."""
    baskets: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.is_sale:
            baskets[line.order].add(line.product)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for products in baskets.values():
        for a in products:
            for b in products:
                if a < b:
                    found[a, b] += 1
    return found
