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

ID_DIGITS = 32
NOTHING = Decimal("0.00")

Alert = Mapping[str, Any]
Place = tuple[date, str]
"""A purchase in a week."""


def cases_of(alerts: pa.Table, purchases: pa.Table) -> tuple[list[str], list[Decimal]]:
    """The case of each alert, and the case's amount at risk: that of its purchases counted once.

    Args:
        alerts: `alert_id`, `week_start`, `transaction_ids` and `amount_at_risk`.
        purchases: `transaction_id` and `amount` of at least the purchases of these alerts.
    """
    rows = alerts.select(["alert_id", "week_start", "transaction_ids", "amount_at_risk"])
    listed = rows.to_pylist()
    names = _names(listed)
    members: dict[str, list[Alert]] = defaultdict(list)
    for name, alert in zip(names, listed, strict=True):
        members[name].append(alert)
    amounts = _amounts(purchases, alerts["transaction_ids"])
    at_risk = {name: amount_at_risk(found, amounts) for name, found in members.items()}
    return names, [at_risk[name] for name in names]


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
