"""REFUND_UNMATCHED on labelled purchases."""

from datetime import date
from decimal import Decimal

from txplatform_tests.domains.spend.rules.examples import Examples


def test_a_refund_needs_a_purchase_that_it_can_belong_to(examples: Examples) -> None:
    """Catches: purchases after it, before the 180 days, smaller, elsewhere, of a moved division."""
    examples.check(
        "REFUND_UNMATCHED",
        """
        date       | department | division | merchant  | amount  | alert
        2026-03-02 | Roads      | Bridges  | ACME      | 100.00  |
        2026-08-29 | Roads      | Bridges  | acme      | -100.00 |
        2026-08-30 | Roads      | Bridges  | ACME      | -100.00 | a
        2026-08-29 | Roads      | Bridges  | ACME      | -100.01 | b
        2026-08-29 | Roads      | Signs    | ACME      | -5.00   | c
        2026-08-29 | Parks      | Bridges  | ACME      | -5.00   | d
        2026-08-29 | Roads      | Bridges  | Other     | -5.00   | e
        2026-08-29 | Roads      | Bridges  | (unknown) | -5.00   |
        2026-08-31 | Roads      | Bridges  | Sameday   | 30.00   |
        2026-08-31 | Roads      | Bridges  | Sameday   | -30.00  |
        2026-08-31 | Roads      | Bridges  | Future    | -30.00  | f
        2026-09-01 | Roads      | Bridges  | Future    | 30.00   |
        2026-09-01 | Roads      | Bridges  | Future    | -10.00  |
        2026-09-01 | Roads      | Bridges  | Future    | -10.00  |
        2026-09-02 | Roads      | Bridges  | Never     | 0.00    |
        """,
    )


def test_the_first_180_days_of_data_are_not_scored(examples: Examples) -> None:
    examples.check(
        "REFUND_UNMATCHED",
        """
        date       | amount | alert
        2026-06-29 | -5.00  |
        2026-06-30 | -6.00  | a
        """,
        data_begins=date(2026, 1, 1),
    )


def test_the_amount_at_risk_has_no_sign(examples: Examples) -> None:
    (alert,) = examples.found(
        "REFUND_UNMATCHED",
        """
        date       | amount
        2026-08-31 | -30.10
        """,
    )

    assert alert["amount_at_risk"] == Decimal("30.10")
    assert (alert["evidence"]["amount"], alert["evidence"]["days"]) == ("30.10", "180")
