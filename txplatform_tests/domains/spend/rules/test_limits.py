"""SPLIT, JUST_BELOW, OVER_LIMIT and ROUND on labelled purchases."""

from decimal import Decimal

from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform_tests.domains.spend.rules.examples import Examples

BY_DEPARTMENT = load_rules(limits={"Roads": Decimal(100), "Parks": Decimal("1000.00")})


def test_split_is_one_buyer_at_one_merchant_on_one_day(examples: Examples) -> None:
    """Catches: ties at the limit, purchases above it, unknown merchants and refunds counted in."""
    examples.check(
        "SPLIT",
        """
        date       | division | merchant   | amount  | alert
        2026-11-16 | Bridges  | ACME #1    | 300.00  | a
        2026-11-16 | Bridges  | Acme 1     | 200.01  | a
        2026-11-17 | Bridges  | ACME       | 300.00  |
        2026-11-17 | Bridges  | ACME       | 200.00  |
        2026-11-17 | Signs    | ACME       | 300.00  |
        2026-11-18 | Bridges  | ACME       | 500.00  | b
        2026-11-18 | Bridges  | ACME       | 0.01    | b
        2026-11-19 | Bridges  | ACME       | 500.01  |
        2026-11-19 | Bridges  | ACME       | 400.00  |
        2026-11-20 | Bridges  | (unknown)  | 400.00  |
        2026-11-20 | Bridges  | (unknown)  | 400.00  |
        2026-11-20 | Bridges  | ***        | 400.00  |
        2026-11-20 | Bridges  | ***        | 400.00  |
        2026-11-21 | Bridges  | ACME       | 400.00  | c
        2026-11-21 | Bridges  | ACME       | 400.00  | c
        2026-11-21 | Bridges  | ACME       | -400.00 |
        2026-11-21 | Bridges  | ACME       | 0.00    |
        2026-11-22 | Bridges  | ACME       | 400.00  |
        2026-11-23 | Bridges  | ACME       | 400.00  |
        """,
    )


def test_split_names_its_evidence(examples: Examples) -> None:
    (alert,) = examples.found(
        "SPLIT",
        """
        date       | merchant | amount
        2026-11-18 | ACME     | 500.00
        2026-11-18 | ACME 2   | 100.00
        2026-11-18 | ACME     | 420.50
        """,
    )

    assert alert["amount_at_risk"] == Decimal("920.50")
    assert (alert["severity"], alert["transaction_count"]) == ("high", 2)
    assert (alert["department"], alert["division"]) == ("Roads", "Bridges")
    assert alert["evidence"] == {
        "count": "2",
        "merchant": "ACME",
        "date": "2026-11-18",
        "total": "920.50",
        "limit": "500.00",
        "each": "within",
    }


def test_a_card_is_the_buyer_where_there_is_one(examples: Examples) -> None:
    """Catches: a card that splits over two divisions, two cards of one division as one buyer."""
    examples.check(
        "SPLIT",
        """
        date       | department | division | card | merchant | amount | alert
        2026-11-16 | Roads      | Bridges  | 4711 | ACME     | 300.00 | a
        2026-11-16 | Roads      | Signs    | 4711 | ACME     | 300.00 | a
        2026-11-17 | Roads      | Bridges  | 4711 | ACME     | 300.00 |
        2026-11-17 | Roads      | Bridges  | 4712 | ACME     | 300.00 |
        2026-11-18 | Roads      | Bridges  | 4711 | ACME     | 300.00 |
        2026-11-18 | Roads      | Bridges  |      | ACME     | 300.00 |
        """,
    )


def test_limits_are_those_of_the_department(examples: Examples) -> None:
    """Catches: a default that nobody set, a limit of one department for all."""
    examples.check(
        "OVER_LIMIT",
        """
        date       | department | amount  | alert
        2026-11-16 | Roads      | 100.00  |
        2026-11-16 | Roads      | 100.01  | a
        2026-11-16 | Parks      | 1000.00 |
        2026-11-16 | Parks      | 1000.01 | b
        2026-11-16 | Zoo        | 9999.00 |
        """,
        BY_DEPARTMENT,
    )


def test_just_below_includes_both_ends(examples: Examples) -> None:
    examples.check(
        "JUST_BELOW",
        """
        date       | amount  | alert
        2026-11-16 | 474.99  |
        2026-11-16 | 475.00  | a
        2026-11-16 | 500.00  | b
        2026-11-16 | 500.01  |
        2026-11-16 | -480.00 |
        """,
    )


def test_over_limit_says_by_how_much(examples: Examples) -> None:
    (alert,) = examples.found(
        "OVER_LIMIT",
        """
        date       | amount
        2026-11-16 | 500.00
        2026-11-16 | 1420.10
        """,
    )

    assert alert["amount_at_risk"] == Decimal("1420.10")
    assert (alert["evidence"]["excess"], alert["evidence"]["limit"]) == ("920.10", "500.00")


def test_round_is_a_multiple_of_a_hundred(examples: Examples) -> None:
    examples.check(
        "ROUND",
        """
        date       | amount   | alert
        2026-11-16 | 100.00   | a
        2026-11-16 | 99.00    |
        2026-11-16 | 100.01   |
        2026-11-16 | 12300.00 | b
        2026-11-16 | 150.00   |
        2026-11-16 | 0.00     |
        2026-11-16 | -200.00  |
        """,
    )
