"""How many alerts or cases match a filter, and how they spread over rules, severities, states."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, select, text

from txplatform.domains.spend.queries.alert_filter import (
    ALERTS,
    CASES,
    AlertFilter,
    Listing,
    general_conditions,
    places,
)
from txplatform.domains.spend.tables import alert_counts as counted
from txplatform.domains.spend.tables.cases import RULES_APART

ROOM = "64MB"


@dataclass(frozen=True)
class AlertCounts:
    """How many match; each breakdown leaves the filter on its own field aside.

    A case counts in each of its rules.
    """

    total: int
    amount_at_risk: Decimal
    by_rule: dict[str, int] = field(default_factory=dict)
    by_severity: dict[str, int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)


def alert_counts(engine: Engine, wanted: AlertFilter) -> AlertCounts:
    """How many alerts match, and how they spread over rules, severities and states."""
    with engine.connect() as connection:
        return totals(connection, ALERTS, wanted)


def case_counts(engine: Engine, wanted: AlertFilter) -> AlertCounts:
    """How many cases match, and how they spread over rules, severities and states."""
    with engine.connect() as connection:
        return totals(connection, CASES, wanted)


def totals(connection: Connection, listing: Listing, wanted: AlertFilter) -> AlertCounts:
    """Of alerts from `alert_counts`, which has what most filters ask for; else one by one."""
    is_detailed = bool(wanted.divisions or wanted.text) or wanted.assignee is not None
    if wanted.text:
        make_room(connection)
    is_known = listing is ALERTS and not is_detailed
    statement = _counted_before(wanted) if is_known else counted_one_by_one(listing, wanted)
    groups = connection.execute(statement).all()
    return _spread([tuple(group) for group in groups], wanted)


def make_room(connection: Connection) -> None:
    """For the places of all rows with a common word: without it their texts are read again."""
    connection.execute(text(f"SET LOCAL work_mem = '{ROOM}'; SET LOCAL jit = off"))


def _counted_before(wanted: AlertFilter) -> Select[Any]:
    known = counted.c
    fields = (known.rule, known.severity, known.state)
    sums = (func.sum(known.alert_count), func.sum(known.amount_at_risk))
    is_gone = known.is_superseded.is_(wanted.is_superseded)
    statement = select(*fields, *sums).where(is_gone, *places(known, wanted)).group_by(*fields)
    return statement.having(func.sum(known.alert_count) > 0)


def counted_one_by_one(listing: Listing, wanted: AlertFilter) -> Select[Any]:
    """Number and amount by rule (of a case: its rules), severity and state."""
    known = listing.table.c
    rules = known.rules if "rules" in known else known.rule
    fields = (rules, known.severity, known.state)
    sums = (func.count(), func.sum(known.amount_at_risk))
    return (
        select(*fields, *sums).where(*general_conditions(listing, wanted, known)).group_by(*fields)
    )


def _spread(groups: list[tuple[Any, ...]], wanted: AlertFilter) -> AlertCounts:
    chosen = (wanted.rules, wanted.severities, wanted.states)
    spreads: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    total, amount_at_risk = 0, Decimal("0.00")
    for *values, count, amount in groups:
        named = [value.split(RULES_APART) for value in values]
        fits = [
            not some or bool(set(of) & set(some)) for of, some in zip(named, chosen, strict=True)
        ]
        if all(fits):
            total, amount_at_risk = total + int(count), amount_at_risk + amount
        for position, spread in enumerate(spreads):
            if all(fits[:position] + fits[position + 1 :]):
                spread.update(dict.fromkeys(named[position], int(count)))
    by_rule, by_severity, by_state = (dict(spread.most_common()) for spread in spreads)
    return AlertCounts(total, amount_at_risk, by_rule, by_severity, by_state)
