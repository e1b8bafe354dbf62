"""The one write path of people: decisions on alerts, and weeks signed off.

Entries are appended and never changed; the database refuses anything else. The read side lives in
`queries`.
"""

from txplatform.domains.spend.decisions.entries import (
    FINAL,
    MOVES,
    ConflictError,
    Entry,
    Kind,
    RefusalError,
    Seen,
    State,
    UnknownAlertError,
    UnknownCaseError,
)
from txplatform.domains.spend.decisions.on_alerts import (
    assign,
    comment,
    decide,
    second_look,
    undo,
)
from txplatform.domains.spend.decisions.on_cases import as_seen, concerned, state_of
from txplatform.domains.spend.decisions.on_weeks import SignedAlreadyError, SignOff, sign_off

__all__ = [
    "FINAL",
    "MOVES",
    "ConflictError",
    "Entry",
    "Kind",
    "RefusalError",
    "Seen",
    "SignOff",
    "SignedAlreadyError",
    "State",
    "UnknownAlertError",
    "UnknownCaseError",
    "as_seen",
    "assign",
    "comment",
    "concerned",
    "decide",
    "second_look",
    "sign_off",
    "state_of",
    "undo",
]
