"""DUPLICATE, REPEAT and REFUND_UNMATCHED on labelled purchases."""

from datetime import date
from decimal import Decimal

from txplatform_tests.domains.spend.rules.examples import Examples


def test_duplicate_is_the_same_amount_twice_on_a_day(examples: Examples) -> None:
    """Catches: the floor, other divisions, other days, refunds, unknown merchants, triplets."""
    examples.check(
        "DUPLICATE",
        """
        date       | division | merchant  | amount | alert
        2026-11-16 | Bridges  | ACME      | 50.00  | a
        2026-11-16 | Bridges  | acme      | 50.00  | a
        2026-11-16 | Bridges  | ACME!     | 50.00  | a
        2026-11-16 | Bridges  | ACME      | 50.01  |
        2026-11-16 | Signs    | ACME      | 50.00  |
        2026-11-17 | Bridges  | ACME      | 50.00  |
        2026-11-18 | Bridges  | ACME      | 49.99  |
        2026-11-18 | Bridges  | ACME      | 49.99  |
        2026-11-19 | Bridges  | ACME      | -60.00 |
        2026-11-19 | Bridges  | ACME      | -60.00 |
        2026-11-20 | Bridges  | (unknown) | 60.00  |
        2026-11-20 | Bridges  | (unknown) | 60.00  |
        """,
    )


def test_all_but_one_of_the_twins_are_at_risk(examples: Examples) -> None:
    (alert,) = examples.found(
        "DUPLICATE",
        """
        date       | amount
        2026-11-16 | 60.10
        2026-11-16 | 60.10
        2026-11-16 | 60.10
        """,
    )

    assert alert["amount_at_risk"] == Decimal("120.20")
    assert alert["evidence"]["count"] == "3"


def test_a_division_that_moved_is_another_buyer(examples: Examples) -> None:
    """A division is always the pair of department and division."""
    examples.check(
        "DUPLICATE",
        """
        date       | department | division | amount | alert
        2026-11-16 | Roads      | Bridges  | 60.00  |
        2026-11-16 | Parks      | Bridges  | 60.00  |
        """,
    )


def test_repeat_belongs_to_the_later_purchase(examples: Examples) -> None:
    """Catches: steps of 0 and 8 days, a day skipped, other amounts, two purchases on a day."""
    examples.check(
        "REPEAT",
        """
        date       | merchant  | amount | alert
        2026-11-02 | ACME      | 12.00  |
        2026-11-02 | ACME      | 12.00  |
        2026-11-03 | ACME      | 12.00  | a
        2026-11-10 | ACME      | 12.00  | b
        2026-11-10 | acme      | 12.00  | b
        2026-11-18 | ACME      | 12.00  |
        2026-11-19 | ACME      | 12.01  |
        2026-11-20 | ACME      | -12.00 |
        2026-11-16 | (unknown) | 12.00  |
        2026-11-17 | (unknown) | 12.00  |
        """,
    )


def test_what_comes_every_week_is_left_alone_from_the_third_time(examples: Examples) -> None:
    """Catches: the exemption of a week's step without the week before, or with days between."""
    examples.check(
        "REPEAT",
        """
        date       | merchant | amount | alert
        2026-11-02 | Laundry  | 30.00  |
        2026-11-09 | Laundry  | 30.00  | a
        2026-11-16 | Laundry  | 30.00  |
        2026-11-23 | Laundry  | 30.00  |
        2026-11-29 | Laundry  | 30.00  | b
        2026-11-30 | Laundry  | 30.00  | c
        2026-11-02 | Bakery   | 30.00  |
        2026-11-04 | Bakery   | 30.00  | d
        2026-11-09 | Bakery   | 30.00  | e
        2026-11-16 | Bakery   | 30.00  |
        """,
    )


def test_repeat_looks_back_over_the_weeks_before(examples: Examples) -> None:
    """Catches: a look-back that ends with the week, alerts of weeks that nobody asked for."""
    found = examples.found(
        "REPEAT",
        """
        date       | amount
        2026-11-07 | 9.00
        2026-11-14 | 9.00
        2026-11-14 | 7.00
        2026-11-16 | 7.00
        2026-11-21 | 9.00
        """,
        first_week=date(2026, 11, 16),
        last_week=date(2026, 11, 16),
    )

    assert [alert["transaction_ids"] for alert in found] == [["t04"]]
    assert found[0]["evidence"] == {
        "count": "1",
        "merchant": "Ironmonger",
        "date": "2026-11-16",
        "amount": "7.00",
        "earlier_date": "2026-11-14",
        "days": "2",
    }


def test_a_week_alone_knows_the_two_weeks_before_its_monday(examples: Examples) -> None:
    """Catches: a look-back cut a day short, with which a weekly purchase would be no regular one.

    The later weekly one is exempt because of 2 November, which is 14 days before the Monday.
    """
    found = examples.found(
        "REPEAT",
        """
        date       | merchant | amount
        2026-11-02 | Weekly   | 80.00
        2026-11-09 | Weekly   | 80.00
        2026-11-16 | Weekly   | 80.00
        2026-11-09 | Once     | 80.00
        2026-11-16 | Once     | 80.00
        """,
        first_week=date(2026, 11, 16),
    )

    assert [one["merchant"] for one in found] == ["Once"]


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
