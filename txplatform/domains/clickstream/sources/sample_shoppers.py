"""Made-up shoppers: what a session does and when, decided by a seed. Nothing real is in it."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple
from uuid import UUID

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
ABANDONED, BOUGHT_LATER, LOOKS_ONLY, EMPTIED = 0.30, 0.10, 0.35, 0.02
"""Shares: of carts that are abandoned, of those bought later, of sessions without a cart, of carts
that are emptied again."""
COUNTRIES = {"FR": 0.40, "DE": 0.25, "BE": 0.15, "ES": 0.12, "IT": 0.08}
DAILY_SWING = 0.5
EVENTS_OF_A_SESSION = 6.6
"""On average; so many sessions make the wanted events a second."""


class Act(NamedTuple):
    """One thing that a shopper does; `at_ms` since 1970."""

    event_id: str
    at_ms: int
    type: str
    customer_id: str
    session_id: str
    product_id: str
    quantity: int
    cents: int
    country: str


class Session(NamedTuple):
    """A session and how its cart ends: purchased, abandoned, recovered, emptied; "" without one."""

    acts: list[Act]
    outcome: str


def sessions(seed: int, start_ms: int, rate: float) -> Iterator[Session]:
    """Sessions without end, by the time they begin; more by day than by night."""
    random, at = Random(seed), float(start_ms)
    while True:
        at += random.expovariate(rate / EVENTS_OF_A_SESSION / 1000 * _daily(at))
        yield session(random, int(at))


def _daily(at_ms: float) -> float:
    return 1 + DAILY_SWING * math.sin(2 * math.pi * (at_ms % DAY_MS / DAY_MS - 0.3))


def session(random: Random, at_ms: int) -> Session:
    """One session that begins at a moment."""
    shopper = Shopper(random, at_ms)
    shopper.look(random.randint(1, 7))
    if random.random() < LOOKS_ONLY:
        return Session(shopper.acts, "")
    shopper.fill()
    return Session(shopper.acts, shopper.decide())


def burst(random: Random, at_ms: int, events: int, pause_ms: int, country: str) -> Session:
    """A session that only looks, at a machine's speed."""
    shopper = Shopper(random, at_ms, country)
    for number in range(events):
        shopper.now_ms = at_ms + number * pause_ms
        shopper.act("view", 1, 0)
    return Session(shopper.acts, "")


class Shopper:
    """Who shops: carries the clock from one act to the next."""

    def __init__(self, random: Random, at_ms: int, country: str | None = None) -> None:
        self.random = random
        self.now_ms = at_ms
        self.acts: list[Act] = []
        self.session_id = f"s-{random.getrandbits(48):012x}"
        self.customer_id = f"c-{random.randrange(200_000):06d}"
        drawn = random.choices(list(COUNTRIES), list(COUNTRIES.values()))[0]
        self.country = country or drawn
        self.cart: list[tuple[str, int, int]] = []

    def act(self, kind: str, quantity: int, cents: int, product: str | None = None) -> None:
        """Do something now."""
        event_id = str(UUID(int=self.random.getrandbits(128), version=4))
        product = product or f"p-{self.random.randrange(5_000):04d}"
        who = (self.customer_id, self.session_id, product)
        self.acts.append(Act(event_id, self.now_ms, kind, *who, quantity, cents, self.country))

    def look(self, times: int) -> None:
        """Look at products, some seconds each."""
        for _ in range(times):
            self.act("view", 1, self.random.randrange(200, 20_000))
            self.wait(3, 90)

    def wait(self, shortest: float, longest: float) -> None:
        """Let seconds pass."""
        self.now_ms += int(1000 * self.random.uniform(shortest, longest))

    def fill(self) -> None:
        """Put things into the cart; now and then take one out again, never the last."""
        for _ in range(self.random.randint(1, 4)):
            quantity = self.random.choice((1, 1, 1, 2, 3))
            line = (
                f"p-{self.random.randrange(5_000):04d}",
                quantity,
                self.random.randrange(500, 25_000),
            )
            self.cart.append(line)
            self.act("add", line[1], line[1] * line[2], line[0])
            self.wait(5, 120)
        if len(self.cart) > 1 and self.random.random() < 0.2:
            self.take_out()

    def take_out(self) -> None:
        """Remove the line put in last."""
        product, quantity, cents = self.cart.pop()
        self.act("remove", quantity, quantity * cents, product)
        self.wait(5, 60)

    def decide(self) -> str:
        """Buy, leave, come back later, or empty the cart."""
        drawn = self.random.random()
        if drawn < EMPTIED:
            while self.cart:
                self.take_out()
            return "emptied"
        is_left = self.random.random() < ABANDONED
        if not is_left or self.random.random() < 0.4:
            self.act("checkout", 1, self.total())
        if not is_left:
            self.wait(10, 1_500)
        elif self.random.random() < BOUGHT_LATER:
            self.wait(2_400, 7_200)
        else:
            return "abandoned"
        self.act("purchase", 1, self.total())
        return "recovered" if is_left else "purchased"

    def total(self) -> int:
        """Value of the cart in cents."""
        return sum(quantity * cents for _, quantity, cents in self.cart)


def written_time(at_ms: int) -> str:
    """A moment as events write it."""
    whole = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
