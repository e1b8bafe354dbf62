"""What planted abuses look like: each really breaks its rule, by the rule's own sentence."""

import random
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest

from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.trial.abuses import ABUSES
from txplatform.domains.spend.trial.grounds import Ground, Purchase
from txplatform_tests.domains.spend.trial.test_planting import purchases

TIMES, LIMIT = 10, 50_000
SATURDAY = 5


@pytest.fixture(scope="module")
def ground() -> Ground:
    """Eighty weeks of ordinary purchases, with a limit of 500."""
    rules = load_rules(None, Decimal(500), {})
    return Ground(purchases(80), rules, random.Random(3))  # noqa: S311 - seeded, not secret


def _is_split(bought: list[Purchase]) -> bool:
    is_each_within = all(one.cents <= LIMIT for one in bought)
    return is_each_within and sum(one.cents for one in bought) > LIMIT and len(bought) > 1


def _are_twins(bought: list[Purchase]) -> bool:
    return len({(one.day, one.cents) for one in bought}) == 1 and bought[0].cents >= 5_000


def _is_repeat(bought: list[Purchase]) -> bool:
    first, again = bought
    days = (again.day - first.day).days
    return 1 <= days <= 7 and first.cents == again.cents and not first.is_culprit


BREAKS: dict[str, Callable[[list[Purchase]], bool]] = {
    "SPLIT": _is_split,
    "DUPLICATE": _are_twins,
    "REPEAT": _is_repeat,
    "WEEKEND": lambda bought: bought[0].day.weekday() >= SATURDAY,
    "JUST_BELOW": lambda bought: all(0.95 * LIMIT <= one.cents <= LIMIT for one in bought),
    "OVER_LIMIT": lambda bought: bought[0].cents > LIMIT,
    "ROUND": lambda bought: bought[0].cents % 10_000 == 0 and bought[0].cents > 0,
    "REFUND_UNMATCHED": lambda bought: bought[0].cents < 0,
}


@pytest.mark.parametrize("rule", BREAKS)
def test_an_abuse_breaks_its_rule_be_it_easy_or_hard(ground: Ground, rule: str) -> None:
    made = list(ABUSES[rule](ground, TIMES))

    assert len(made) == TIMES
    assert [number for number, bought in enumerate(made) if not BREAKS[rule](bought)] == []


@pytest.mark.parametrize("rule", ["SPLIT", "DUPLICATE", "REPEAT"])
def test_purchases_that_belong_together_have_one_merchant_however_it_is_spelled(
    ground: Ground, rule: str
) -> None:
    for number, bought in enumerate(ABUSES[rule](ground, TIMES)):
        spellings = {one.place.merchant for one in bought}
        assert len({ground.rules.merchant_key(name) for name in spellings}) == 1
        assert len(spellings) == (2 if ground.is_hard(number) else 1)


def test_a_refund_is_more_than_the_division_ever_paid_there(ground: Ground) -> None:
    for [refund] in ABUSES["REFUND_UNMATCHED"](ground, TIMES):
        assert -refund.cents > ground.most_paid(refund.place)


def test_a_new_merchant_is_one_where_nobody_bought(ground: Ground) -> None:
    made_up = [one.place.merchant for [one] in ABUSES["NEW_MERCHANT"](ground, TIMES)]

    assert len(set(made_up)) == TIMES
    assert {ground.rules.merchant_key(name) for name in made_up}.isdisjoint(ground.merchant_keys)


def test_spikes_of_a_department_keep_apart(ground: Ground) -> None:
    """Catches: a spike that is what the next one is compared with."""
    mondays: dict[str, list[int]] = {}
    for bought in ABUSES["SPIKE"](ground, 100):
        days = [one.day.toordinal() // 7 for one in bought]
        mondays.setdefault(bought[0].place.department, []).append(days[0])

    for weeks in mondays.values():
        assert all(later - one > 12 for one, later in pairwise(weeks))
