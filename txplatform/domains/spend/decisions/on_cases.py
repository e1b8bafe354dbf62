"""Which alerts of a case an act is about: one decision decides them together.

Each keeps its own history. An alert that joined a case after others of it were decided is the
least decided one: where it stands, the case stands, and the next decision is about it alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from txplatform.domains.spend.decisions.entries import ConflictError, Kind, Seen, State

BY_PROGRESS = (State.OPEN, State.IN_REVIEW, State.ABUSIVE, State.JUSTIFIED, State.DISMISSED)
OF_ALL = (Kind.ASSIGN, Kind.COMMENT)

Alerts = Sequence[Mapping[str, Any]]


def state_of(alerts: Alerts) -> State:
    """Where a case stands: where the one of its alerts stands that is least decided."""
    return min((State(one["state"]) for one in alerts), key=BY_PROGRESS.index)


def concerned(alerts: Alerts, kind: Kind) -> list[Seen]:
    """The alerts of a case, as they were seen, that an entry of this kind is written on.

    Args:
        alerts: `alert_id`, `sequence` and `state` of all alerts of the case.
        kind: assignments and comments are about all of them; other entries about those that
            stand where the case stands, an undo about those of them that have entries.
    """
    state = None if kind in OF_ALL else state_of(alerts)
    found = [Seen(a["alert_id"], a["sequence"]) for a in alerts if state in (None, a["state"])]
    entered = [one for one in found if one.sequence]
    return entered or found if kind is Kind.UNDO else found


def as_seen(alerts: Alerts, seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """The alerts of a case with the sequences that somebody saw.

    Raises:
        ConflictError: the case has other alerts now.
    """
    sequences = dict(seen)
    if sequences.keys() != {one["alert_id"] for one in alerts}:
        names = ", ".join(sorted(one["alert_id"] for one in alerts))
        raise ConflictError(
            f"The case has the alerts {names} now. Nothing was written: look again, then decide."
        )
    return [{**one, "sequence": sequences[one["alert_id"]]} for one in alerts]
