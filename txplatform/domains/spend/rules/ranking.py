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
from typing import Any, NamedTuple, Self, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute as pc

from txplatform.domains.spend.rules.catalogue import WEIGHTS, Severity

DIGITS = 3
"""Of a risk: a purchase more or less changes none, and leaves the alerts of other weeks alone."""
USUAL_PURCHASES = 200
"""So many purchases of the organisation stand beside a department's own."""
PRIOR_DECISIONS = Decimal(20)
"""So many decisions is a rule's severity worth against what controllers found."""
Kind = tuple[str, str]
"""A rule and the severity of its alert: CATEGORY has two."""
RuleSet = tuple[str, int]
"""A department, and the kinds of alerts on a purchase, as a sum of 2 ^ their numbers."""
RISK = pa.decimal128(7, 6)
STEPS = pa.array([Decimal(step).scaleb(-DIGITS) for step in range(10**DIGITS + 1)], RISK)
BITS = 32
"""Of the rules of a set, in one number with its department."""
Numbers = npt.NDArray[Any]
T = TypeVar("T")


class Evidence(NamedTuple):
    """What controllers found of the alerts of one kind that they have decided."""

    abusive: int
    decided: int


UNDECIDED = Evidence(0, 0)


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


class BrokenRules(NamedTuple):
    """Which rules the purchases of some alerts break together.

    Attributes:
        counts: purchases by department and rules, in the order that `places` count.
        places: for each purchase of each alert, which of these it is one of.
        starts: where in `places` the purchases of each alert begin.
    """

    counts: Counter[RuleSet]
    places: Numbers
    starts: Numbers

    @classmethod
    def of(cls, alerts: pa.Table, kinds: Iterable[Kind]) -> Self:
        """Those of alerts, which must be all that there are on their purchases.

        Args:
            alerts: `alert_id`, `rule`, `severity`, `department` and `transaction_ids`; one without
                purchases (SPIKE) stands for itself.
            kinds: of all alerts, each by its number.
        """
        lists = _purchases(alerts)
        bought = pc.list_flatten(lists).dictionary_encode().indices.to_numpy()
        alert_of = pc.list_parent_indices(lists).to_numpy()
        rules = np.zeros(len(bought), np.int64)
        np.bitwise_or.at(rules, bought, _bits(alerts, kinds)[alert_of])
        names = pa.array(sorted(alerts["department"].unique().to_pylist()), pa.string())
        in_order = pc.index_in(alerts["department"].combine_chunks(), names).to_numpy()
        department = np.full(len(bought), len(names))
        np.minimum.at(department, bought, in_order[alert_of])
        numbered = department << BITS | rules
        distinct, counts = np.unique(numbered[np.unique(bought)], return_counts=True)
        pairs = ((names[one >> BITS].as_py(), one % (1 << BITS)) for one in distinct.tolist())
        places = np.searchsorted(distinct, numbered[bought])
        counted = Counter(dict(zip(pairs, counts.tolist(), strict=True)))
        return cls(counted, places, lists.offsets.to_numpy()[:-1])

    def risks(self, of_sets: Mapping[RuleSet, Decimal]) -> pa.Array:
        """The risk of each alert: that of its gravest purchase."""
        steps = [int(of_sets[one].scaleb(DIGITS)) for one in self.counts]
        highest = np.maximum.reduceat(np.array(steps, np.int64)[self.places], self.starts)
        return STEPS.take(pa.array(highest))


def _bits(alerts: pa.Table, kinds: Iterable[Kind]) -> Numbers:
    """2 ^ the number of each alert's kind."""
    bits = {kind: 1 << number for number, kind in enumerate(kinds)}
    found, which = kinds_of(alerts)
    return np.array([bits[kind] for kind in found], np.int64)[which]


def kinds_of(alerts: pa.Table) -> tuple[list[Kind], Numbers]:
    """The kinds that alerts are of, and for each alert the place of its own among them."""
    rules, severities = (
        alerts[name].combine_chunks().dictionary_encode() for name in ("rule", "severity")
    )
    numbers = rules.indices.to_numpy().astype(np.int64) << BITS | severities.indices.to_numpy()
    distinct, which = np.unique(numbers, return_inverse=True)
    places = ((one >> BITS, one % (1 << BITS)) for one in distinct.tolist())
    kinds = [(rules.dictionary[a].as_py(), severities.dictionary[b].as_py()) for a, b in places]
    return kinds, which


def _purchases(alerts: pa.Table) -> pa.ListArray:
    """The purchases of each alert, or itself."""
    ids, names = (alerts[name].combine_chunks() for name in ("transaction_ids", "alert_id"))
    itself = pa.ListArray.from_arrays(range(len(names) + 1), names)
    return pc.if_else(pc.equal(pc.list_value_length(ids), 0), itself, ids)


def risks_of_alerts(
    alerts: pa.Table, purchases: Mapping[str, int], weights: Mapping[Kind, Decimal]
) -> pa.Array:
    """The risk of each alert, of all that there are.

    Args:
        alerts: as `BrokenRules.of` takes them.
        purchases: number of purchases by department.
        weights: of every kind of alert.
    """
    broken = BrokenRules.of(alerts, weights)
    return broken.risks(risks_of_sets(broken.counts, purchases, list(weights.values())))


def risks_of_sets(
    counts: Mapping[RuleSet, int], purchases: Mapping[str, int], weights: Sequence[Decimal]
) -> dict[RuleSet, Decimal]:
    """As `risks`, by department and rules."""
    sets = sorted(counts)
    found = risks([(*one, counts[one]) for one in sets], purchases, weights)
    return dict(zip(sets, found, strict=True))


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
