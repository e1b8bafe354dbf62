"""From an engine's sums to the tables of models: the same occasions as a plain reader finds."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import gold
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.computation.expectations import (
    bought_of,
    expectation_tables,
    net_of_buyers,
    occasions_of_days,
)
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.domains.commerce.tables.frames import validated
from txplatform.domains.commerce.transforms.lines import ANONYMOUS
from txplatform_tests.domains.commerce.models import published_shops
from txplatform_tests.domains.commerce.shops import Shop

READERS: dict[str, Callable[[Path], published_shops.Shop]] = {
    "clients_achats": published_shops.clients_achats,
    "online_retail": published_shops.online_retail,
    "cdnow": published_shops.cdnow,
}
NAMES = (
    "customer_value",
    "value_by_country",
    "model_fits",
    "model_holdout",
    "churn",
    "churn_report",
)


@pytest.mark.parametrize("name", READERS)
def test_occasions_are_those_of_a_plain_reader(
    name: str, published_shop: Callable[[str], Shop], duck: DuckDB, shared_data: Path
) -> None:
    shop = published_shop(name)
    files = shop.lake.silver.paths(shop.lake.silver.current().files("lines"))
    days = gold.added_up(duck, duck.read(files, schema_of(tables.lines)), shop.choices())
    identified = days.customer_days.filter(pl.col("customer_id") != ANONYMOUS)

    found, plain = occasions_of_days(identified), READERS[name](shared_data)

    assert found.customer_ids.equals(plain.occasions.customer_ids)
    for column in ("customer", "day", "cents"):
        assert (getattr(found, column) == getattr(plain.occasions, column)).all(), column
    assert net_of_buyers(identified) == plain.net_cents


def days_of(*rows: tuple[str, int, int, int, int]) -> pl.DataFrame:
    """What customers bought and gave back on days."""
    schema = {"customer_id": pl.String} | dict.fromkeys(
        ("day", "sale_count", "gross", "refund"), pl.Int64
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("row", "cents"),
    [
        (("Ann", 20_000, 2, 500, 0), [500]),
        (("Ann", 20_000, 1, 500, -200), [300]),
        (("Ann", 20_000, 1, 500, -500), []),
        (("Ann", 20_000, 1, 0, 0), [0]),
        (("Ann", 20_000, 0, 0, -500), []),
    ],
)
def test_an_occasion_is_a_day_that_its_refunds_leave(
    row: tuple[str, int, int, int, int], cents: list[int]
) -> None:
    """An order of nothing is one, too; a day of refunds alone is none."""
    assert occasions_of_days(days_of(row)).cents.tolist() == cents


def made(*rows: tuple[str, int, int, int, int]) -> dict[str, pa.Table]:
    clients = pa.table({"customer_id": ["Ann", "Bob"], "country": ["Italy", "France"]})
    return expectation_tables(bought_of(days_of(*rows)), clients, date(2026, 1, 1), 0.01)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_smallest_shops_have_all_tables(count: int) -> None:
    """Catches: nobody, one customer, only the anonymous."""
    rows = [("Ann", 20_300, 1, 500, 0), (ANONYMOUS, 20_310, 1, 900, 0), ("Ann", 20_400, 1, 700, 0)]

    found = made(*rows[:count])

    assert tuple(found) == NAMES
    for name, table in found.items():
        validated(tables.GOLD[name], table)
    assert found["customer_value"].num_rows == (1 if count else 0)
    (line,) = found["churn_report"].to_pylist()
    assert line["verdict"].startswith("No model")


def test_customers_have_the_country_of_their_row() -> None:
    found = made(("Bob", 20_300, 1, 500, 0), ("Ann", 20_350, 1, 900, 0))

    countries: dict[str, Any] = {
        row["customer_id"]: row["country"] for row in found["customer_value"].to_pylist()
    }
    assert countries == {"Ann": "Italy", "Bob": "France"}
    assert found["customer_value"]["churn_probability"].null_count == 2
    assert {row["country"] for row in found["value_by_country"].to_pylist()} == {"Italy", "France"}
