"""Shares and changes are rounded half up, away from zero, once: quotients in, digits out.

All cases of a table are departments of one week and one Spark job; `whole` is the department's
total (or that of the week before), `part` what is divided by it.
"""

from datetime import date

from txplatform_tests.domains.spend.conftest import Weekly
from txplatform_tests.domains.spend.text_tables import assert_rows, rows_of

SHARES = """
    department            | part_amount         | whole_amount     | share
    a third               | 1.00                | 3.00             | 0.333333
    two thirds            | 2.00                | 3.00             | 0.666667
    half of the last      | 0.01                | 20000.00         | 0.000001
    half, negative        | -0.01               | 20000.00         | -0.000001
    below half            | 0.01                | 20000.01         | 0.000000
    below half, negative  | -0.01               | 20000.01         | 0.000000
    twice would round up  | 333333500000.01     | 1000000000000.03 | 0.333333
    twice, negative       | -333333500000.01    | 1000000000000.03 | -0.333333
    twice, to one         | 1285714500000.03    | 3000000000000.07 | 0.428571
    large by small        | 1000000000000000.00 | 0.01             | 100000000000000000.000000
    large refund by small | -10000000000000.00  | 0.01             | -1000000000000000.000000
    by 10^15              | 0.01                | 1000000000000000 | 0.000000
    all of 10^15          | 999999999999999.99  | 999999999999999.99 | 1.000000
    """
"""`twice`: the 20 decimals that Spark's own division keeps end in an exact half, so that rounding
those would round up; 333333500000.01 / 1000000000000.03 is 0.33333349999999999999995."""

CHANGES = """
    department           | before_amount    | now_amount         | pct
    half of the last     | 20000.00         | 20000.01           | 0.0001
    half, negative       | 20000.00         | 19999.99           | -0.0001
    below half, negative | 20000.01         | 20000.00           | 0.0000
    twice would round up | 1000000000000.03 | 1333333500000.04   | 33.3333
    twice, negative      | 1000000000000.03 | 666666500000.02    | -33.3333
    tripled              | 3.00             | 10.00              | 233.3333
    refunded             | 3.00             | -10.00             | -433.3333
    large by small       | 0.01             | 1000000000000000   | 9999999999999999900.0000
    """

HEADER = "date | department | division | amount"


def test_shares_are_rounded_half_up_once(weekly: Weekly) -> None:
    """Catches: rounding twice, half even, half towards plus infinity, cut digits, overflow."""
    cases = rows_of(SHARES)
    purchases = [
        f"2026-11-16 | {case['department']} | {division} | {amount}"
        for case in cases
        for division, amount in (
            ("part", case["part_amount"]),
            ("rest", case["whole_amount"] - case["part_amount"]),
        )
    ]

    rows = weekly("\n".join([HEADER, *purchases])).to_pylist()

    assert {
        row["department"]: row["division_share_of_department"]
        for row in rows
        if row["division"] == "part"
    } == {case["department"]: case["share"] for case in cases}


def test_changes_are_rounded_half_up_once(weekly: Weekly) -> None:
    """Catches: the same as for shares, a change rounded before it is multiplied by 100."""
    cases = rows_of(CHANGES)
    purchases = [
        f"{day} | {case['department']} | all | {case[column]}"
        for case in cases
        for day, column in (("2026-11-09", "before_amount"), ("2026-11-16", "now_amount"))
    ]

    rows = weekly("\n".join([HEADER, *purchases]), date(2026, 11, 16)).to_pylist()

    assert {row["department"]: row["department_change_pct"] for row in rows} == {
        case["department"]: case["pct"] for case in cases
    }


def test_rounded_shares_need_not_add_up_to_one(weekly: Weekly) -> None:
    """Catches: a last share that is adjusted so that the others fit."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-16 | Roads      | Bridges  | 10.00
        2026-11-16 | Roads      | Signs    | 10.00
        2026-11-16 | Roads      | Tunnels  | 10.00
        """
    )

    assert_rows(
        rows,
        """
        division | division_share_of_department
        Bridges  | 0.333333
        Signs    | 0.333333
        Tunnels  | 0.333333
        """,
    )
