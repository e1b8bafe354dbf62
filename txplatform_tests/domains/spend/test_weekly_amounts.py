"""`weekly_transactions` in Spark: totals, refunds, shares and names.

Purchases in, rows out; each docstring ends with the mistake that the test was seen to catch.
"""

from datetime import date

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from txplatform.columns import arrow_schema
from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms.weekly import division_sums, weekly_transactions
from txplatform_tests.domains.spend.conftest import Weekly
from txplatform_tests.domains.spend.purchases import transactions_of
from txplatform_tests.domains.spend.text_tables import assert_rows


def test_a_week_with_refunds_only(weekly: Weekly) -> None:
    """Catches: shares of a negative total, a change from a negative week, refunds as positive."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-09 | Roads      | Bridges  | -20.00
        2026-11-09 | Roads      | Signs    | -10.00
        2026-11-16 | Roads      | Signs    | 5.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | division | total_amount | refund_amount | week_amount | department_share | division_share_of_department | division_share_of_week | department_previous_amount | department_change_pct
        2026-11-09 | Bridges  | -20.00       | -20.00        | -30.00      |                  |                              |                        |                            |
        2026-11-09 | Signs    | -10.00       | -10.00        | -30.00      |                  |                              |                        |                            |
        2026-11-16 | Signs    | 5.00         | 0.00          | 5.00        | 1.000000         | 1.000000                     | 1.000000               | -30.00                     |
        """,  # noqa: E501 - one line per row
    )


def test_a_refund_larger_than_the_weeks_purchases(weekly: Weekly) -> None:
    """Catches: refunds left out of the totals, shares cut to [0, 1], refunds netted away."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-16 | Roads      | Bridges  | 30.00
        2026-11-17 | Roads      | Bridges  | -80.00
        2026-11-18 | Roads      | Signs    | 150.00
        """
    )

    assert_rows(
        rows,
        """
        division | total_amount | refund_amount | transaction_count | department_amount | division_share_of_department | division_share_of_week
        Bridges  | -50.00       | -80.00        | 2                 | 100.00            | -0.500000                    | -0.500000
        Signs    | 150.00       | 0.00          | 1                 | 100.00            | 1.500000                     | 1.500000
        """,  # noqa: E501 - one line per row
    )


def test_a_division_whose_purchases_were_all_refunded_has_a_row(weekly: Weekly) -> None:
    """Catches: rows of 0.00 that are dropped, with their transactions."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-16 | Roads      | Bridges  | 30.00
        2026-11-17 | Roads      | Bridges  | -30.00
        2026-11-18 | Roads      | Signs    | 4.00
        """
    )

    assert_rows(
        rows,
        """
        division | total_amount | refund_amount | transaction_count | division_share_of_week
        Bridges  | 0.00         | -30.00        | 2                 | 0.000000
        Signs    | 4.00         | 0.00          | 1                 | 1.000000
        """,
    )


def test_nothing_is_divided_by_zero_or_less(weekly: Weekly) -> None:
    """Catches: a division by zero that fails the run, a share of a total of 0.00 that is not NULL.

    Roads comes to 0.00, Parks to less, the week stays positive; then Roads compares with 0.00.
    """
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-09 | Parks      | Trees    | -1.00
        2026-11-09 | Roads      | Bridges  | 10.00
        2026-11-09 | Roads      | Signs    | -10.00
        2026-11-09 | Zoo        | Bears    | 5.00
        2026-11-16 | Parks      | Trees    | 3.00
        2026-11-16 | Roads      | Signs    | 1.00
        """
    )

    assert_rows(
        rows,
        """
        week_start | department | division | department_share | division_share_of_department | division_share_of_week | department_previous_amount | department_change_pct
        2026-11-09 | Parks      | Trees    | -0.250000        |                              | -0.250000              |                            |
        2026-11-09 | Roads      | Bridges  | 0.000000         |                              | 2.500000               |                            |
        2026-11-09 | Roads      | Signs    | 0.000000         |                              | -2.500000              |                            |
        2026-11-09 | Zoo        | Bears    | 1.250000         | 1.000000                     | 1.250000               |                            |
        2026-11-16 | Parks      | Trees    | 0.750000         | 1.000000                     | 0.750000               | -1.00                      |
        2026-11-16 | Roads      | Signs    | 0.250000         | 1.000000                     | 0.250000               | 0.00                       |
        """,  # noqa: E501 - one line per row
    )


def test_a_division_is_the_pair_of_department_and_division(weekly: Weekly) -> None:
    """Catches: grouping by the division's name alone (337 names occur in several departments)."""
    rows = weekly(
        """
        date       | department | division       | amount
        2026-11-16 | Parks      | Administration | 25.00
        2026-11-16 | Roads      | Administration | 50.00
        2026-11-16 | Roads      | Bridges        | 25.00
        """
    )

    assert_rows(
        rows,
        """
        department | division       | total_amount | division_share_of_department | division_share_of_week
        Parks      | Administration | 25.00        | 1.000000                     | 0.250000
        Roads      | Administration | 50.00        | 0.666667                     | 0.500000
        Roads      | Bridges        | 25.00        | 0.333333                     | 0.250000
        """,  # noqa: E501 - one line per row
    )


