"""What is asked of the data, rule by rule: the dimension of each, and how bad a breach is.

A rule is named once here; a setting may say how bad a breach of it is, and nothing else knows a
rule. Breaches of severity `error` stop gold: the last version stays.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from txplatform.domains.commerce.sources import layouts
from txplatform.errors import ReconciliationError

SEVERITIES = ("warn", "quarantine", "error")
PRESENT = "_present"
"""Ends the name of the rule that a field is not blank, such as `country_present`."""

FIELDS = tuple(dict.fromkeys(chain.from_iterable(layouts.FIELDS.values())))


class Rule(NamedTuple):
    """What a rule belongs to, and how bad a breach is unless a setting says otherwise."""

    dimension: str
    severity: str = "warn"


RULES: dict[str, Rule] = {
    **{f"{field}{PRESENT}": Rule("completeness") for field in FIELDS},
    "is_known_once": Rule("uniqueness"),
    "BAD_AMOUNT": Rule("validity", "quarantine"),
    "BAD_QUANTITY": Rule("validity", "quarantine"),
    "MISSING_ID": Rule("validity", "quarantine"),
    "BAD_DATE": Rule("validity", "quarantine"),
    "FUTURE_DATE": Rule("validity", "quarantine"),
    "AMOUNT_NOT_POSITIVE": Rule("validity", "quarantine"),
    "BAD_REGISTRATION": Rule("validity"),
    "FUTURE_REGISTRATION": Rule("validity"),
    "BAD_EMAIL": Rule("validity"),
    "LARGE_AMOUNT": Rule("validity"),
    "SHARED_EMAIL": Rule("uniqueness"),
    "ORPHAN": Rule("consistency", "quarantine"),
    "is_after_registration": Rule("consistency"),
    "tables_agree": Rule("consistency", "error"),
    "stands_once": Rule("uniqueness", "error"),
    "rows_accounted": Rule("accuracy", "error"),
    "amounts_accounted": Rule("accuracy", "error"),
    "days_with_sales": Rule("timeliness"),
    "days_to_last_line": Rule("timeliness"),
}


class Measured(NamedTuple):
    """One rule asked of one source at one stage."""

    source: str
    stage: str
    rule: str
    checked: int
    passed: int
    amount: int | None = None
    """Cents of what did not pass, where it has an amount."""


def severity_of(rule: str, chosen: Mapping[str, str]) -> str:
    """How bad a breach is: as a setting says, else as the rule does."""
    return chosen.get(rule, RULES[rule].severity)


def unknown(chosen: Mapping[str, str]) -> str | None:
    """What is wrong with a setting of severities: a rule or a severity that there is not."""
    for rule, severity in chosen.items():
        if rule not in RULES:
            return f"there is no rule {rule:.80}; there are {', '.join(RULES)}"
        if severity not in SEVERITIES:
            return f"{rule} cannot be {severity:.80}: say {', '.join(SEVERITIES)}"
    return None


def require_no_error(measured: Iterable[Measured], chosen: Mapping[str, str]) -> None:
    """Refuse to publish where a rule whose breach is an error does not hold.

    Raises:
        ReconciliationError: it names each rule, its source and how many rows broke it.
    """
    broken = [
        f"{one.rule} of {one.source} ({one.stage}): {one.checked - one.passed:,} of {one.checked:,}"
        for one in measured
        if one.passed < one.checked and severity_of(one.rule, chosen) == "error"
    ]
    if broken:
        raise ReconciliationError(
            f"The data are not fit to publish, the last version stays: {'; '.join(broken)}."
        )
