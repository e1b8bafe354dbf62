"""Every customer once: from the customer file, from lines, or from both."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from txplatform.domains.commerce.transforms import people
from txplatform.domains.commerce.transforms.calendar import number

DAY = number(date(2024, 1, 1))
NOBODY = "(anonymous)"


def bought(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """Customer, days after New Year, cents; what is negative came back."""
    return pl.DataFrame(
        [
            {
                "customer_id": customer,
                "day": DAY + day,
                "order_count": int(cents > 0),
                "line_count": 1,
                "sale_count": int(cents > 0),
                "quantity": 1,
                "gross": max(cents, 0),
                "refund": min(cents, 0),
            }
            for customer, day, cents in rows
        ],
        schema_overrides={"day": pl.Int64},
    )


def known(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Customer, name and country of the customer file."""
    return pl.DataFrame(
        [
            {
                "customer_id": customer,
                "name": name,
                "email": f"{name}@x.org",
                "registered_on": DAY,
                "country": country,
            }
            for customer, name, country in rows
        ],
        schema={
            "customer_id": pl.String,
            "name": pl.String,
            "email": pl.String,
            "registered_on": pl.Int64,
            "country": pl.String,
        },
    )


def countries(**names: str) -> pl.DataFrame:
    """Countries of last lines."""
    rows = {"customer_id": [*names], "country": [*names.values()]}
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "country": pl.String})


def products(**counts: int) -> pl.DataFrame:
    """Numbers of products."""
    rows = {"customer_id": [*counts], "product_count": [*counts.values()]}
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "product_count": pl.Int64})


def clients(
    purchases: pl.DataFrame, file: pl.DataFrame, last: pl.DataFrame
) -> dict[str, dict[str, Any]]:
    """Rows by customer."""
    made = people.clients_of(purchases, file, last, products(a=2))
    return {row["customer_id"]: row for row in made.to_dicts()}


def test_a_customer_of_both_is_there_once() -> None:
    found = clients(
        bought(("a", 0, 100), ("a", 5, 50)), known(("a", "Ann", "Spain")), countries(a="Peru")
    )

    assert list(found) == ["a"]
    assert (found["a"]["name"], found["a"]["country"]) == ("Ann", "Spain")
    assert (found["a"]["net_amount"], found["a"]["order_count"]) == (150, 2)
    assert (found["a"]["first_order"], found["a"]["last_order"]) == (DAY, DAY + 5)
    assert found["a"]["product_count"] == 2


def test_who_never_bought_has_zeros_and_no_first_order() -> None:
    found = clients(bought(("a", 0, 100)), known(("b", "Bob", "Spain")), countries(a="Peru"))

    assert (found["b"]["net_amount"], found["b"]["customer_count"]) == (0, 0)
    assert (found["b"]["first_order"], found["b"]["average_order"]) == (None, None)


def test_a_refund_is_no_order() -> None:
    found = clients(bought(("a", 0, 100), ("a", 9, -30)), known(), countries(a="Peru"))

    assert found["a"]["last_order"] == DAY
    assert (found["a"]["gross_amount"], found["a"]["refund_amount"]) == (100, -30)


@pytest.mark.parametrize(
    ("file", "last", "country"),
    [
        ((("a", "Ann", "Spain"),), {"a": "Peru"}, "Spain"),
        ((("a", "Ann", "(unknown)"),), {"a": "Peru"}, "Peru"),
        ((), {"a": "Peru"}, "Peru"),
        ((("a", "Ann", "(unknown)"),), {}, "(unknown)"),
    ],
)
def test_a_country_is_the_files_else_that_of_the_last_line(
    file: tuple[tuple[str, str, str], ...], last: dict[str, str], country: str
) -> None:
    found = clients(bought(("a", 0, 100)), known(*file), countries(**last))

    assert found["a"]["country"] == country


def test_nobody_in_particular_is_told_apart() -> None:
    last = pl.DataFrame({"customer_id": [NOBODY, "a"], "country": ["Peru", "Peru"]})
    made = people.clients_of(bought((NOBODY, 0, 100), ("a", 0, 50)), known(), last, products(a=1))
    population = people.population_of(made, DAY + 10)

    assert dict(made.select("customer_id", "is_anonymous").rows()) == {NOBODY: True, "a": False}
    assert population["customer_id"].to_list() == ["a"]
    assert population["recency_days"].to_list() == [10]
