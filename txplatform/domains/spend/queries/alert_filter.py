"""What is asked for of alerts and of cases, and the two lists that answer it alike."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Column, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from txplatform.domains.spend.tables import STANDING, alerts, cases
from txplatform.domains.spend.tables.alerts import SEARCHED
from txplatform.domains.spend.tables.cases import RULES_APART

NOBODY = ""
NOT_LISTED = ("transaction_ids", "evidence", "run_id", "concluded_at", "case_amount_at_risk")


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts or cases: what is left out does not matter, several values mean any."""

    first_week: date | None = None
    last_week: date | None = None
    departments: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Of a case: any of its alerts."""
    severities: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    assignee: str | None = None
    """Who looks into it; `NOBODY` (an empty text): nobody."""
    text: str | None = None
    """Words, all of them or their beginnings, in department, division, merchant and sentence."""
    is_superseded: bool = False
    """Those whose facts are gone, instead of those that hold."""


class Listing(NamedTuple):
    """A table of which the inbox lists rows: how they are named, what of them is shown."""

    table: Table
    key: str
    searched: tuple[str, ...]
    """Where the words of a text are looked for, as the index of words has them."""
    listed: tuple[Column[Any], ...]

    @property
    def order(self) -> tuple[str, str, str]:
        """By which columns rows are listed: the riskiest first, then the dearest."""
        return ("risk", "amount_at_risk", self.key)

    def is_any_rule(self, columns: Any, rules: tuple[str, ...]) -> ColumnElement[bool]:
        """Whether a row is of any of these rules."""
        found: ColumnElement[bool] = columns.rule.in_(rules)
        if "rules" in columns:
            apart = func.string_to_array(columns.rules, RULES_APART, type_=ARRAY(Text))
            found = apart.overlap(list(rules))
        return found


ALERTS = Listing(
    alerts,
    "alert_id",
    SEARCHED,
    (
        *(one for one in alerts.c if one.name not in (*NOT_LISTED, *STANDING)),
        *(alerts.c[name] for name in STANDING),
    ),
)
CASES = Listing(
    cases,
    "case_id",
    ("department", "division", "merchant", "sentences"),
    tuple(one for one in cases.c if one.name != "sentences"),
)


def conditions(
    listing: Listing, wanted: AlertFilter, columns: Any = None
) -> list[ColumnElement[bool]]:
    """All conditions on the rows of a list, or on the same columns of another statement."""
    known = listing.table.c if columns is None else columns
    found = general_conditions(listing, wanted, known)
    if wanted.rules:
        found.append(listing.is_any_rule(known, wanted.rules))
    return found + _any_of([(known.severity, wanted.severities), (known.state, wanted.states)])


def general_conditions(
    listing: Listing, wanted: AlertFilter, columns: Any
) -> list[ColumnElement[bool]]:
    """All conditions but those on rule, severity and state."""
    gone = columns.superseded_at
    found: list[ColumnElement[bool]] = [
        gone.is_not(None) if wanted.is_superseded else gone.is_(None)
    ]
    if wanted.assignee is not None:
        someone = columns.assignee == wanted.assignee
        found.append(someone if wanted.assignee != NOBODY else columns.assignee.is_(None))
    if wanted.text:
        words = func.alert_words(*(columns[name] for name in listing.searched))
        found.append(words.bool_op("@@")(func.words_wanted(wanted.text.replace("\0", " "))))
    return found + places(columns, wanted) + _any_of([(columns.division, wanted.divisions)])


def places(columns: Any, wanted: AlertFilter) -> list[ColumnElement[bool]]:
    """The conditions on weeks and departments."""
    found = _any_of([(columns.department, wanted.departments)])
    if wanted.first_week is not None:
        found.append(columns.week_start >= wanted.first_week)
    if wanted.last_week is not None:
        found.append(columns.week_start <= wanted.last_week)
    return found


def _any_of(chosen: Any) -> list[ColumnElement[bool]]:
    return [column.in_(values) for column, values in chosen if values]
