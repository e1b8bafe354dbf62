"""`weekly_transactions` in Spark: which week a purchase belongs to, and what it is compared with.

Purchases in, rows out; each docstring ends with the mistake that the test was seen to catch.
"""

from datetime import date

from txplatform_tests.domains.spend.conftest import Weekly
from txplatform_tests.domains.spend.text_tables import assert_rows


def test_a_week_is_monday_to_sunday(weekly: Weekly) -> None:
    """Catches: weeks that start on Sunday, a Sunday or a midnight in the next week."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-15 | Roads      | Bridges  | 1.00
        2026-11-16 | Roads      | Bridges  | 20.00
        2026-11-22 | Roads      | Bridges  | 300.00
        2026-11-23 | Roads      | Bridges  | 4000.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | total_amount | transaction_count
        2026-11-09 | 1.00         | 1
        2026-11-16 | 320.00       | 2
        2026-11-23 | 4000.00      | 1
        """,
    )


def test_the_week_of_new_year_belongs_to_its_monday(weekly: Weekly) -> None:
    """Catches: week numbers without their year (both Mondays are week 1), weeks cut at 1 January.

    January 2024 and the turn of 2025 stay apart, and the turn is one week.
    """
    rows = weekly(
        """
        date       | department | division | amount
        2024-01-01 | Roads      | Bridges  | 5.00
        2024-12-29 | Roads      | Bridges  | 40.00
        2024-12-30 | Roads      | Bridges  | 10.00
        2025-01-05 | Roads      | Bridges  | 50.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | total_amount | department_previous_amount | department_change_pct
        2024-01-01 | 5.00         |                            |
        2024-12-23 | 40.00        |                            |
        2024-12-30 | 60.00        | 40.00                      | 50.0000
        """,
    )


def test_week_53_ends_on_the_third_of_january(weekly: Weekly) -> None:
    """Catches: the ISO week number under the calendar year (2021-W53), a week 53 that is lost."""
    rows = weekly(
        """
        date       | department | division | amount
        2020-12-27 | Roads      | Bridges  | 10.00
        2020-12-28 | Roads      | Bridges  | 15.00
        2021-01-03 | Roads      | Bridges  | 5.00
        2021-01-04 | Roads      | Bridges  | 25.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | total_amount | department_previous_amount | department_change_pct
        2020-12-21 | 10.00        |                            |
        2020-12-28 | 20.00        | 10.00                      | 100.0000
        2021-01-04 | 25.00        | 20.00                      | 25.0000
        """,
    )


def test_a_silent_week_breaks_the_comparison(weekly: Weekly) -> None:
    """Catches: `lag`, which compares with the previous present week instead of the calendar's.

    Parks buys in the week between, so the week itself exists.
    """
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-02 | Roads      | Bridges  | 100.00
        2026-11-10 | Parks      | Trees    | 7.00
        2026-11-18 | Roads      | Bridges  | 300.00
        2026-11-25 | Roads      | Bridges  | 600.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | department | department_previous_amount | department_change_pct
        2026-11-02 | Roads      |                            |
        2026-11-09 | Parks      |                            |
        2026-11-16 | Roads      |                            |
        2026-11-23 | Roads      | 300.00                     | 100.0000
        """,
    )


def test_a_departments_first_week_has_no_change(weekly: Weekly) -> None:
    """Catches: 0 or 100 % where nothing can be compared, another department's week before."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-09 | Parks      | Trees    | 50.00
        2026-11-16 | Parks      | Trees    | 50.00
        2026-11-16 | Roads      | Bridges  | 80.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | department | department_previous_amount | department_change_pct
        2026-11-09 | Parks      |                            |
        2026-11-16 | Parks      | 50.00                      | 0.0000
        2026-11-16 | Roads      |                            |
        """,
    )


def test_the_change_is_the_departments_not_the_divisions(weekly: Weekly) -> None:
    """Catches: a comparison per division, a new division without its department's change."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-09 | Roads      | Bridges  | 60.00
        2026-11-09 | Roads      | Signs    | 40.00
        2026-11-16 | Roads      | Bridges  | 60.00
        2026-11-16 | Roads      | Tunnels  | 90.00
        """,
        date(2026, 11, 16),
    )

    assert_rows(
        rows,
        """
        division | total_amount | department_amount | department_previous_amount | department_change_pct
        Bridges  | 60.00        | 150.00            | 100.00                     | 50.0000
        Tunnels  | 90.00        | 150.00            | 100.00                     | 50.0000
        """,  # noqa: E501 - one line per row
    )


def test_a_division_that_moves_takes_its_history_nowhere(weekly: Weekly) -> None:
    """Catches: joining the week before by division; Roads shrank and Parks grew by the move."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-09 | Parks      | Trees    | 10.00
        2026-11-09 | Roads      | Bridges  | 60.00
        2026-11-09 | Roads      | Verges   | 40.00
        2026-11-16 | Parks      | Trees    | 10.00
        2026-11-16 | Parks      | Verges   | 40.00
        2026-11-16 | Roads      | Bridges  | 60.00
        """,
        date(2026, 11, 16),
    )

    assert_rows(
        rows,
        """
        department | division | department_previous_amount | department_change_pct
        Parks      | Trees    | 10.00                      | 400.0000
        Parks      | Verges   | 10.00                      | 400.0000
        Roads      | Bridges  | 100.00                     | -40.0000
        """,
    )


def test_a_decrease_is_negative(weekly: Weekly) -> None:
    """Catches: negative changes cut to 0, changes without sign, division by the new amount."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-09 | Roads      | Bridges  | 100.00
        2026-11-16 | Roads      | Bridges  | 40.00
        2026-11-23 | Roads      | Bridges  | -10.00
        """,
        date(2026, 11, 16),
    )

    assert_rows(
        rows,
        """
        week_start | department_previous_amount | department_change_pct
        2026-11-16 | 100.00                     | -60.0000
        2026-11-23 | 40.00                      | -125.0000
        """,
    )


def test_the_week_before_is_read_and_not_written(weekly: Weekly) -> None:
    """Catches: a comparison lost at the edge of a range, rows outside of the weeks asked for."""
    purchases = """
        date       | department | division | amount
        2026-11-09 | Roads      | Bridges  | 100.00
        2026-11-16 | Roads      | Bridges  | 110.00
        2026-11-23 | Roads      | Bridges  | 121.00
        """

    assert_rows(
        weekly(purchases, date(2026, 11, 16), date(2026, 11, 16)),
        """
        week_start | total_amount | department_previous_amount | department_change_pct
        2026-11-16 | 110.00       | 100.00                     | 10.0000
        """,
    )
