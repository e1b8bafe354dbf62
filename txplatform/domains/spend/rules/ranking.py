"""How far up the list an alert belongs: what its rules weigh, and how rarely they come together.

The evidence against a purchase is the product of (1 - weight) over its rules, times the share of
purchases that break at least these rules: the smaller, the odder. A department's own share counts
as soon as it has purchases enough to have one. Risk is 1 less the fourth root of it, so that it
spreads over 0 to 1 and has people's digits.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import prod
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from txplatform.domains.spend.rules.catalogue import WEIGHTS, Severity

DIGITS = 3
"""Of a risk: a purchase more or less changes none, and leaves the alerts of other weeks alone."""
USUAL_PURCHASES = 200
"""So many purchases of the organisation stand beside a department's own."""
PRIOR_DECISIONS = Decimal(20)
"""So many decisions is a rule's severity worth against what controllers found."""
Kind = tuple[str, str]
"""A rule and the severity of its alert: CATEGORY has two."""
Numbers = npt.NDArray[Any]
T = TypeVar("T")


class Evidence(NamedTuple):
    """What controllers found of the alerts of one kind that they have decided."""

    abusive: int
    decided: int


class Weight(NamedTuple):
    """What an alert of one kind adds to the evidence: from its severity to what was found."""

    prior: Decimal
    evidence: Evidence
    weight: Decimal


def weight_of(kind: Kind, evidence: Evidence, is_frozen: bool = False) -> Weight:
    """The weight of a kind of alert; frozen, it stays that of its severity."""
    prior = WEIGHTS[cast("Severity", kind[1])]
    found = PRIOR_DECISIONS * prior + evidence.abusive
    learnt = (found / (PRIOR_DECISIONS + evidence.decided)).quantize(Decimal("0.0001"))
    return Weight(prior, evidence, prior if is_frozen else learnt)


def risks_of_alerts(
    alerts: pa.Table, purchases: Mapping[str, int], weights: Mapping[Kind, Decimal]
) -> list[Decimal]:
    """The risk of each alert: that of its gravest purchase.

    Args:
        alerts: all that there are: `alert_id`, `rule`, `severity`, `department` and
            `transaction_ids`; one without purchases (SPIKE) stands for itself.
        purchases: number of purchases by department.
        weights: of every kind of alert.
    """
    numbers = {kind: number for number, kind in enumerate(weights)}
    names = ("alert_id", "rule", "severity", "department", "transaction_ids")
    rows = list(zip(*(alerts[name].to_pylist() for name in names), strict=True))
    rules: dict[str, int] = {}
    places: dict[str, str] = {}
    for alert_id, rule, severity, department, ids in rows:
        for one in ids or [alert_id]:
            rules[one] = rules.get(one, 0) | 1 << numbers[rule, severity]
            places[one] = min(department, places.get(one, department))
    counted = Counter((places[one], mask) for one, mask in rules.items())
    sets = [(*key, count) for key, count in sorted(counted.items())]
    found = dict(zip(sorted(counted), risks(sets, purchases, list(weights.values())), strict=True))
    return [max(found[places[i], rules[i]] for i in ids or [one]) for one, *_, ids in rows]


def risks(
    sets: Sequence[tuple[str, int, int]], purchases: Mapping[str, int], weights: Sequence[Decimal]
) -> list[Decimal]:
    """The risk of the purchases of each department that break the same rules.

    Args:
        sets: department, rules as a sum of 2 ^ the number of their kind, and how many purchases.
        purchases: number of purchases by department, whatever the rules say of them.
        weights: of each kind, by its number.
    """
    if not sets:
        return []
    departments, place = _numbered(department for department, _, _ in sets)
    masks, which = _numbered(mask for _, mask, _ in sets)
    counts = np.zeros((len(departments), len(masks)))
    np.add.at(counts, (place, which), [count for _, _, count in sets])
    totals = np.maximum([purchases.get(one, 0) for one in departments], counts.sum(axis=1))
    shares = _shares(np.array(masks), counts, totals, sum(purchases.values()))
    remaining = [prod(_remaining(mask, weights)) for mask in masks]
    evidence = (shares * remaining)[place, which]
    return [Decimal(f"{one:.{DIGITS}f}") for one in 1 - np.sqrt(np.sqrt(evidence))]


def _shares(masks: Numbers, counts: Numbers, totals: Numbers, purchases: int) -> Numbers:
    """Of each department and set of rules, the share of purchases that break at least these."""
    has_at_least = (masks[:, None] & masks[None, :]) == masks[:, None]
    at_least = counts @ has_at_least.T
    everywhere = at_least.sum(axis=0) / max(purchases, totals.sum())
    found: Numbers = (at_least + USUAL_PURCHASES * everywhere) / (totals[:, None] + USUAL_PURCHASES)
    return found


def _remaining(mask: int, weights: Sequence[Decimal]) -> Iterator[float]:
    return (float(1 - weight) for bit, weight in enumerate(weights) if mask >> bit & 1)


def _numbered(values: Iterable[T]) -> tuple[list[T], list[int]]:
    """The distinct values, and which of them each one is."""
    numbers: dict[T, int] = {}
    found = [numbers.setdefault(value, len(numbers)) for value in values]
    return list(numbers), found
