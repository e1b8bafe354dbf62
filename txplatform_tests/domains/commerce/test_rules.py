"""Rules of quality: their names, how bad a breach is, and what stops gold."""

import pytest

from txplatform.domains.commerce import rules
from txplatform.domains.commerce.computation.quality import REFUSALS
from txplatform.domains.commerce.rules import RULES, Measured
from txplatform.domains.commerce.sources.layouts import FIELDS, layouts
from txplatform.domains.commerce.transforms import customers, lines
from txplatform.errors import ReconciliationError

DIMENSIONS = {"completeness", "uniqueness", "validity", "consistency", "accuracy", "timeliness"}
BROKEN = Measured("lines", "silver", "stands_once", 10, 9)


def test_every_dimension_has_rules_and_every_severity_is_known() -> None:
    assert {rule.dimension for rule in RULES.values()} == DIMENSIONS
    assert {rule.severity for rule in RULES.values()} == {*rules.SEVERITIES}


def test_every_field_and_every_refusal_has_a_rule() -> None:
    assert {f"{field}_present" for fields in FIELDS.values() for field in fields} <= RULES.keys()
    for shop in layouts().values():
        assert set(lines.rules(shop, 0)) <= set(REFUSALS) <= RULES.keys()


def test_issues_that_are_no_blanks_have_a_rule() -> None:
    issues = {name for name in customers.issues() if not name.startswith("BLANK_")}

    assert issues <= RULES.keys()


def test_a_breach_whose_severity_is_error_stops_with_its_rule_and_its_count() -> None:
    with pytest.raises(ReconciliationError, match=r"stands_once of lines \(silver\): 1 of 10\.$"):
        rules.require_no_error([BROKEN], {})


def test_a_setting_makes_a_breach_milder_or_worse() -> None:
    orphans = Measured("lines", "raw", "ORPHAN", 10, 9)

    rules.require_no_error([BROKEN, orphans], {"stands_once": "warn"})
    with pytest.raises(ReconciliationError, match="ORPHAN of lines"):
        rules.require_no_error([orphans], {"ORPHAN": "error"})


def test_what_holds_stops_nothing() -> None:
    rules.require_no_error([BROKEN._replace(passed=10), BROKEN._replace(checked=0, passed=0)], {})


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"ORPHANS": "error"}, "there is no rule ORPHANS"),
        ({"ORPHAN": "fatal"}, "ORPHAN cannot be fatal"),
        ({"ORPHAN": "warn"}, None),
    ],
)
def test_a_setting_of_an_unknown_rule_or_severity_is_told(
    chosen: dict[str, str], told: str | None
) -> None:
    found = rules.unknown(chosen)

    assert found is None if told is None else found is not None and found.startswith(told)


def test_severities_are_those_of_the_rules_unless_a_setting_says_otherwise() -> None:
    errors = {name for name, rule in RULES.items() if rule.severity == "error"}

    assert errors == {"tables_agree", "stands_once", "rows_accounted", "amounts_accounted"}
    assert {RULES[rule].severity for rule in REFUSALS} == {"quarantine"}
    assert rules.severity_of("ORPHAN", {}) == "quarantine"
    assert rules.severity_of("ORPHAN", {"ORPHAN": "warn"}) == "warn"
    assert rules.severity_of("BAD_DATE", {"ORPHAN": "warn"}) == "quarantine"


def test_every_breach_is_told_at_once() -> None:
    other = BROKEN._replace(rule="rows_accounted", passed=7)

    with pytest.raises(ReconciliationError, match=r"1 of 10; rows_accounted .*3 of 10"):
        rules.require_no_error([BROKEN, other], {})
