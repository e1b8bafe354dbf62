"""The entries on an alert: its states and legal moves, what it says now, what stood before."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, select

from txplatform.domains.spend.tables import alerts, decisions
from txplatform.errors import PlatformError, UsageError

LONGEST_TEXT = 4_000
LONGEST_NAME = 200


class State(StrEnum):
    """What people think of an alert."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    JUSTIFIED = "justified"
    ABUSIVE = "abusive"
    DISMISSED = "dismissed"


class Kind(StrEnum):
    """What an entry does."""

    DECIDE = "decide"
    ASSIGN = "assign"
    COMMENT = "comment"
    UNDO = "undo"
    SECOND_LOOK = "second_look"


FINAL = frozenset({State.JUSTIFIED, State.ABUSIVE, State.DISMISSED})

MOVES: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.IN_REVIEW}),
    State.IN_REVIEW: FINAL,
    **dict.fromkeys(FINAL, frozenset()),
}
"""Where a decision may lead from a state; the way back is an undo, which is an entry of its own."""


class Seen(NamedTuple):
    """An alert as somebody saw it: `sequence` is that of its newest entry then, 0 without any."""

    alert_id: str
    sequence: int


class Entry(NamedTuple):
    """One entry on an alert; `state` and `assignee` are those after it."""

    alert_id: str
    sequence: int
    kind: Kind
    state: State
    assignee: str | None
    reason: str | None
    decided_by: str
    decided_at: datetime


class RefusalError(UsageError):
    """An act that is not written, with the key and the facts of what a page says of it."""

    def __init__(self, sentence: str, key: str, **facts: object) -> None:
        super().__init__(sentence)
        self.key, self.facts = key, facts


class ConflictError(PlatformError):
    """Somebody was faster; nothing was written. The message names who did what, and when.

    Attributes:
        newest: the entry on each alert that was not seen.
    """

    def __init__(self, sentence: str, newest: Iterable["Entry"] = ()) -> None:
        super().__init__(sentence)
        self.newest = tuple(newest)


class UnknownAlertError(UsageError):
    """There is no alert with this id."""


class UnknownCaseError(UsageError):
    """There is no case with this id, and no alert of a case."""


class Standing(NamedTuple):
    """What an alert says now, with all its entries, oldest first."""

    alert_id: str
    entries: tuple[Entry, ...]

    @property
    def sequence(self) -> int:
        """Sequence of the newest entry; 0 without any."""
        return self.entries[-1].sequence if self.entries else 0

    @property
    def state(self) -> State:
        """State after the newest entry."""
        return self.entries[-1].state if self.entries else State.OPEN

    @property
    def assignee(self) -> str | None:
        """Who looks into it."""
        return self.entries[-1].assignee if self.entries else None

    @property
    def dismissed_by(self) -> str | None:
        """Who dismissed it last."""
        found = [one for one in self.entries if _is_dismissal(one)]
        return found[-1].decided_by if found else None

    def before_last_change(self) -> tuple[State, str | None] | None:
        """State and assignee before the newest change that is not undone; None without one."""
        earlier: list[tuple[State, str | None]] = []
        state, assignee = State.OPEN, None
        for entry in self.entries:
            if entry.kind is Kind.UNDO:
                earlier.pop()
            elif entry.kind is not Kind.COMMENT:
                earlier.append((state, assignee))
            state, assignee = entry.state, entry.assignee
        return earlier[-1] if earlier else None


def _is_dismissal(entry: Entry) -> bool:
    return entry.kind is Kind.DECIDE and entry.state is State.DISMISSED


def standings(connection: Connection, alert_ids: Sequence[str]) -> dict[str, Standing]:
    """What each alert says now.

    Raises:
        UnknownAlertError: there is no such alert.
    """
    known = select(alerts.c.alert_id).where(alerts.c.alert_id.in_(alert_ids))
    unknown = set(alert_ids) - set(connection.execute(known).scalars())
    if unknown:
        raise UnknownAlertError(f"There is no alert {min(unknown)!r}: look it up in the inbox.")
    names = (decisions.c[name] for name in Entry._fields)
    own = select(*names).where(decisions.c.alert_id.in_(alert_ids))
    found: dict[str, list[Entry]] = {one: [] for one in alert_ids}
    for row in connection.execute(own.order_by(decisions.c.alert_id, decisions.c.sequence)):
        entry = Entry(*row)
        found[entry.alert_id].append(
            entry._replace(kind=Kind(entry.kind), state=State(entry.state))
        )
    return {one: Standing(one, tuple(entries)) for one, entries in found.items()}


def require_unchanged(seen: Iterable[Seen], now: Mapping[str, Standing]) -> None:
    """Refuse to write on alerts that changed since they were seen.

    Raises:
        ConflictError: at least one did; the sentence names each with its newest entry.
    """
    changed = [now[one.alert_id] for one in seen if now[one.alert_id].sequence != one.sequence]
    if changed:
        raise conflict(changed)


def conflict(changed: Iterable[Standing]) -> ConflictError:
    """The error that names who changed which alert, and when."""
    found = list(changed)
    sentences = " ".join(map(_what_happened, found))
    newest = [one.entries[-1] for one in found if one.entries]
    return ConflictError(f"{sentences} Nothing was written: look again, then decide.", newest)


def _what_happened(standing: Standing) -> str:
    if not standing.entries:
        return f"The alert {standing.alert_id} has no entry yet."
    last = standing.entries[-1]
    reason = f", because: {last.reason}" if last.reason else ""
    return (
        f"The alert {standing.alert_id} changed: {last.decided_by} made the entry {last.kind} "
        f"({last.state}) on {last.decided_at:%Y-%m-%d %H:%M:%S} UTC{reason}."
    )


def required(text: str | None, what: str, longest: int = LONGEST_TEXT) -> str:
    """A text that must say something, trimmed.

    Raises:
        UsageError: it is blank, too long, or holds characters that no text has.
    """
    found = optional(text, what, longest)
    if found is None:
        raise RefusalError(f"{what} is missing: write it down.", "missing")
    return found


def optional(text: str | None, what: str, longest: int = LONGEST_TEXT) -> str | None:
    """A text that may be left out, trimmed; None where it is blank.

    Raises:
        UsageError: it is too long, or holds characters that no text has.
    """
    found = unicodedata.normalize("NFC", text or "").strip()
    if len(found) > longest:
        sentence = f"{what} has {len(found):,} characters: {longest:,} is the most."
        raise RefusalError(sentence, "too_long", count=len(found), longest=longest)
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\r\t" for one in found):
        raise RefusalError(f"{what} holds control characters: write plain text.", "control")
    return found or None
