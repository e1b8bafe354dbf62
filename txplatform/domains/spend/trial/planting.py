"""Planting labelled abuses into purchases, to measure what the rules find: seeded, every rule.

Nine in ten of a rule are easy, unless another share is asked for: they break other rules too, as a
split invoice has parts just below the limit. One in ten is hard: barely beyond what its rule asks
for, and small or spelled differently. `abuses.py` says what each of them looks like.
"""

import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa

from txplatform import money
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.trial.abuses import ABUSES
from txplatform.domains.spend.trial.grounds import HARD_ONE_IN, PLANTED, Ground, Place, Purchase
from txplatform.periods import monday_of


class Abuse(NamedTuple):
    """What was planted: `rule` must find the `culprits`; all of its purchases have a label."""

    rule: str
    is_hard: bool
    department: str
    week_start: date
    culprits: tuple[str, ...]
    transaction_ids: tuple[str, ...]


class Mixture(NamedTuple):
    """What to plant: abuses per rule, by which seed, and of how many of them one is hard."""

    times: int
    seed: int
    hard_one_in: int = HARD_ONE_IN


def plant(
    purchases: pa.Table, rules: Rulebook, times: int, seed: int, hard_one_in: int = HARD_ONE_IN
) -> tuple[pa.Table, tuple[Abuse, ...]]:
    """Plant `times` abuses of every active rule.

    Args:
        purchases: `purchases.TRANSACTION_COLUMNS`.
        rules: those that are off get none.
        times: abuses per rule.
        seed: the same seed plants the same.
        hard_one_in: of so many of a rule one is hard.

    Returns:
        All purchases, and the labels of the planted ones.
    """
    chance, abuses = random.Random(seed), list[Abuse]()  # noqa: S311 - seeded, not secret
    active = {rule.code for rule in rules.active}
    for rule, make in ABUSES.items():
        if rule not in active:
            continue
        ground = Ground(purchases, rules, chance, hard_one_in)
        for number, bought in enumerate(make(ground, times)):
            planted = {f"{PLANTED}{rule}-{number:03}-{n}": one for n, one in enumerate(bought)}
            abuses.append(_labelled(rule, ground.is_hard(number), planted))
            purchases = pa.concat_tables([purchases, _rows(planted)])
    return purchases, tuple(abuses)


def _labelled(rule: str, is_hard: bool, bought: Mapping[str, Purchase]) -> Abuse:
    culprits = {name: one for name, one in bought.items() if one.is_culprit}
    last = list(culprits.values())[-1]
    week = monday_of(last.day)
    return Abuse(rule, is_hard, last.place.department, week, tuple(culprits), tuple(bought))


def _rows(bought: Mapping[str, Purchase]) -> pa.Table:
    amounts = [Decimal(one.cents).scaleb(-2) for one in bought.values()]
    return pa.table(
        {
            "transaction_id": list(bought),
            **{
                name: [getattr(one.place, name) for one in bought.values()]
                for name in Place._fields
            },
            "transaction_date": pa.array([one.day for one in bought.values()], pa.date32()),
            "amount": pa.array(amounts, money.ARROW),
            "card": pa.nulls(len(bought), pa.string()),
        }
    )
