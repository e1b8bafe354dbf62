"""Purchases that abuses are planted in: where, when, and what is usual there; amounts in cents."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute as pc

from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.errors import UsageError

HARD_ONE_IN = 10
SETTLED_WEEKS = 53
FEWEST_WEEKS = 60
PLANTED = "planted-"
TRIES = 100_000
MAD_FACTOR = 0.6745
POPULATION = 200
"""Purchases that a category has in the year before, so that what is planted shifts it little."""


class Place(NamedTuple):
    """Where something is bought."""

    department: str
    division: str
    merchant: str
    category: str


Cents = npt.NDArray[np.int64]
Rows = npt.NDArray[np.bool_]
Fit = Callable[[Place, str], bool]
"""Whether a place, with the key of its merchant, will do."""


def elsewhere(department: str, keys: frozenset[str]) -> Fit:
    """Places of a department with another merchant than these."""
    return lambda place, key: place.department == department and key not in keys


def lacking(keys: frozenset[str]) -> Fit:
    """Places with another merchant than these."""
    return lambda _place, key: key not in keys


class Purchase(NamedTuple):
    """A purchase to be planted; a refund has negative cents."""

    day: date
    place: Place
    cents: int
    is_culprit: bool = True
    """Whether the rule must name it; the first of two equal payments is innocent."""


class Ground:
    """Purchases that abuses are planted in, as arrays; `weeks` are those that can take some.

    Before the first of them lies a year: the rules know what is usual, and which merchants.
    """

    def __init__(
        self,
        purchases: pa.Table,
        rules: Rulebook,
        chance: random.Random,
        hard_one_in: int = HARD_ONE_IN,
    ) -> None:
        """Look at purchases (`purchases.TRANSACTION_COLUMNS`), for one hard abuse in so many.

        Raises:
            UsageError: they span too few weeks.
        """
        self.rules, self.chance, self.table = rules, chance, purchases
        self.hard_one_in = hard_one_in
        days = purchases["transaction_date"].cast(pa.int32()).to_numpy()
        self.week = (days + 3) // 7  # 1970-01-01 was a Thursday
        self.day = days
        amounts = pc.multiply(purchases["amount"], pa.scalar(Decimal(100)))
        self.cents: Cents = amounts.cast(pa.int64()).to_numpy()
        first, last = int(self.week.min()), int(self.week.max())
        if last - first < FEWEST_WEEKS:
            raise UsageError(
                f"The purchases span {last - first + 1} weeks; planting abuses takes more than "
                f"{FEWEST_WEEKS}: a year by which the rules know what is usual, and some weeks."
            )
        self.weeks = [_monday(week) for week in range(first + SETTLED_WEEKS, last)]

    @cached_property
    def names(self) -> dict[str, npt.NDArray[np.object_]]:
        """Department, division, merchant and category of each purchase."""
        return {name: self.table[name].to_numpy(zero_copy_only=False) for name in Place._fields}

    def is_hard(self, number: int) -> bool:
        """Whether the n-th abuse of a rule is a hard one: the last of so many."""
        return number % self.hard_one_in == self.hard_one_in - 1

    def place(self, is_fit: "Fit | None" = None) -> Place:
        """Where somebody did buy, at a merchant that has a name."""
        for _ in range(TRIES):
            at = self.chance.randrange(len(self.cents))
            place = Place(*(str(self.names[name][at]) for name in Place._fields))
            key = self.rules.merchant_key(place.merchant)
            if key and (is_fit is None or is_fit(place, key)):
                return place
        raise UsageError("The purchases are too few, or too much alike, to plant abuses in them.")

    def weekday(self) -> date:
        """A Tuesday, Wednesday or Thursday."""
        return self.chance.choice(self.weeks) + timedelta(days=self.chance.randint(1, 3))

    def limit(self, place: Place) -> int:
        """The limit of a place in cents; where none is set, one that the amounts can go by."""
        return int((self.rules.limits.of(place.department) or Decimal(500)) * 100)

    def share(self, cents: int, low: float, high: float) -> int:
        """So many times an amount, at random; never a round one."""
        drawn = round(cents * self.chance.uniform(low, high))
        return drawn + 7 if drawn % 10_000 == 0 else drawn

    def before(self, day: date, weeks: int) -> Rows:
        """Which purchases lie in the calendar weeks before the week of a day."""
        week = _week(day)
        found: Rows = np.logical_and(self.week >= week - weeks, self.week < week)
        return found

    @cached_property
    def merchant_keys(self) -> npt.NDArray[np.object_]:
        """The merchant key of each purchase."""
        merchants, key_of = self.names["merchant"], self.rules.merchant_key
        keys = {name: key_of(str(name)) for name in set(merchants)}
        return np.array([keys[name] for name in merchants], dtype=object)

    @cached_property
    def merchants(self) -> frozenset[str]:
        """The keys of all merchants that have one."""
        return frozenset(key for key in self.merchant_keys if key)

    def merchants_of(self, place: Place) -> frozenset[str]:
        """The keys of the merchants where a division ever bought."""
        return frozenset(self.merchant_keys[self._is_division(place)])

    def most_paid(self, place: Place) -> int:
        """The most that a division ever paid at a merchant, in cents; 0: it never bought there."""
        is_same = self.merchant_keys == self.rules.merchant_key(place.merchant)
        return max(0, int(self.cents[self._is_division(place) & is_same].max(initial=0)))

    def merchants_of_planted(self, rule: str) -> frozenset[str]:
        """The keys of the merchants where abuses of a rule were planted."""
        is_its = pc.starts_with(self.table["transaction_id"], f"{PLANTED}{rule}")
        return frozenset(self.merchant_keys[is_its.to_numpy()])

    def _is_division(self, place: Place) -> Rows:
        is_department = self.names["department"] == place.department
        found: Rows = np.logical_and(is_department, self.names["division"] == place.division)
        return found


class SpikeWeek(NamedTuple):
    """A week of a department: what it spent, and what is usual, in cents."""

    department: str
    monday: date
    spent: int
    usual: float
    deviation: float


def weeks_to_spike(ground: Ground, past: int) -> Iterator[SpikeWeek]:
    """Weeks of departments that bought in each of the `past` weeks before, in unequal amounts.

    So far apart that no spike is in the past of another.
    """
    for department in sorted(set(ground.names["department"])):
        is_own = ground.names["department"] == department
        totals = dict.fromkeys(sorted(set(ground.week[is_own])), 0)
        for week, cents in zip(ground.week[is_own], ground.cents[is_own], strict=True):
            totals[week] += int(cents)
        free_from = 0
        for monday in ground.weeks:
            week = _week(monday)
            before = [totals[one] for one in range(week - past, week) if one in totals]
            usual = float(np.median(before)) if before else 0.0
            deviation = float(np.median(np.abs(np.array(before) - usual))) if before else 0.0
            if week >= free_from and len(before) == past and deviation > 0:
                free_from = week + past + 1
                yield SpikeWeek(department, monday, totals.get(week, 0), usual, deviation)


def category_and_day(ground: Ground) -> tuple[Place, date, Cents]:
    """Somewhere in a category that many bought in during the year before, and their cents."""
    for _ in range(TRIES):
        place, day = ground.place(), ground.weekday()
        is_like = ground.names["category"] == place.category
        weeks = ground.rules.population_weeks
        amounts = ground.cents[is_like & (ground.cents > 0) & ground.before(day, weeks)]
        if len(amounts) >= POPULATION:
            return place, day, amounts
    raise UsageError("No category has enough purchases in a year to plant unusual ones in it.")


def with_score(amounts: Cents, score: float) -> int:
    """The amount, in cents, that has a robust score among others."""
    logarithms = np.log10(amounts)
    median = float(np.median(logarithms))
    deviation = float(np.median(np.abs(logarithms - median))) / MAD_FACTOR
    return round(10 ** (median + score * deviation)) + 1


def _week(day: date) -> int:
    return ((day - date(1970, 1, 1)).days + 3) // 7


def _monday(week: int) -> date:
    return date(1970, 1, 1) + timedelta(days=7 * week - 3)
