"""What decisions teach of planted abuses: counted by hand on a list of three hundred cases."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform.domains.spend.trial.learning import DECIDED, Learning, Trial, learning
from txplatform.domains.spend.trial.planting import Abuse

WEEK = date(2026, 11, 9)
NAMES = ("alert_id", "case_id", "rule", "severity", "department", "transaction_ids")


def trial(count: int, abusive: range) -> Trial:
    """Cases of ROUND and WEEKEND in turn, as rare as each other; some of ROUND are abuses."""
    rules = ["WEEKEND" if number % 2 else "ROUND" for number in range(count)]
    rows = [(f"{n}", f"case {n}", rule, "low", "Roads", [f"p{n}"]) for n, rule in enumerate(rules)]
    columns: list[list[object]] = [list(column) for column in zip(*rows, strict=True)]
    amounts = [Decimal(count - number) for number in range(count)]
    alerts = pa.table(
        [*columns, amounts, [Decimal(0)] * count, pa.array([WEEK] * count, pa.date32())],
        names=[*NAMES, "case_amount_at_risk", "risk", "week_start"],
    )
    culprits = [f"p{n}" for n in abusive if rules[n] == "ROUND"]
    abuses = [Abuse("ROUND", False, "Roads", WEEK, (one,), (one,)) for one in culprits]
    return Trial(alerts, {"Roads": 10_000}, abuses)


@pytest.mark.parametrize(
    ("abusive", "expected"),
    [
        # All of ROUND are abuses: the next cases are of ROUND alone, 200 instead of half of 200.
        (range(800), Learning(met=100, without=100, learnt=200, left=300)),
        # None among those decided: both rules fall alike, and the order stays.
        (range(DECIDED, 800), Learning(met=0, without=100, learnt=100, left=300)),
    ],
)
def test_the_next_cases_follow_what_was_decided(abusive: range, expected: Learning) -> None:
    assert learning(trial(800, abusive)) == expected


def test_a_list_that_was_decided_whole_has_nothing_left() -> None:
    assert learning(trial(100, range(100))) == Learning(met=50, without=0, learnt=0, left=0)
