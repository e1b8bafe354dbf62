"""Customers: scores, segments, activity and cohorts of shops small enough to count by hand."""

from datetime import date

import polars as pl
import pytest

from txplatform.domains.commerce.transforms import people
from txplatform.domains.commerce.transforms.calendar import number
from txplatform.domains.commerce.transforms.sales import Window

START = number(date(2024, 1, 1))


def population(**columns: list[int]) -> pl.DataFrame:
    """Customers a, b, c... with what is said of them."""
    count = len(next(iter(columns.values())))
    usual = {"recency_days": [1] * count, "frequency": [1] * count, "monetary": [100] * count}
    names = [chr(ord("a") + place) for place in range(count)]
    return pl.DataFrame({"customer_id": names, **usual, **columns})


def purchases(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """What customers bought on which days, one order each, for so many cents."""
    return pl.DataFrame(
        [
            {
                "customer_id": customer,
                "day": number(date.fromisoformat(day)),
                "order_count": 1,
                "line_count": 1,
                "sale_count": 1,
                "quantity": 1,
                "gross": cents,
                "refund": 0,
            }
            for customer, day, cents in rows
        ]
    )


def window(as_of: str) -> Window:
    """From New Year 2024 to the day before `as_of`."""
    return Window(START, number(date.fromisoformat(as_of)))


@pytest.mark.parametrize(
    ("frequencies", "scores"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ([1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
        ([7], [3]),
        ([1, 1, 1, 2, 2], [1, 1, 1, 4, 4]),
        ([1, 2], [1, 3]),
        ([5, 4, 3, 2, 1], [5, 4, 3, 2, 1]),
        ([1, 1, 1, 1, 9], [1, 1, 1, 1, 5]),
    ],
)
def test_equal_values_get_equal_scores(frequencies: list[int], scores: list[int]) -> None:
    scored = people.rfm_of(population(frequency=frequencies))

    assert scored["f_score"].to_list() == scores


def test_who_bought_last_has_the_highest_score_of_recency() -> None:
    scored = people.rfm_of(population(recency_days=[1, 10, 20, 30, 40]))

    assert scored["r_score"].to_list() == [5, 4, 3, 2, 1]


def test_every_pair_of_scores_has_a_segment() -> None:
    pairs = {
        (recency, frequency): people.SEGMENTS[recency][frequency - 1]
        for recency in range(1, 6)
        for frequency in range(1, 6)
    }

    assert pairs[1, 1] == pairs[2, 2] == "Hibernating"
    assert pairs[1, 3] == pairs[2, 4] == "At risk"
    assert pairs[1, 5] == pairs[2, 5] == "Can't lose"
    assert pairs[3, 1] == pairs[3, 2] == "About to sleep"
    assert pairs[3, 3] == "Need attention"
    assert pairs[4, 1] == "Promising"
    assert pairs[5, 1] == "New"
    assert pairs[5, 4] == pairs[5, 5] == "Champions"
    assert {pairs[4, 2], pairs[4, 3], pairs[5, 2], pairs[5, 3]} == {"Potential loyalist"}
    assert {pairs[3, 4], pairs[3, 5], pairs[4, 4], pairs[4, 5]} == {"Loyal"}


def test_sizes_of_segments_add_up_with_those_who_never_ordered() -> None:
    scored = people.rfm_of(population(frequency=[1, 2, 3]))

    segments = people.segments_of(scored, 5)

    assert segments["customer_count"].sum() == 5
    assert segments.filter(pl.col("segment") == "Prospect")["customer_count"].to_list() == [2]


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (1, "active"),
        (30, "active"),
        (31, "at risk"),
        (90, "at risk"),
        (91, "inactive"),
        (180, "inactive"),
        (181, "churned"),
        (2_000, "churned"),
    ],
)
def test_status_by_the_days_since_the_last_order(days: int, status: str) -> None:
    assert people.activity_of(population(recency_days=[days]))["status"].to_list() == [status]


def test_shares_of_who_was_active_and_who_came_again() -> None:
    found = people.activity_of(population(recency_days=[10, 45, 100, 400], frequency=[1, 2, 3, 1]))

    summary = people.activity_summary_of(found).row(0, named=True)

    assert (summary["active_count"], summary["at_risk_count"]) == (1, 1)
    assert (summary["inactive_count"], summary["churned_count"]) == (1, 1)
    assert summary["share_30_days"] == 250_000
    assert summary["share_60_days"] == 500_000
    assert summary["share_90_days"] == 500_000
    assert summary["share_180_days"] == 750_000
    assert summary["share_365_days"] == 750_000
    assert summary["repeat_rate"] == 500_000


def cells(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Cells of the first cohort, by age."""
    return frame.filter(pl.col("cohort") == START).select(*columns).rows()


def test_a_cohort_month_by_month() -> None:
    bought = purchases(
        ("a", "2024-01-05", 100),
        ("b", "2024-01-31", 200),
        ("a", "2024-03-01", 300),
        ("c", "2024-02-02", 400),
    )

    found = people.cohorts_of(bought, window("2024-04-01"))

    assert cells(found, "age", "size", "active", "rolling_active", "gross_amount") == [
        (0, 2, 2, 2, 300),
        (1, 2, 0, 1, 0),
        (2, 2, 1, 1, 300),
    ]
    assert cells(found, "retention", "rolling_retention") == [
        (1_000_000, 1_000_000),
        (0, 500_000),
        (500_000, 500_000),
    ]


def test_a_month_that_has_not_begun_is_empty_and_not_zero() -> None:
    bought = purchases(("a", "2024-01-05", 100), ("b", "2024-02-05", 100))

    found = people.cohorts_of(bought, window("2024-02-10"))
    later = found.filter(pl.col("cohort") > START)

    assert later.select("age", "active", "retention", "gross_amount").rows() == [
        (0, 1, 1_000_000, 100),
        (1, None, None, None),
    ]


def test_a_cell_is_complete_when_its_month_and_its_cohorts_are_over() -> None:
    bought = purchases(("a", "2024-01-05", 100), ("b", "2024-02-05", 100))

    found = people.cohorts_of(bought, window("2024-02-10"))

    assert cells(found, "age", "is_complete") == [(0, True), (1, False)]
    assert not found.filter(pl.col("cohort") > START)["is_complete"].any()


def test_a_cohort_of_a_month_that_is_cut_off_is_not_complete() -> None:
    bought = purchases(("a", "2024-01-15", 100))
    cut = Window(number(date(2024, 1, 10)), number(date(2024, 3, 1)))

    assert not people.cohorts_of(bought, cut)["is_complete"].any()


def test_sales_to_nobody_belong_to_no_cohort() -> None:
    bought = purchases(("a", "2024-01-05", 100), ("(anonymous)", "2024-01-06", 900))

    found = people.cohorts_of(bought, window("2024-02-01"))

    assert found["gross_amount"].sum() == 100
    assert found["size"].to_list() == [1]


def test_totals_of_cohorts() -> None:
    bought = purchases(("a", "2024-01-05", 100), ("b", "2024-01-06", 205), ("a", "2024-02-06", 100))
    cohorts = people.cohorts_of(bought, window("2024-03-01"))

    totals = people.cohort_totals_of(cohorts)

    assert totals.select("size", "order_count", "gross_amount", "amount_per_customer").rows() == [
        (2, 3, 405, 203)
    ]
