"""Concentration, seasons, pairs, distributions and key figures of numbers counted by hand."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.commerce.transforms import patterns
from txplatform.domains.commerce.transforms.calendar import calendar, number
from txplatform.domains.commerce.transforms.sales import Window


def spread(*amounts: int) -> dict[str, object]:
    """The concentration of amounts."""
    rows = pl.DataFrame(
        {"customer_id": [f"{n:03}" for n in range(len(amounts))], "net_amount": amounts},
        schema={"customer_id": pl.String, "net_amount": pl.Int64},
    )
    return patterns.concentration_of("client", rows, "customer_id")


@pytest.mark.parametrize(
    ("amounts", "gini"),
    [
        ((1, 1, 1, 1), 0),
        ((0, 0, 0, 1), 750_000),
        ((1, 2, 3, 4), 250_000),
        ((5,), 0),
        ((-5, 0, 0, 1), 750_000),
    ],
)
def test_gini(amounts: tuple[int, ...], gini: int) -> None:
    assert spread(*amounts)["gini"] == gini


def test_of_nothing_there_is_no_concentration() -> None:
    found = spread(0, -5)

    assert "gini" not in found
    assert found["negative_count"] == 1
    assert found["n"] == 2


@pytest.mark.parametrize(
    ("amounts", "count"),
    [((80, 20), 1), ((79, 21), 2), ((50, 30, 20), 2), ((25, 25, 25, 25), 4), ((100,), 1)],
)
def test_how_many_reach_four_fifths(amounts: tuple[int, ...], count: int) -> None:
    assert spread(*amounts)["pareto_k"] == count


def test_the_largest_tenth_is_at_least_one() -> None:
    found = spread(50, 30, 10, 5, 5)

    assert found["top_10_share"] == 500_000
    assert found["top_20_share"] == 500_000


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_gini_lies_between_none_and_all(amounts: list[int]) -> None:
    gini = spread(*amounts).get("gini", 0)

    assert isinstance(gini, int)
    assert 0 <= gini < 1_000_000


def days(first: date, last: date, **nets: int) -> pl.DataFrame:
    """Days with net amounts; silent where nothing is said."""
    facts = calendar(number(first), number(last))
    known = {number(date.fromisoformat(day.strip("_").replace("_", "-"))): net
             for day, net in nets.items()}  # fmt: skip
    amounts = [known.get(day, 0) for day in facts["day"].to_list()]
    return facts.with_columns(net_amount=pl.Series(amounts, dtype=pl.Int64))


def test_an_index_counts_silent_days() -> None:
    first, last = date(2024, 1, 1), date(2024, 1, 14)
    found = days(first, last, _2024_01_01=700, _2024_01_09=700)
    window = Window(number(first), number(last) + 1)

    rows = patterns.seasonality_of(found, None, window)
    weekdays = {row["value"]: row["index"] for row in rows if row["dimension"] == "weekday"}

    assert weekdays == {1: 3_500_000, 2: 3_500_000, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0}


def test_an_hour_is_24_times_its_share() -> None:
    first = date(2024, 1, 1)
    found = days(first, first, _2024_01_01=400)
    hours = pl.DataFrame({"hour": [9, 10], "net_amount": [100, 300]})

    rows = patterns.seasonality_of(found, hours, Window(number(first), number(first) + 1))
    by_hour = {row["value"]: row["index"] for row in rows if row["dimension"] == "hour"}

    assert by_hour == {9: 6_000_000, 10: 18_000_000}


def test_without_sales_no_day_has_an_index() -> None:
    first = date(2024, 1, 1)

    rows = patterns.seasonality_of(days(first, first), None, Window(0, 1))

    assert {row["index"] for row in rows} == {None}


def test_pairs_of_products() -> None:
    pairs = pl.DataFrame(
        {"product_a": ["A"], "product_b": ["B"], "n_a": [4], "n_b": [5], "n_ab": [3]}
    )

    (row,) = patterns.affinity_of(pairs, 10, "order").to_dicts()

    assert row["support"] == 300_000
    assert row["confidence_a_to_b"] == 750_000
    assert row["confidence_b_to_a"] == 600_000
    assert row["lift"] == 15_000
    assert (row["basket"], row["basket_count"]) == ("order", 10)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([1, 2, 3, 4], 50, 3),
        ([10, 20], 25, 13),
        ([10, 20], 75, 18),
        ([7], 99, 7),
        ([0, 100], 1, 1),
        ([-20, -10], 25, -18),
        ([1, 2, 3], 50, 2),
    ],
)
def test_quantiles_lie_between_their_neighbours(
    values: list[int], percent: int, expected: int
) -> None:
    assert patterns.quantile(pl.Series(values), percent) == expected


def test_a_distribution_has_twenty_bins() -> None:
    found = patterns.distribution_of("order", pl.Series([0, 5, 10, 99, 100]))

    bins = [found[f"bin_{place:02}"] for place in range(1, 21)]
    assert sum(bins) == found["n"] == 5  # type: ignore[arg-type]
    assert (bins[0], bins[1], bins[2], bins[19]) == (1, 1, 1, 2)
    assert (found["minimum"], found["maximum"], found["mean"]) == (0, 100, 43)


def test_equal_amounts_are_all_in_one_bin() -> None:
    found = patterns.distribution_of("order", pl.Series([7, 7, 7]))

    assert found["bin_01"] == 3
    assert found["q50"] == 7


def test_of_nothing_there_is_no_distribution() -> None:
    empty = pl.Series([], dtype=pl.Int64)

    assert patterns.distribution_of("order", empty) == {"measure": "order", "n": 0}
    assert patterns.quantile(empty, 50) is None


@pytest.mark.parametrize(
    ("values", "expected"), [([1, 3], 1), ([5], None), ([2, 4, 4, 4, 5, 5, 7, 9], 2), ([7, 7], 0)]
)
def test_sample_deviation(values: list[int], expected: int | None) -> None:
    assert patterns.deviation(pl.Series(values)) == expected


def growth(*nets: int) -> pl.DataFrame:
    """Complete months."""
    return pl.DataFrame({"net_amount": nets}, schema={"net_amount": pl.Int64})


def test_compound_growth_is_from_the_first_to_the_last_complete_month() -> None:
    assert patterns.compound_growth(growth(100, 999, 400)) == (1_000_000, None)
    assert patterns.compound_growth(growth(100)) == (None, None)
    assert patterns.compound_growth(growth()) == (None, None)
    assert patterns.compound_growth(growth(*[100] * 12)) == (0, 0)
