"""The risk of alerts: weights that move with decisions, and how rarely rules come together."""

from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform.domains.spend.rules.ranking import Evidence, risks, risks_of_alerts, weight_of

SPLIT, ROUND, WEEKEND = ("SPLIT", "high"), ("ROUND", "low"), ("WEEKEND", "low")
WEIGHTS = {SPLIT: Decimal("0.6"), ROUND: Decimal("0.1"), WEEKEND: Decimal("0.1")}


@pytest.mark.parametrize(
    ("kind", "found", "weight"),
    [
        (SPLIT, Evidence(0, 0), "0.6"),
        (SPLIT, Evidence(0, 20), "0.3"),
        (SPLIT, Evidence(20, 20), "0.8"),
        (ROUND, Evidence(0, 0), "0.1"),
        (ROUND, Evidence(90, 100), "0.7667"),
    ],
)
def test_a_weight_moves_from_its_severity_to_what_was_found(
    kind: tuple[str, str], found: Evidence, weight: str
) -> None:
    assert weight_of(kind, found).weight == Decimal(weight)
    assert weight_of(kind, found, is_frozen=True).weight == weight_of(kind, Evidence(0, 0)).prior


def test_what_comes_rarely_together_says_more_than_what_comes_often() -> None:
    """By hand: 1 - (product x share) ** (1/4); shares of 1,000 purchases of one department.

    At least ROUND: 100 + 4 of 1,000; with 200 of the organisation's beside it, the same share.
    """
    [often, rarely] = risks(
        [("Roads", 0b010, 100), ("Roads", 0b110, 4)], {"Roads": 1000}, list(WEIGHTS.values())
    )

    assert often == Decimal(f"{1 - (0.9 * 0.104) ** 0.25:.3f}") == Decimal("0.447")
    assert rarely == Decimal(f"{1 - (0.9 * 0.9 * 0.004) ** 0.25:.3f}") == Decimal("0.761")


def test_what_is_usual_in_one_department_is_odd_in_another() -> None:
    counts = [("Parks", 0b100, 300), ("Roads", 0b100, 1)]
    usual, odd = risks(counts, {"Parks": 1000, "Roads": 1000}, list(WEIGHTS.values()))
    few, _ = risks(
        [("Parks", 0b100, 3), ("Roads", 0b100, 300)],
        {"Parks": 10, "Roads": 1000},
        list(WEIGHTS.values()),
    )

    assert usual < odd
    assert few < odd, "three of ten purchases say little of a department"


def test_a_graver_rule_comes_first_where_both_are_as_rare() -> None:
    grave, slight = risks(
        [("Roads", 0b001, 10), ("Roads", 0b010, 10)], {"Roads": 1000}, list(WEIGHTS.values())
    )

    assert grave > slight
    assert risks([], {}, []) == []


def test_an_alert_has_the_risk_of_its_gravest_purchase() -> None:
    rows = [
        ("a", *SPLIT, "Roads", ["p1", "p2"]),
        ("b", *ROUND, "Roads", ["p2"]),
        ("c", *ROUND, "Roads", ["p3"]),
        ("d", "SPIKE", "medium", "Roads", []),
    ]
    names = ("alert_id", "rule", "severity", "department", "transaction_ids")
    columns = [list(column) for column in zip(*rows, strict=True)]
    alerts = pa.table(columns, names=list(names))

    weights = {**WEIGHTS, ("SPIKE", "medium"): Decimal("0.3")}
    found = risks_of_alerts(alerts, {"Roads": 100}, weights)

    split, on_the_same, alone, spike = found.to_pylist()

    assert split == on_the_same > alone
    assert 0 < spike < 1
    assert risks_of_alerts(alerts.slice(0, 0), {"Roads": 100}, weights).to_pylist() == []
