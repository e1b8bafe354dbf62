"""Measuring the rules against labels: counted by hand."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform.domains.spend.trial.evaluation import Evaluation, evaluate
from txplatform.domains.spend.trial.planting import Abuse

WEEK = date(2026, 11, 9)


def alerts(*rows: tuple[str, str, str]) -> pa.Table:
    """Alerts as (rule, transaction ids, risk)."""
    return pa.table(
        {
            "alert_id": [f"{number}" for number in range(len(rows))],
            "rule": [row[0] for row in rows],
            "transaction_ids": pa.array([row[1].split() for row in rows], pa.list_(pa.string())),
            "department": ["Roads"] * len(rows),
            "week_start": pa.array([WEEK] * len(rows), pa.date32()),
            "risk": [Decimal(row[2]) for row in rows],
            "amount_at_risk": [Decimal("1.00")] * len(rows),
        }
    )


def abuse(rule: str, ids: str, culprits: str | None = None, is_hard: bool = False) -> Abuse:
    named = tuple((ids if culprits is None else culprits).split())
    return Abuse(rule, is_hard, "Roads", WEEK, named, tuple(ids.split()))


@pytest.fixture
def evaluation() -> Evaluation:
    found = alerts(
        ("SPLIT", "a b", "0.72"),
        ("ROUND", "x", "0.7"),
        ("ROUND", "y", "0.6"),
        ("ROUND", "c", "0.5"),
        ("SPIKE", "", "0.3"),
        ("REPEAT", "d", "0.1"),
    )
    labels = [
        abuse("SPLIT", "a b"),
        abuse("SPLIT", "e f", is_hard=True),
        abuse("ROUND", "c"),
        abuse("REPEAT", "d0 d", culprits="d"),
        abuse("SPIKE", "s"),
    ]
    return evaluate(found, labels, 108)


def test_recall_counts_abuses_of_which_every_culprit_is_named(evaluation: Evaluation) -> None:
    recall = {code: (one.planted, one.recall) for code, one in evaluation.rules.items()}

    assert recall == {"SPLIT": (2, 0.5), "ROUND": (1, 1), "REPEAT": (1, 1), "SPIKE": (1, 1)}
    assert evaluation.rules["SPLIT"].recall_hard == 0


def test_half_a_split_is_none() -> None:
    found = evaluate(alerts(("SPLIT", "a", "0.6")), [abuse("SPLIT", "a b")], 100)

    assert found.rules["SPLIT"].recall == 0


def test_precision_and_alerts_on_others(evaluation: Evaluation) -> None:
    """100 purchases of the 108 are not planted; two of them were called round."""
    rounds = evaluation.rules["ROUND"]

    assert (rounds.precision, rounds.alerts_per_1000) == (0.3333, 20)
    assert evaluation.rules["SPLIT"].precision == 1


def test_the_list_is_read_by_risk_until_its_purchases_are_so_many(evaluation: Evaluation) -> None:
    """1 % are a and b; 2 % add x; 5 % reach c and the spike; d comes after."""
    assert evaluation.found_in_first == {1: 0.2, 2: 0.2, 5: 0.6}
    assert evaluation.hard_in_first == {1: 0, 2: 0, 5: 0}
    assert evaluation.easy_in_first[5] == 0.75


def test_json_has_what_was_asked_for(evaluation: Evaluation) -> None:
    printed = evaluation.as_json()

    assert printed["rules"]["SPLIT"] == {"recall": 0.5, "precision": 1.0, "alerts_per_1000": 0.0}
    assert printed["found_in_first_2_pct"] == 0.2
    assert set(printed) == {"rules", *(f"found_in_first_{n}_pct" for n in (1, 2, 5))}
