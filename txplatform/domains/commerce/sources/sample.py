"""A made-up shop: customers who come at rates of their own, return, leave, and give goods back.

Seeded, and drawn as the models of repeat buying believe shops to be, so that they have something
true to find: rates are gamma, chances to leave beta, what a customer spends gamma around a mean.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
DAY_SECONDS, WEEK_DAYS = 86_400, 7.0

RATE_SHAPE, RATE_WEEKS = 0.9, 7.0
"""r and alpha: of orders a week, before the season thins them out."""
LEAVING_A, LEAVING_B = 1.0, 4.0
SPENDING_SHAPE = 6.0
JOINING_SHARE = 0.75
"""Customers join in the first part of the time."""
SEASON = (0.8, 0.6, 0.7, 0.7, 0.8, 0.7, 0.5, 0.5, 0.7, 0.8, 1.0, 1.0)
"""How many of the orders that would come do come, from January on."""

PRODUCTS, POST_CENTS, VOUCHER_CENTS = 120, 450, -500
REFUNDED, FREE, ANONYMOUS, WITH_POST, WITH_VOUCHER = 0.03, 0.005, 0.05, 0.10, 0.01
"""Shares of the lines, or of the orders."""

SALE, REFUND, GIFT, POST, VOUCHER = range(5)
"""What a line is."""


class Plan(NamedTuple):
    """What decides about every line of a made-up shop."""

    customers: int = 1_500
    days: int = 1_095
    seed: int = 1
    first_day: date = date(2023, 1, 2)


class Visits(NamedTuple):
    """Orders: who placed each, when (seconds since 1970), in order of time."""

    customer: Whole
    at: Whole


class Lines(NamedTuple):
    """Lines of orders, in order of time."""

    order: Whole
    customer: Whole
    """Its number; -1 is nobody."""
    at: Whole
    product: Whole
    quantity: Whole
    price: Whole
    """Cents of a piece."""
    what: Whole

    @property
    def amount(self) -> Whole:
        """Cents."""
        return self.quantity * self.price

    def at_places(self, places: NDArray[Any]) -> "Lines":
        """Some of the lines, or all in another order."""
        return Lines(*(column[places] for column in self))


class Shop(NamedTuple):
    """A drawn shop."""

    joined: Whole
    """The second when each customer began."""
    has_left: Flags
    """Whether a customer would never come again."""
    lines: Lines


def drawn(plan: Plan) -> Shop:
    """Every customer and line of a plan."""
    draw = np.random.default_rng(plan.seed)
    start = plan.first_day.toordinal() - date(1970, 1, 1).toordinal()
    joined_day = draw.uniform(0, plan.days * JOINING_SHARE, plan.customers)
    rounds, has_left = _visits(plan, draw, joined_day)
    customer = np.concatenate([who for who, _ in rounds])
    day = np.concatenate([when for _, when in rounds])
    kept = draw.random(len(day)) < _season(start + day)
    visits = _timed(draw, customer[kept], (start + day[kept]).astype(np.int64))
    joined = ((start + joined_day.astype(np.int64)) * DAY_SECONDS).astype(np.int64)
    end = (start + plan.days) * DAY_SECONDS
    return Shop(joined, has_left, _lines(draw, plan, visits, end))


def _visits(
    plan: Plan, draw: np.random.Generator, joined: Real
) -> tuple[list[tuple[Whole, Real]], Flags]:
    """Rounds of orders: each customer's first, then of those who stayed the next, and so on."""
    rate = draw.gamma(RATE_SHAPE, 1 / RATE_WEEKS, plan.customers) / WEEK_DAYS
    leaving = draw.beta(LEAVING_A, LEAVING_B, plan.customers)
    has_left = np.zeros(plan.customers, dtype=bool)
    who, when = np.arange(plan.customers), joined.copy()
    rounds = []
    while len(who):
        rounds.append((who, when))
        is_first = not rounds[1:]  # as the model has it: nobody leaves before coming back once
        stays = is_first | (draw.random(len(who)) >= leaving[who])
        has_left[who[~stays]] = True
        who, when = who[stays], when[stays]
        when = when + draw.exponential(1 / rate[who])
        is_inside = when < plan.days
        who, when = who[is_inside], when[is_inside]
    return rounds, has_left


def _season(days: Real) -> Real:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return np.array(SEASON)[months]


def _timed(draw: np.random.Generator, customer: Whole, day: Whole) -> Visits:
    """Shops are busy towards the evening."""
    second = (np.clip(draw.normal(15.5, 3, len(day)), 7, 22) * 3_600).astype(np.int64)
    at = day * DAY_SECONDS + second
    order = np.lexsort((customer, at))
    is_anonymous = draw.random(len(at)) < ANONYMOUS
    return Visits(np.where(is_anonymous, -1, customer)[order], at[order])


def _lines(draw: np.random.Generator, plan: Plan, visits: Visits, end: int) -> Lines:
    goods = _goods(draw, plan, visits)
    parts = [goods, *_extras(draw, visits), _refunds(draw, goods, len(visits.at), end)]
    whole = Lines(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return whole.at_places(np.lexsort((whole.order, whole.at)))


def _goods(draw: np.random.Generator, plan: Plan, visits: Visits) -> Lines:
    """Popular products come more often, and who spends much takes the dearer kinds."""
    order = np.repeat(np.arange(len(visits.at)), 1 + draw.poisson(1.2, len(visits.at)))
    product = np.minimum(draw.zipf(1.3, len(order)), PRODUCTS) - 1
    list_price = np.round(np.exp(draw.normal(6.8, 0.8, PRODUCTS))).astype(np.int64) + 50
    purse = draw.gamma(SPENDING_SHAPE, 1 / SPENDING_SHAPE, plan.customers + 1)
    customer = visits.customer[order]
    price = np.maximum(np.round(list_price[product] * purse[customer]), 1).astype(np.int64)
    is_gift = draw.random(len(order)) < FREE
    quantity = 1 + draw.poisson(0.6, len(order))
    what = np.where(is_gift, GIFT, SALE)
    price = np.where(is_gift, 0, price)
    return Lines(order, customer, visits.at[order], product, quantity, price, what)


def _extras(draw: np.random.Generator, visits: Visits) -> Iterator[Lines]:
    """Postage and vouchers: lines of an order that are no goods."""
    for what, share, cents in (
        (POST, WITH_POST, POST_CENTS),
        (VOUCHER, WITH_VOUCHER, VOUCHER_CENTS),
    ):
        order = np.nonzero(draw.random(len(visits.at)) < share)[0]
        same = (np.full(len(order), value) for value in (0, 1, cents, what))
        yield Lines(order, visits.customer[order], visits.at[order], *same)


def _refunds(draw: np.random.Generator, goods: Lines, orders: int, end: int) -> Lines:
    """Goods that come back some days later, under an order of their own."""
    later = goods.at + draw.integers(1, 15, len(goods.at)) * DAY_SECONDS
    is_sale = (goods.what == SALE) & (draw.random(len(later)) < REFUNDED) & (later < end)
    back = goods.at_places(is_sale)
    count = len(back.at)
    return back._replace(
        order=np.arange(orders, orders + count),
        at=later[is_sale],
        quantity=-back.quantity,
        what=np.full(count, REFUND),
    )
