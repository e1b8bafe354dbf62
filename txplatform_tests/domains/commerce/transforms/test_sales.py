"""Money by time and product: silent days, cut periods, growth against the calendar."""

from datetime import date

import polars as pl
import pytest

from txplatform.domains.commerce.transforms import sales
from txplatform.domains.commerce.transforms.calendar import number
from txplatform.domains.commerce.transforms.sales import Window


def bought(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """One order of so many cents by a customer on a day; a negative one is a refund."""
    return pl.DataFrame(
        [
            {
                "customer_id": customer,
                "day": number(date.fromisoformat(day)),
                "order_count": int(cents > 0),
                "line_count": 1,
                "sale_count": int(cents > 0),
                "quantity": 1 if cents > 0 else -1,
                "gross": max(cents, 0),
                "refund": min(cents, 0),
            }
            for customer, day, cents in rows
        ]
    )


def window(first: str, as_of: str) -> Window:
    """The days from the first to the one before `as_of`."""
    return Window(*(number(date.fromisoformat(day)) for day in (first, as_of)))


def test_silent_days_are_zeros() -> None:
    rows = bought(("a", "2024-01-01", 500), ("b", "2024-01-03", 700))

    found = sales.days_of(rows, window("2024-01-01", "2024-01-05"))

    assert found["net_amount"].to_list() == [500, 0, 700, 0]
    assert found["order_count"].to_list() == [1, 0, 1, 0]
    assert found["average_order"].to_list() == [500, None, 700, None]


def test_refunds_are_negative_and_no_orders() -> None:
    rows = bought(("a", "2024-01-01", 500), ("a", "2024-01-01", -800))

    (day,) = sales.days_of(rows, window("2024-01-01", "2024-01-02")).to_dicts()

    assert (day["gross_amount"], day["refund_amount"], day["net_amount"]) == (500, -800, -300)
    assert (day["order_count"], day["line_count"], day["customer_count"]) == (1, 2, 1)


def test_who_only_gives_back_is_no_customer_of_the_day() -> None:
    rows = bought(("a", "2024-01-01", -800), ("(anonymous)", "2024-01-01", 100))

    (day,) = sales.days_of(rows, window("2024-01-01", "2024-01-02")).to_dicts()

    assert day["customer_count"] == 0


@pytest.mark.parametrize(
    ("first", "as_of", "complete"),
    [
        ("2024-01-01", "2024-01-15", [True, True]),
        ("2024-01-02", "2024-01-15", [False, True]),
        ("2024-01-01", "2024-01-14", [True, False]),
        ("2024-01-03", "2024-01-05", [False]),
    ],
)
def test_a_week_is_complete_if_all_its_days_count(
    first: str, as_of: str, complete: list[bool]
) -> None:
    rows = bought(("a", first, 100))

    found = sales.periods_of(rows, window(first, as_of), "week_start")

    assert found["is_complete"].to_list() == complete


def test_a_month_that_has_18_days_is_not_complete() -> None:
    rows = bought(("a", "2025-12-05", 1_000), ("a", "2026-01-05", 700))

    found = sales.periods_of(rows, window("2025-12-01", "2026-01-19"), "month_start")

    assert found["is_complete"].to_list() == [True, False]
    assert found["net_amount"].to_list() == [1_000, 700]


def test_a_week_over_new_year_is_one_week() -> None:
    rows = bought(("a", "2024-12-31", 100), ("a", "2025-01-01", 200))

    found = sales.periods_of(rows, window("2024-12-30", "2025-01-06"), "week_start")

    assert found.select("week_start", "net_amount").rows() == [(number(date(2024, 12, 30)), 300)]


def months(first: str, as_of: str, *rows: tuple[str, str, int]) -> pl.DataFrame:
    """Months of a shop."""
    return sales.periods_of(bought(*rows), window(first, as_of), "month_start")


def test_growth_is_against_the_calendar_month_before() -> None:
    found = sales.growth_of(
        months("2024-01-01", "2024-05-01", ("a", "2024-01-05", 200), ("a", "2024-02-05", 100),
               ("a", "2024-04-05", 300))
    )  # fmt: skip

    assert found["change_pct"].to_list() == [None, -500_000, -1_000_000, None]


def test_an_incomplete_month_is_nobodys_comparison() -> None:
    found = sales.growth_of(
        months("2024-01-15", "2024-04-01", ("a", "2024-01-20", 500), ("a", "2024-02-05", 100),
               ("a", "2024-03-05", 150))
    )  # fmt: skip

    assert found["net_amount"].to_list() == [100, 150]
    assert found["change_pct"].to_list() == [None, 500_000]


def test_a_negative_month_is_no_base() -> None:
    found = sales.growth_of(
        months("2024-01-01", "2024-03-01", ("a", "2024-01-05", -500), ("a", "2024-02-05", 100))
    )

    assert found["change_pct"].to_list() == [None, None]


def test_growth_against_the_year_before() -> None:
    found = sales.growth_of(
        months("2023-01-01", "2024-02-01", ("a", "2023-01-05", 400), ("a", "2024-01-05", 300))
    )

    assert found["yoy_pct"].to_list() == [None] * 12 + [-250_000]


def products(**amounts: int) -> pl.DataFrame:
    """Products with one sale line each."""
    rows = [
        {
            "product": product,
            "order_count": 0,
            "line_count": 1,
            "sale_count": 1,
            "quantity": 1,
            "gross": cents,
            "refund": 0,
            "buyers": 2,
            "has_no_buyer": 1,
            "orders": 1,
            "has_no_order": 0,
            "minimum": cents,
            "maximum": cents,
            "first_sale": 1,
            "last_sale": 2,
        }
        for product, cents in amounts.items()
    ]
    return pl.DataFrame(rows)


def described(*rows: tuple[str, str | None, int]) -> pl.DataFrame:
    """How often products are described how."""
    return pl.DataFrame(rows, orient="row", schema=["product", "description", "count"])


def test_the_most_frequent_description_wins_and_ties_are_alphabetical() -> None:
    words = described(("A", "box", 2), ("A", "crate", 3), ("B", "tin", 1), ("B", "can", 1),
                      ("C", None, 9), ("C", "jar", 1))  # fmt: skip

    found = sales.products_of(products(A=100, B=100, C=100), words)

    assert found["description"].to_list() == ["crate", "can", "jar"]


def test_a_product_that_was_only_given_away_is_there() -> None:
    found = sales.products_of(products(A=100), described(("A", None, 1), ("Z", "gift", 4)))
    gift = found.row(1, named=True)

    assert (gift["product"], gift["net_amount"], gift["order_count"]) == ("Z", 0, 0)
    assert (gift["mean_amount"], gift["price_class"]) == (None, None)


@pytest.mark.parametrize(
    ("cents", "label"),
    [
        (9_999, "under 100"),
        (10_000, "100 to under 250"),
        (24_999, "100 to under 250"),
        (25_000, "250 to under 500"),
        (50_000, "500 and above"),
    ],
)
def test_price_classes(cents: int, label: str) -> None:
    found = sales.products_of(products(A=cents), described(("A", None, 1)))

    assert found["price_class"].to_list() == [label]


def test_shares_of_products() -> None:
    found = sales.products_of(products(A=100, B=300), described(("A", None, 1), ("B", None, 1)))

    assert found["share"].to_list() == [250_000, 750_000]
    assert found["customer_count"].to_list() == [1, 1]


def test_without_a_positive_total_there_are_no_shares() -> None:
    found = sales.with_share(pl.DataFrame({"net_amount": [5, -5]}))

    assert found["share"].to_list() == [None, None]


def test_all_hours_are_there() -> None:
    summed = pl.DataFrame(
        {"hour": [9], "order_count": [1], "line_count": [1], "sale_count": [1], "quantity": [1],
         "gross": [100], "refund": [0], "buyers": [1], "has_no_buyer": [0]}
    )  # fmt: skip

    found = sales.hours_of(summed)

    assert found["hour"].to_list() == list(range(24))
    assert found["net_amount"].sum() == 100
    assert found["customer_count"].to_list()[9] == 1
