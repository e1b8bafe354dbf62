"""All rules together: the shape of alerts and their identity."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.rules.engine import ALERT_COLUMNS, FUNCTIONS, find_alerts
from txplatform.domains.spend.rules.purchases import kept
from txplatform.domains.spend.rules.sentences import MISSING, render
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.rules.examples import LIMIT_500, Examples

# t01 and t02: SPLIT and DUPLICATE, on a Saturday, and round.
# t03: WEEKEND alone; t04: OVER_LIMIT, on a Monday; t05: a refund of nothing that was bought.
BUSY = """
date       | merchant | amount
2026-11-21 | ACME     | 400.00
2026-11-21 | ACME     | 400.00
2026-11-21 | Bakery   | 3.50
2026-11-23 | Bakery   | 777.00
2026-11-23 | Printer  | -3.50
"""


def alerts_of(examples: Examples, text: str, rules: Rulebook = LIMIT_500) -> list[dict[str, Any]]:
    purchases = examples.purchases(text, rules, kept)
    alerts: list[dict[str, Any]] = find_alerts(purchases, rules).toArrow().to_pylist()
    return alerts


def only(*codes: str, version: int = 1) -> Rulebook:
    """These rules; Spark plans all of them for seconds."""
    rules = [
        replace(rule, version=version, off_reason="" if rule.code in codes else "off: test")
        for rule in LIMIT_500.rules
    ]
    return replace(LIMIT_500, rules=tuple(rules))


@pytest.fixture(scope="module")
def busy(examples: Examples) -> list[dict[str, Any]]:
    """The alerts of `BUSY`."""
    return alerts_of(examples, BUSY)


def test_every_declared_rule_has_a_function() -> None:
    assert tuple(FUNCTIONS) == tuple(rule.code for rule in LIMIT_500.rules)


def test_alerts_have_the_columns_of_their_table(busy: list[dict[str, Any]]) -> None:
    assert {tuple(alert) for alert in busy} == {ALERT_COLUMNS}
    assert len({alert["alert_id"] for alert in busy}) == len(busy)
    assert {len(alert["alert_id"]) for alert in busy} == {32}


@pytest.mark.usefixtures("busy")
def test_the_rules_are_compiled_once_for_all_weeks(examples: Examples, spark: SparkSession) -> None:
    """Catches: a day or a list in the code itself: 6 s of processor time for each part of a run."""
    jvm: Any = spark.sparkContext._jvm
    metrics = jvm.org.apache.spark.metrics.source.CodegenMetrics
    before = metrics.METRIC_COMPILATION_TIME().getCount()
    later = BUSY.replace("2026-11-2", "2026-10-2").replace("Bakery", "Baker")

    assert alerts_of(examples, later)

    assert metrics.METRIC_COMPILATION_TIME().getCount() - before <= 3


@pytest.mark.parametrize("code", ["SPLIT", "DUPLICATE", "REPEAT"])
def test_purchases_at_a_merchant_are_brought_together_once(examples: Examples, code: str) -> None:
    """Catches: a rule that has Spark sort all purchases into partitions of its own."""
    purchases = examples.purchases(BUSY, LIMIT_500, kept)

    found = FUNCTIONS[code](purchases, LIMIT_500[code], LIMIT_500)

    plan = found._jdf.queryExecution().executedPlan().toString()
    assert "Aggregate" in plan
    assert "Exchange hashpartitioning" not in plan


def test_each_rule_finds_its_purchases(busy: list[dict[str, Any]]) -> None:
    assert sorted((alert["rule"], *alert["transaction_ids"]) for alert in busy) == [
        ("DUPLICATE", "t01", "t02"),
        ("OVER_LIMIT", "t04"),
        ("REFUND_UNMATCHED", "t05"),
        ("ROUND", "t01"),
        ("ROUND", "t02"),
        ("SPLIT", "t01", "t02"),
        ("WEEKEND", "t01"),
        ("WEEKEND", "t02"),
        ("WEEKEND", "t03"),
    ]


def test_every_sentence_has_all_of_its_evidence(busy: list[dict[str, Any]]) -> None:
    for alert in busy:
        for locale in ("en", "fr"):
            said = render(LIMIT_500[alert["rule"]], dict(alert["evidence"]), locale)
            assert MISSING not in said


def test_the_same_facts_have_the_same_identity(
    examples: Examples, busy: list[dict[str, Any]]
) -> None:
    """Other rows beside them change nothing; a third twin makes another alert."""
    rules = only("SPLIT", "DUPLICATE", "WEEKEND")
    again = alerts_of(examples, f"{BUSY}2026-11-21 | ACME | 9.00\n2026-11-25 | Zoo | 1.00", rules)
    before = {alert["alert_id"]: alert for alert in busy if not rules[alert["rule"]].is_off}
    after = {alert["alert_id"]: alert for alert in again}

    changed = {before[one]["rule"] for one in before.keys() - after.keys()}
    assert changed == {"SPLIT"}
    assert {after[one]["rule"] for one in after.keys() - before.keys()} == {"SPLIT", "WEEKEND"}


def test_a_new_version_of_a_rule_makes_new_alerts(
    examples: Examples, busy: list[dict[str, Any]]
) -> None:
    again = alerts_of(examples, BUSY, only("ROUND", version=2))

    before = {alert["alert_id"] for alert in busy}
    assert len(again) == 2
    assert {alert["alert_id"] for alert in again} & before == set()
    assert {alert["rule_version"] for alert in again} == {2}


def test_a_spike_has_the_identity_of_its_week(examples: Examples) -> None:
    weeks = [f"{date.fromordinal(739_500 + 7 * n)} | {100 + n}.00" for n in range(12)]
    text = "\n".join(["date | amount", *weeks, f"{date.fromordinal(739_584)} | 901.00"])

    (alert,) = alerts_of(examples, text, only("SPIKE"))
    more = f"{text}\n{date.fromordinal(739_584)} | 5.00"
    (again,) = alerts_of(examples, more, only("SPIKE"))

    assert (alert["severity"], alert["transaction_ids"]) == ("medium", [])
    assert again["alert_id"] == alert["alert_id"]
    assert again["evidence"] != alert["evidence"]


def test_rules_that_are_off_raise_nothing(examples: Examples, tmp_path: Path) -> None:
    own = tmp_path / "rules.toml"
    own.write_text('off = ["WEEKEND", "NEW_MERCHANT", "OUTLIER"]', encoding="utf-8")

    found = {alert["rule"] for alert in alerts_of(examples, BUSY, load_rules(own))}

    assert found == {"DUPLICATE", "REFUND_UNMATCHED", "ROUND"}


def test_all_rules_off_is_said(examples: Examples, tmp_path: Path) -> None:
    own = tmp_path / "rules.toml"
    own.write_text(f"off = {[rule.code for rule in LIMIT_500.rules]}", encoding="utf-8")
    rules = load_rules(own)

    with pytest.raises(UsageError, match="Every rule is off"):
        find_alerts(examples.purchases(BUSY, rules), rules)
