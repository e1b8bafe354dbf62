"""NEW_MERCHANT on labelled purchases."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from txplatform.domains.spend.rules import merchants
from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform_tests.domains.spend.rules.examples import (
    LIMIT_500,
    Examples,
    daily,
    with_one_population,
)

HEADER = "date | amount | merchant\n"
KNOWN = HEADER + daily(date(2026, 1, 5), [f"{n}.00" for n in range(1, 101)], merchant="Old")
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


def found(examples: Examples, busy_from: date | None) -> list[str]:
    purchases = with_one_population(examples.purchases(KNOWN + CANDIDATES))
    scope = replace(purchases.scope, busy_from=busy_from)
    alerts = merchants.new_merchant(
        replace(purchases, scope=scope), LIMIT_500["NEW_MERCHANT"], LIMIT_500
    )
    return sorted(row["merchant"] for row in alerts.toArrow().to_pylist())


def test_a_large_purchase_on_the_first_day_at_a_merchant(examples: Examples) -> None:
    """Catches: the second day, small purchases, a refund as first day, unknown merchants."""
    assert found(examples, date(2026, 1, 5)) == ["Branch 7", "New", "Refunded"]


def test_every_merchant_is_new_while_the_data_begin(examples: Examples) -> None:
    """More than 90 days after the Monday of the first busy week; without one, nothing is new."""
    assert found(examples, date(2026, 3, 3)) == ["Branch 7", "Refunded"]
    assert found(examples, None) == []


def test_the_evidence_is_the_percentile(examples: Examples) -> None:
    purchases = with_one_population(examples.purchases(KNOWN + CANDIDATES))
    alerts = merchants.new_merchant(purchases, LIMIT_500["NEW_MERCHANT"], LIMIT_500)

    evidence = dict(alerts.where("merchant = 'New'").toArrow().to_pylist()[0]["evidence"])

    assert (evidence["percentile"], evidence["category"]) == ("0.9", "Hardware")
    # Of 110 purchases: rank 109 * 0.9 = 98.1, between 96.00 and 97.00.
    assert evidence["usual"] == "96.10"


def test_an_alias_is_the_merchant_that_it_names(examples: Examples, tmp_path: Path) -> None:
    own = tmp_path / "rules.toml"
    own.write_text('[merchants.aliases]\nOld = ["Branch 7", "New"]\n', encoding="utf-8")
    rules = load_rules(own)
    purchases = with_one_population(examples.purchases(KNOWN + CANDIDATES, rules), rules)

    alerts = merchants.new_merchant(purchases, rules["NEW_MERCHANT"], rules)

    assert [row["merchant"] for row in alerts.toArrow().to_pylist()] == ["Refunded"]
