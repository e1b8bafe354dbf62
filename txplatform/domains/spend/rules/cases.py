"""Cases: the alerts of one week whose purchases overlap, looked at and decided as one.

An alert without purchases (SPIKE) is a case of its own. A case is named after its week and the
smallest id of its purchases: a third alert on them, or a new version of a rule, keeps the name.
"""

import hashlib
import json
from datetime import date
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute as pc

from txplatform import money

ID_DIGITS = 32

Numbers = npt.NDArray[Any]


class _Bought(NamedTuple):
    """The purchases of alerts, each of which has some, numbered in the order of week and id.

    Attributes:
        weeks: the Monday of each purchase.
        ids: the id of each purchase.
        places: the numbers of the first alert's purchases, then of the second's, and so on.
        starts: where in `places` those of each alert begin.
        alert_of: whose each of `places` is.
    """

    weeks: pa.Array
    ids: pa.Array
    places: Numbers
    starts: Numbers
    alert_of: Numbers

    @classmethod
    def of(cls, alerts: pa.Table) -> Self:
        """Those of `week_start` and `transaction_ids`."""
        weeks, lists = (alerts[name].combine_chunks() for name in ("week_start", "transaction_ids"))
        alert_of, flat = pc.list_parent_indices(lists).to_numpy(), pc.list_flatten(lists)
        encoded = flat.dictionary_encode()
        order = pc.rank(encoded.dictionary, tiebreaker="dense").to_numpy().astype(np.int64)
        days = weeks.cast(pa.int32()).to_numpy().astype(np.int64)[alert_of]
        keys = days * (len(order) + 1) + order[encoded.indices.to_numpy()]
        _, first, places = np.unique(keys, return_index=True, return_inverse=True)
        starts = lists.offsets.to_numpy()[:-1] - lists.offsets[0].as_py()
        return cls(
            weeks.take(pa.array(alert_of[first])),
            flat.take(pa.array(first)),
            places,
            starts,
            alert_of,
        )

    def sums(self, numbers: Numbers) -> Numbers:
        """Of each alert, the sum over its purchases."""
        return np.add.reduceat(numbers[self.places], self.starts)

    def smallest(self) -> Numbers:
        """Of each purchase, the smallest one that alerts connect it with."""
        found = np.arange(len(self.ids))
        while True:
            of_alert = np.minimum.reduceat(found[self.places], self.starts)
            smaller = found.copy()
            np.minimum.at(smaller, self.places, of_alert[self.alert_of])
            smaller = smaller[smaller]
            if np.array_equal(smaller, found):
                return found
            found = smaller


def cases_of(alerts: pa.Table, purchases: pa.Table) -> tuple[pa.Array, pa.Array]:
    """The case of each alert, and the case's amount at risk: that of its purchases counted once.

    Args:
        alerts: `alert_id`, `week_start`, `transaction_ids` and `amount_at_risk`.
        purchases: `transaction_id` and `amount` of at least the purchases of these alerts.
    """
    has_purchases = pc.greater(pc.list_value_length(alerts["transaction_ids"]), 0).combine_chunks()
    others = alerts.filter(has_purchases)
    names, amounts = alerts["alert_id"].combine_chunks(), alerts["amount_at_risk"].combine_chunks()
    if not others.num_rows:
        return names, amounts
    bought = _Bought.of(others)
    smallest = bought.smallest()
    cases, case_of = np.unique(smallest[bought.places[bought.starts]], return_inverse=True)
    weeks, ids = (one.take(pa.array(cases)).to_pylist() for one in (bought.weeks, bought.ids))
    named = pa.array(map(_name, weeks, ids), pa.string())
    cents = np.abs(money.cents(purchases["amount"]))[_positions(bought.ids, purchases)]
    at_risk = _at_risk(bought, cents, money.cents(others["amount_at_risk"]), case_of)
    return (
        pc.replace_with_mask(names, has_purchases, named.take(pa.array(case_of))),
        pc.replace_with_mask(amounts, has_purchases, money.of_cents(at_risk[case_of])),
    )


def _positions(ids: pa.Array, purchases: pa.Table) -> Numbers:
    known = purchases["transaction_id"].combine_chunks()
    return np.asarray(pc.index_in(ids, known))


def _at_risk(bought: _Bought, cents: Numbers, questioned: Numbers, case_of: Numbers) -> Numbers:
    """What the alerts of each case question, each purchase counted once, in cents.

    Most question all of their purchases; one on twins all but one of them: it adds what the
    others leave of that.

    Args:
        bought: the purchases.
        cents: of each purchase, without sign.
        questioned: what each alert questions.
        case_of: the number of each alert's case.
    """
    is_whole = questioned >= bought.sums(cents)
    counted = np.zeros_like(cents)
    whole = bought.places[is_whole[bought.alert_of]]
    counted[whole] = cents[whole]
    left = np.where(is_whole, 0, np.maximum(questioned - bought.sums(counted), 0))
    totals = np.zeros(case_of.max() + 1, np.int64)
    np.add.at(totals, case_of, left)
    of_purchase = np.empty(len(cents), np.int64)
    of_purchase[bought.places] = case_of[bought.alert_of]
    np.add.at(totals, of_purchase, counted)
    return totals


def _name(week: date, smallest: str) -> str:
    """As JSON: an id of the source may hold any character."""
    content = json.dumps([week.isoformat(), smallest])
    return hashlib.sha256(content.encode()).hexdigest()[:ID_DIGITS]
