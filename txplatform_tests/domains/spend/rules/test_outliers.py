"""OUTLIER, SPIKE and NEW_MERCHANT: scores with all branches, populations that never peek ahead."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from txplatform.domains.spend.rules import outliers
from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform_tests.domains.spend.rules.examples import (
    LIMIT_500,
    Examples,
    daily,
    with_one_population,
)

FIRST = date(2026, 1, 5)
LATER = FIRST + timedelta(weeks=8)
SPREAD = [f"{10 + n % 7}.00" for n in range(30)]
EQUAL = ["10.00"] * 29
HEADER = "date | amount | category\n"


def outlier_scores(examples: Examples, text: str) -> dict[str, str]:
    """Scores of the OUTLIER alerts by purchase, all purchases being the population."""
    purchases = with_one_population(examples.purchases(text))
    found = outliers.outlier(purchases, LIMIT_500["OUTLIER"], LIMIT_500).toArrow().to_pylist()
    return {row["transaction_ids"][0]: dict(row["evidence"])["score"] for row in found}


def test_an_outlier_is_far_above_the_median_of_its_category(examples: Examples) -> None:
    """The score is that of the definition; low amounts, refunds and other categories count not."""
    amounts = [*SPREAD, "900.00", "0.01", "-900.00"]
    text = HEADER + daily(FIRST, amounts, category="Tools") + "\n2026-03-01 | 900.00 | Rare"
    logs = [math.log10(float(amount)) for amount in amounts[:-1]]
    middle = median(logs)
    deviation = median(abs(one - middle) for one in logs)

    scores = outlier_scores(examples, text)

    expected = 0.6745 * (math.log10(900) - middle) / deviation
    assert scores == {"t31": f"{expected:.1f}"}


def test_where_half_are_equal_the_mean_deviation_decides(examples: Examples) -> None:
    """MAD = 0: catches a division by zero, and the branch left out."""
    text = HEADER + daily(FIRST, [*EQUAL, "20.00"], category="Tools")
    distance = math.log10(20) - 1
    expected = distance / (1.253314 * distance / 30)

    assert outlier_scores(examples, text) == {"t30": f"{expected:.1f}"}


@pytest.mark.parametrize(
    "amounts", [[*EQUAL, "10.00"], [*EQUAL[1:], "5000.00"]], ids=["all equal", "n < 30"]
)
def test_what_cannot_be_scored_is_not(examples: Examples, amounts: list[str]) -> None:
    assert outlier_scores(examples, HEADER + daily(FIRST, amounts, category="Tools")) == {}


def test_a_week_is_held_against_the_52_weeks_before_it(examples: Examples) -> None:
    """Catches: the week itself, later weeks or older ones in its population."""
    old = FIRST - timedelta(weeks=45)
    lines = [daily(FIRST, SPREAD, category="Tools"), daily(old, ["9000.00"] * 9, category="Tools")]
    late = daily(LATER, ["100.00", "16.00", "900.00"], category="Tools")
    text = HEADER + "\n".join([*lines, late, daily(LATER, ["100.00"] * 30, category="New")])

    found = examples.found("OUTLIER", text, first_week=LATER, last_week=LATER)

    assert [(f["transaction_date"], f["evidence"]["median"]) for f in found] == [
        (LATER, "13.00"),
        (LATER + timedelta(days=2), "13.00"),
    ]


def test_percentiles_interpolate_exactly(examples: Examples) -> None:
    amounts = [f"{3 * n * n + 7}.1{n % 10}" for n in range(1, 35)]
    purchases = with_one_population(
        examples.purchases(HEADER + daily(FIRST, amounts, category="Tools"))
    )

    (usual,) = purchases.populations.toArrow().to_pylist()

    # Rank 33 * 0.9 = 29.7: between 2707.10 and 2890.11.
    assert usual["usual_amount"] == Decimal("2835.20700000")
    assert float(usual["usual_amount"]) == pytest.approx(
        np.percentile([float(amount) for amount in amounts], 90)
    )


def weekly(totals: Sequence[str | None], department: str = "Roads") -> str:
    """One purchase a week from FIRST on; None: a silent week."""
    return "\n".join(
        f"{FIRST + timedelta(weeks=n, days=2)} | {department} | {total}"
        for n, total in enumerate(totals)
        if total is not None
    )


BEFORE = [f"{100 + n}.00" for n in range(12)]


def test_a_spike_is_one_alert_per_department_and_week(examples: Examples) -> None:
    text = "\n".join(
        [
            "date | department | amount",
            weekly([*BEFORE, "900.00"]),
            weekly([None, *BEFORE[1:], "900.00"], "Gap"),
            weekly([*BEFORE, "120.00"], "Calm"),
            weekly([*BEFORE, "1.00"], "Low"),
            weekly(["50.00"] * 12 + ["51.00"], "Flat"),
            weekly(["-5.00", *BEFORE[1:], "950.00"], "Net"),
            f"{FIRST + timedelta(weeks=12)} | Net | -50.00",
        ]
    )
    found = examples.found("SPIKE", text)

    week = FIRST + timedelta(weeks=12)
    net, roads = sorted(found, key=lambda one: str(one["department"]))
    assert (net["department"], roads["department"]) == ("Net", "Roads")
    score = 0.6745 * (900 - 105.5) / 3
    assert (roads["week_start"], roads["transaction_date"]) == (week, week)
    assert (roads["transaction_ids"], roads["transaction_count"]) == ([], 1)
    assert (roads["division"], roads["merchant"], roads["category"]) == (None, None, None)
    assert roads["amount_at_risk"] == Decimal("794.50")
    assert roads["evidence"] == {
        "department": "Roads",
        "date": week.isoformat(),
        "amount": "900.00",
        "median": "105.50",
        "weeks": "12",
        "score": f"{score:.1f}",
    }
    assert (net["evidence"]["amount"], net["transaction_count"]) == ("900.00", 2)


MERCHANTS = "date | amount | merchant\n"
KNOWN = MERCHANTS + daily(date(2026, 1, 5), [f"{n}.00" for n in range(1, 101)], merchant="Old")
CANDIDATES = """
2026-06-01 | 200.00 | New
2026-06-01 | 1.00   | New
2026-06-02 | 210.00 | New
2026-06-02 | 220.00 | Old
2026-06-03 | 230.00 | Refunded
2026-05-03 | -9.00  | Refunded
2026-06-04 | 240.00 | (unknown)
2026-06-05 | 1.50   | Cheap
2026-06-06 | 250.00 | Branch 7
2026-06-07 | 260.00 | old!
2026-06-08 | 2.50   | Edge
"""


def new_merchants(examples: Examples, busy_from: date | None) -> list[str]:
    purchases = with_one_population(examples.purchases(KNOWN + CANDIDATES))
    scope = replace(purchases.scope, busy_from=busy_from)
    alerts = outliers.new_merchant(
        replace(purchases, scope=scope), LIMIT_500["NEW_MERCHANT"], LIMIT_500
    )
    return sorted(row["merchant"] for row in alerts.toArrow().to_pylist())


def test_a_large_purchase_on_the_first_day_at_a_merchant(examples: Examples) -> None:
    """Catches: the second day, small purchases, a refund as first day, unknown merchants."""
    assert new_merchants(examples, date(2026, 1, 5)) == ["Branch 7", "New", "Refunded"]


def test_every_merchant_is_new_while_the_data_begin(examples: Examples) -> None:
    """More than 90 days after the Monday of the first busy week; without one, nothing is new."""
    assert new_merchants(examples, date(2026, 3, 3)) == ["Branch 7", "Refunded"]
    assert new_merchants(examples, None) == []


def test_the_evidence_is_the_percentile(examples: Examples) -> None:
    purchases = with_one_population(examples.purchases(KNOWN + CANDIDATES))
    alerts = outliers.new_merchant(purchases, LIMIT_500["NEW_MERCHANT"], LIMIT_500)

    evidence = dict(alerts.where("merchant = 'New'").toArrow().to_pylist()[0]["evidence"])

    assert (evidence["percentile"], evidence["category"]) == ("0.9", "Hardware")
    # Of 110 purchases: rank 109 * 0.9 = 98.1, between 96.00 and 97.00.
    assert evidence["usual"] == "96.10"


def test_an_alias_is_the_merchant_that_it_names(examples: Examples, tmp_path: Path) -> None:
    own = tmp_path / "rules.toml"
    own.write_text('[merchants.aliases]\nOld = ["Branch 7", "New"]\n', encoding="utf-8")
    rules = load_rules(own)
    purchases = with_one_population(examples.purchases(KNOWN + CANDIDATES, rules), rules)

    alerts = outliers.new_merchant(purchases, rules["NEW_MERCHANT"], rules)

    assert [row["merchant"] for row in alerts.toArrow().to_pylist()] == ["Refunded"]
