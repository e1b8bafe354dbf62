"""The seeded sample: two believable years of purchases, with refunds, twins, mistakes and abuses.

Everything follows from the seed and the date: the same arguments write the same bytes. The totals
that come back are what an ingestion of the file must find.
"""

import csv
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from txplatform.domains.spend.sources.parsing import money
from txplatform.domains.spend.sources.sample_mistakes import MISTAKES, csv_line
from txplatform.domains.spend.sources.sample_world import (
    ABUSES,
    CATEGORIES,
    DEPARTMENTS,
    MONTH_WEIGHT,
    OFFICE,
)
from txplatform.periods import WEEK, monday_of

HEADER = (
    "FISCAL_YEAR",
    "FISCAL_PERIOD",
    "DEPT_NAME",
    "DIV_NAME",
    "MERCHANT",
    "CAT_DESCR",
    "TRANS_DT",
    "MERCHANDISE_AMT",
)
WEEKS = 104
TWINS, REFUNDS, BLANK_MERCHANTS = 0.05, 0.02, 0.002
MISTAKEN = 0.005


@dataclass(frozen=True)
class SampleTotals:
    """What the sample holds: `purchases` good rows of `total_amount`, and the refused ones."""

    purchases: int
    total_amount: Decimal
    refused_by_rule: Mapping[str, int]
    first_week: date
    last_week: date
    planted: Mapping[str, int]
    """Purchases of the planted abuses, by the alert rule that should find them."""

    @property
    def refused(self) -> int:
        """Number of rows that an ingestion must refuse."""
        return sum(self.refused_by_rule.values())


class SamplePurchase(NamedTuple):
    """One good row before it is written; the amount in cents."""

    day: date
    department: str
    division: str
    merchant: str
    category: str
    cents: int


def write_sample(
    path: Path, rows: int = 60_000, seed: int = 2026, today: date | None = None
) -> SampleTotals:
    """Write `rows` good purchases, and about 0.5 % of bad rows between them, as delaware CSV.

    The two years end with the last week that is over on `today` (the current day by default).
    """
    chance = random.Random(seed)
    last_week = monday_of(today or datetime.now(UTC).date()) - WEEK
    first_week = last_week - timedelta(weeks=WEEKS - 1)
    planted = list(_abuses(chance, first_week, last_week))
    purchases = [purchase for _, purchase in planted]
    purchases += _ordinary(chance, first_week, rows - len(purchases))
    purchases.sort(key=lambda purchase: purchase.day)
    lines = [csv_line(_cells(chance, purchase)) for purchase in purchases]
    refused = _mix_in_mistakes(chance, lines, max(len(MISTAKES), round(rows * MISTAKEN)))
    path.write_text(csv_line(HEADER) + "".join(lines), encoding="utf-8", newline="")
    return SampleTotals(
        purchases=len(purchases),
        total_amount=money(sum(purchase.cents for purchase in purchases)),
        refused_by_rule=refused,
        first_week=first_week,
        last_week=last_week,
        planted=Counter(rule for rule, _ in planted),
    )


def _ordinary(chance: random.Random, first_week: date, count: int) -> list[SamplePurchase]:
    days = [first_week + timedelta(days=n) for n in range(7 * WEEKS)]
    weekdays = [day for day in days if day.weekday() < 5]
    weekend = [day for day in days if day.weekday() >= 5]
    weekday_draw = chance.choices(weekdays, [_busy(day) for day in weekdays], k=count)
    purchases: list[SamplePurchase] = []
    for day in weekday_draw:
        kind = chance.random()
        if purchases and kind < TWINS:
            purchases.append(chance.choice(purchases))
        elif purchases and kind < TWINS + REFUNDS:
            bought = chance.choice(purchases)
            back = bought.day + timedelta(days=chance.randint(1, 20))
            is_over = back > days[-1]
            purchases.append(
                bought._replace(day=bought.day if is_over else back, cents=-abs(bought.cents))
            )
        else:
            purchases.append(_purchase(chance, day, weekend))
    return purchases


def _busy(day: date) -> float:
    return MONTH_WEIGHT[day.month - 1] * (1.15, 1.25, 1.2, 1.1, 0.8)[day.weekday()]


def _purchase(chance: random.Random, day: date, weekend: list[date]) -> SamplePurchase:
    shares = [share for share, _ in DEPARTMENTS.values()]
    department = chance.choices(list(DEPARTMENTS), shares)[0]
    divisions = DEPARTMENTS[department][1]
    weights = [1 / (rank + 1) for rank in range(len(divisions))]
    division = chance.choices(list(divisions), weights)[0]
    own = divisions[division]
    category = chance.choice(own if chance.random() < 0.7 else OFFICE)
    what = CATEGORIES[category]
    if chance.random() < what.weekend * 2 / 7:
        day = chance.choice(weekend)
    merchants = what.merchants
    merchant = chance.choices(merchants, [1 / (rank + 1) for rank in range(len(merchants))])[0]
    if chance.random() < BLANK_MERCHANTS:
        merchant = ""
    cents = max(1, round(what.median * chance.lognormvariate(0, what.spread)))
    return SamplePurchase(day, department, division, merchant, category, cents)


def _abuses(
    chance: random.Random, first_week: date, last_week: date
) -> Iterator[tuple[str, SamplePurchase]]:
    """Purchases that a controller should look at, in the weeks after the first quarter."""
    weeks = (last_week - first_week).days // 7
    for abuse in ABUSES:
        for _ in range(abuse.times):
            day = first_week + timedelta(weeks=chance.randint(13, weeks), days=abuse.weekday)
            for _ in range(abuse.purchases):
                cents = chance.randint(abuse.lowest, abuse.highest) * abuse.unit
                yield abuse.rule, SamplePurchase(day, *abuse.where, cents)


def _cells(chance: random.Random, purchase: SamplePurchase) -> list[str]:
    day = purchase.day
    year, period = day.year + (day.month >= 7), (day.month - 7) % 12 + 1
    written = f"{money(purchase.cents):,}" if abs(purchase.cents) >= 100_000 else ""
    written = written or str(money(purchase.cents))
    if chance.random() < 0.05:
        written = f"(${written[1:]})" if purchase.cents < 0 else f"${written}"
    return [
        str(year),
        str(period),
        purchase.department,
        purchase.division,
        purchase.merchant,
        purchase.category,
        f"{day:%m/%d/%Y}",
        written,
    ]


def _mix_in_mistakes(chance: random.Random, lines: list[str], count: int) -> Mapping[str, int]:
    """Put `count` bad rows of every kind between the good ones; how many of which rule."""
    rules = [list(MISTAKES)[n % len(MISTAKES)] for n in range(count)]
    good = [next(csv.reader([line])) for line in chance.sample(lines, count)]
    for rule, cells in zip(rules, good, strict=True):
        lines.insert(chance.randrange(len(lines)), MISTAKES[rule](chance, cells))
    return Counter(rules)