def test_blank_names_are_counted_under_unknown(weekly: Weekly) -> None:
    """Catches: rows without a name that are dropped, and totals that then do not add up."""
    rows = weekly(
        """
        date       | department | division  | amount
        2026-11-16 | (unknown)  | (unknown) | 1.00
        2026-11-16 | Roads      | (unknown) | 3.00
        """
    )

    assert_rows(
        rows,
        """
        department | division  | total_amount | department_share
        (unknown)  | (unknown) | 1.00         | 0.250000
        Roads      | (unknown) | 3.00         | 0.750000
        """,
    )


def test_names_differ_by_case_and_equal_purchases_are_two(weekly: Weekly) -> None:
    """Catches: names folded to one case, `distinct` (5-7 % of real rows are exact duplicates)."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-16 | Roads      | Bridges  | 12.50
        2026-11-16 | Roads      | Bridges  | 12.50
        2026-11-16 | Roads      | bridges  | 75.00
        """
    )

    assert_rows(
        rows,
        """
        division | total_amount | transaction_count | division_share_of_department
        Bridges  | 25.00        | 2                 | 0.250000
        bridges  | 75.00        | 1                 | 0.750000
        """,
    )


def test_a_key_may_come_in_several_partial_sums(spark: SparkSession) -> None:
    """Catches: a window over partial sums instead of over divisions, counts of partial rows."""
    parts = [
        division_sums(spark.createDataFrame(transactions_of(part)))
        for part in (
            """
            date       | department | division | amount
            2026-11-16 | Roads      | Bridges  | 10.00
            2026-11-17 | Roads      | Signs    | 60.00
            """,
            """
            date       | department | division | amount
            2026-11-18 | Roads      | Bridges  | -2.00
            2026-11-19 | Roads      | Bridges  | 32.00
            """,
        )
    ]

    week = date(2026, 11, 16)
    assert_rows(
        weekly_transactions(parts[0].unionByName(parts[1]), week, week).toArrow(),
        """
        division | total_amount | refund_amount | transaction_count | division_share_of_week
        Bridges  | 40.00        | -2.00         | 3                 | 0.400000
        Signs    | 60.00        | 0.00          | 1                 | 0.600000
        """,
    )


@pytest.mark.parametrize(
    ("small", "large", "total"),
    [
        ("0.01", "0.02", "0.03"),
        ("0.01", "10000000000000.00", "10000000000000.01"),
        ("0.01", "9999999999999999.98", "9999999999999999.99"),
    ],
)
def test_money_never_touches_a_float(weekly: Weekly, small: str, large: str, total: str) -> None:
    """Catches: sums in doubles (0.01 + 0.02, 10^13 after 0.01), and too narrow decimals."""
    rows = weekly(
        f"""
        date       | department | division | amount
        2026-11-16 | Roads      | Bridges  | {small}
        2026-11-17 | Roads      | Bridges  | {large}
        """
    )

    assert_rows(
        rows,
        f"""
        total_amount | department_amount | week_amount | division_share_of_week
        {total}      | {total}           | {total}     | 1.000000
        """,
    )


def test_columns_and_types_are_those_of_the_contract(weekly: Weekly) -> None:
    """Catches: a column renamed, left out or in another place, a double instead of a decimal."""
    rows = weekly(
        """
        date       | department | division | amount
        2026-11-16 | Roads      | Bridges  | 10.00
        """
    )

    names = (*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES)
    declared = arrow_schema(tables.weekly_transactions.c[name] for name in names)
    assert [(field.name, field.type) for field in rows.schema] == list(
        zip(declared.names, declared.types, strict=True)
    )
    assert pa.types.is_decimal(rows.schema.field("department_change_pct").type)
