"""Cases: the alerts of one week whose purchases overlap, looked at and decided as one.

An alert without purchases (SPIKE) is a case of its own. A case is named after its week and the
smallest id of its purchases: a third alert on them, or a new version of a rule, keeps the name.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import compute as pc

from txplatform import money

ID_DIGITS = 32
NOTHING = Decimal("0.00")

Alert = Mapping[str, Any]
Place = tuple[date, str]
"""A purchase in a week."""


def cases_of(alerts: pa.Table, purchases: pa.Table) -> tuple[pa.Array, pa.Array]:
    """The case of each alert, and the case's amount at risk: that of its purchases counted once.

    Args:
        alerts: `alert_id`, `week_start`, `transaction_ids` (sorted) and `amount_at_risk`.
        purchases: `transaction_id` and `amount` of at least the purchases of these alerts.
    """
    rows = alerts.select(["alert_id", "week_start", "transaction_ids", "amount_at_risk"])
    is_alone = _is_alone(rows["transaction_ids"])
    numbers = pa.array(range(rows.num_rows))
    alone, shared = rows.filter(is_alone), rows.filter(pc.invert(is_alone))
    order = pa.concat_arrays([numbers.filter(is_alone), numbers.filter(pc.invert(is_alone))])
    back = pc.sort_indices(order)
    both = zip(_single_cases(alone, purchases), _shared_cases(shared, purchases), strict=True)
    names, amounts = (pa.concat_arrays(pair).take(back) for pair in both)
    return names, amounts


def _is_alone(ids: pa.ChunkedArray) -> pa.Array:
    """Whether none of an alert's purchases is another alert's too, which are most alerts."""
    lists = ids.combine_chunks()
    flat = pc.list_flatten(lists)
    counted = flat.value_counts()
    often = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    overlapping = pc.list_parent_indices(lists).filter(pc.is_in(flat, often))
    return pc.invert(pc.is_in(pa.array(range(len(lists)), pa.int64()), overlapping))


def _single_cases(alerts: pa.Table, purchases: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Names and amounts at risk of alerts that are cases of their own."""
    lists = alerts["transaction_ids"].combine_chunks()
    columns = (alerts["alert_id"], alerts["week_start"], _first_of(lists))
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    names = [one if first is None else _name((week, first)) for one, week, first in rows]
    places = pc.index_in(pc.list_flatten(lists), purchases["transaction_id"].combine_chunks())
    bought = pa.table(
        {
            "alert": pc.list_parent_indices(lists),
            "amount": pc.abs(purchases["amount"]).take(places).cast(money.ARROW),
        }
    )
    sums = bought.group_by("alert").aggregate([("amount", "sum")])
    totals = (
        sums["amount_sum"]
        .cast(money.ARROW)
        .take(pc.index_in(pa.array(range(len(lists)), pa.int64()), sums["alert"].combine_chunks()))
    )
    amounts = pc.min_element_wise(alerts["amount_at_risk"], totals)  # a week (SPIKE) has no total
    return pa.array(names, pa.string()), _one_chunk(amounts, money.ARROW)


def _first_of(lists: pa.ListArray) -> pa.Array:
    """The first, which is the smallest, of each list; NULL where it is empty."""
    begins = pc.subtract(lists.offsets, lists.offsets[0])[:-1]
    is_filled = pc.greater(pc.list_value_length(lists), 0)
    return pc.list_flatten(lists).take(pc.if_else(is_filled, begins, None))


def _shared_cases(alerts: pa.Table, purchases: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Those of alerts that share purchases with others."""
    listed = alerts.to_pylist()
    names = _names(listed)
    members: dict[str, list[Alert]] = defaultdict(list)
    for name, alert in zip(names, listed, strict=True):
        members[name].append(alert)
    amounts = _amounts(purchases, alerts["transaction_ids"])
    at_risk = {name: amount_at_risk(found, amounts) for name, found in members.items()}
    return pa.array(names, pa.string()), pa.array([at_risk[name] for name in names], money.ARROW)


def _one_chunk(column: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    return column.cast(kind).combine_chunks()


def amount_at_risk(alerts: Sequence[Alert], amounts: Mapping[str, Decimal]) -> Decimal:
    """What the alerts of a case question, each purchase counted once.

    Most question all of their purchases; one on twins all but one of them: it adds what the
    others leave of that.

    Args:
        alerts: of one case.
        amounts: by purchase, without sign.
    """
    questioned: set[str] = set()
    partial: list[Alert] = []
    for alert in alerts:
        is_whole = alert["amount_at_risk"] >= _sum(alert["transaction_ids"], amounts)
        if is_whole and alert["transaction_ids"]:
            questioned.update(alert["transaction_ids"])
        else:
            partial.append(alert)
    total = _sum(questioned, amounts)
    for alert in partial:
        counted = _sum(questioned.intersection(alert["transaction_ids"]), amounts)
        total += max(alert["amount_at_risk"] - counted, NOTHING)
    return total


def _names(alerts: Iterable[Alert]) -> list[str]:
    """The case of each alert; purchases point to a smaller one that they share an alert with."""
    smaller: dict[Place, Place] = {}
    found = []
    for alert in alerts:
        places = [(alert["week_start"], one) for one in alert["transaction_ids"]]
        ends = sorted({_smallest(smaller, place) for place in places})
        smaller.update(dict.fromkeys(ends, ends[0]) if ends else {})
        found.append((alert["alert_id"], ends[0] if ends else None))
    return [_name(_smallest(smaller, end)) if end else alert_id for alert_id, end in found]


def _smallest(smaller: dict[Place, Place], place: Place) -> Place:
    """Where the way from a purchase to smaller ones ends; the way is shortened as it is walked."""
    smaller.setdefault(place, place)
    while smaller[place] != place:
        smaller[place] = smaller[smaller[place]]
        place = smaller[place]
    return place


def _name(place: Place) -> str:
    """As JSON: an id of the source may hold any character."""
    content = json.dumps([place[0].isoformat(), place[1]])
    return hashlib.sha256(content.encode()).hexdigest()[:ID_DIGITS]


def _amounts(purchases: pa.Table, ids: pa.ChunkedArray) -> dict[str, Decimal]:
    wanted = pc.is_in(purchases["transaction_id"], pc.list_flatten(ids))
    found = purchases.filter(wanted)
    amounts = pc.abs(found["amount"]).to_pylist()
    return dict(zip(found["transaction_id"].to_pylist(), amounts, strict=True))


def _sum(ids: Iterable[str], amounts: Mapping[str, Decimal]) -> Decimal:
    return sum((amounts[one] for one in ids), NOTHING)
