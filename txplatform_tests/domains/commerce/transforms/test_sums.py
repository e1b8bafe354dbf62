"""What an engine adds up: orders that count once, distinct buyers, pairs of frequent products."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from txplatform.domains.commerce.computation.engines import DuckDB, Pandas
from txplatform.domains.commerce.transforms import sums
from txplatform.domains.commerce.transforms.lines import Frame

ENGINES = {"duckdb": DuckDB(), "pandas": Pandas()}
Engine = DuckDB | Pandas
each_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
FAR = 100_000
"""A day after all of these."""

LINES = """
    order | customer    | product | country | at            | quantity | amount | class    | kind
    1     | a           | X       | France  | 2024-01-01 09 | 2        | 500    | goods    | sale
    1     | a           | Y       | France  | 2024-01-01 09 | 1        | 300    | goods    | sale
    1     | a           | X       | France  | 2024-01-02 10 | 1        | 250    | goods    | sale
    2     | b           | X       | Spain   | 2024-01-02 10 | 1        | 250    | goods    | sale
    C3    | a           | X       | France  | 2024-01-03 11 | -1       | -250   | goods    | refund
    4     | (anonymous) | Y       | Spain   | 2024-01-03 11 | 1        | 300    | goods    | sale
    5     | b           | Z       | Spain   | 2024-01-04 12 | 9        | 0      | goods    | free
    6     | c           | POST    | Spain   | 2024-01-05 12 | 1        | 1000   | carriage |
"""


def lines_of(engine: Engine, text: str) -> Frame:
    """Lines as silver has them, in whole units."""
    header, *rows = [
        [cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()
    ]
    records = [dict(zip(header, row, strict=True)) for row in rows]
    columns: dict[str, list[Any]] = {
        "order_id": [record["order"] for record in records],
        "customer_id": [record["customer"] for record in records],
        "product": [record["product"] for record in records],
        "description": [f"the {record['product']}" for record in records],
        "country": [record["country"] for record in records],
        "at": [_second(record["at"]) for record in records],
        "quantity": [int(record["quantity"]) for record in records],
        "amount": [int(record["amount"]) for record in records],
        "class": [record["class"] for record in records],
        "kind": [record["kind"] or None for record in records],
        "source_file": ["file"] * len(records),
        "source_line": list(range(2, len(records) + 2)),
    }
    return engine.table(pa.table(columns))


def _second(text: str) -> int:
    moment = datetime.strptime(text, "%Y-%m-%d %H")
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def counted(engine: Engine, first_day: int = 0, as_of: int = FAR) -> Frame:
    """Those of the lines that lie between two days."""
    return sums.lines_from(sums.lines_before(lines_of(engine, LINES), as_of), first_day)


def collected(engine: Engine, frame: Frame, *keys: str) -> dict[Any, dict[str, Any]]:
    """Rows by key."""
    rows = engine.collect(frame).to_pylist()
    return {row[keys[0]] if len(keys) == 1 else tuple(row[k] for k in keys): row for row in rows}


@each_engine
def test_an_order_counts_once_at_its_first_sale(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    found = collected(engine, sums.by_customer_and_day(goods), "customer_id", "day")
    orders = {key: row["order_count"] for key, row in found.items()}

    first = 19_723
    assert orders == {
        ("a", first): 1,
        ("a", first + 1): 0,
        ("b", first + 1): 1,
        ("a", first + 2): 0,
        ("(anonymous)", first + 2): 1,
    }


@each_engine
def test_sales_and_refunds_are_apart(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    found = collected(engine, sums.by(goods, "country"), "country")

    france, spain = found["France"], found["Spain"]
    assert (france["gross"], france["refund"], france["quantity"]) == (1_050, -250, 3)
    assert (spain["gross"], spain["refund"], spain["quantity"]) == (550, 0, 2)
    assert (france["line_count"], france["sale_count"]) == (4, 3)


@each_engine
def test_distinct_buyers_are_counted_with_null_told_apart(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    found = collected(engine, sums.by(goods, "country"), "country")
    buyers = {name: row["buyers"] - row["has_no_buyer"] for name, row in found.items()}

    assert buyers == {"France": 1, "Spain": 1}


@each_engine
def test_an_order_counts_for_each_of_its_products(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    found = collected(engine, sums.by_product(goods, "product"), "product")
    orders = {name: row["orders"] - row["has_no_order"] for name, row in found.items()}

    assert orders == {"X": 2, "Y": 2}
    assert (found["X"]["minimum"], found["X"]["maximum"]) == (250, 500)


@each_engine
def test_what_is_given_away_is_a_product_all_the_same(engine: Engine) -> None:
    found = collected(engine, sums.descriptions(counted(engine)), "product")

    assert set(found) == {"X", "Y", "Z"}
    assert found["Z"]["count"] == 1


@each_engine
def test_gross_amounts_of_orders(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    found = collected(engine, sums.orders(goods), "order_id")

    assert {order: row["gross"] for order, row in found.items()} == {"1": 1_050, "2": 250, "4": 300}


@each_engine
def test_products_of_customers(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    found = collected(engine, sums.products_of_customers(goods), "customer_id")

    assert {name: row["product_count"] for name, row in found.items()} == {
        "a": 2,
        "b": 1,
        "(anonymous)": 1,
    }


@each_engine
def test_a_customers_country_is_that_of_the_last_line(engine: Engine) -> None:
    text = LINES + "    7 | a | X | Peru | 2024-01-03 11 | 1 | 5 | goods | sale\n"

    found = collected(engine, sums.last_countries(lines_of(engine, text)), "customer_id")

    assert {name: row["country"] for name, row in found.items()} == {
        "a": "Peru",
        "b": "Spain",
        "c": "Spain",
        "(anonymous)": "Spain",
    }


@each_engine
def test_what_is_no_goods(engine: Engine) -> None:
    (row,) = engine.collect(sums.movements(counted(engine))).to_pylist()

    assert (row["class"], row["product"], row["amount"]) == ("carriage", "POST", 1_000)


@each_engine
def test_extent_is_that_of_goods_and_the_sum_that_of_all_lines(engine: Engine) -> None:
    (row,) = engine.collect(sums.extent(lines_of(engine, LINES))).to_pylist()

    assert (row["first_day"], row["last_day"]) == (19_723, 19_726)
    assert (row["amount"], row["goods_amount"], row["line_count"]) == (2_350, 1_350, 8)
    assert row["size"] == 2_850


@each_engine
@pytest.mark.parametrize(
    ("first_day", "as_of", "gross"),
    [(0, 19_724, {"France": 800}), (19_724, 19_725, {"France": 250, "Spain": 250})],
)
def test_only_lines_of_the_days_that_count(
    engine: Engine, first_day: int, as_of: int, gross: dict[str, int]
) -> None:
    goods = sums.goods_lines(counted(engine, first_day, as_of))

    found = collected(engine, sums.by(goods, "country"), "country")

    assert {name: row["gross"] for name, row in found.items()} == gross


@each_engine
@pytest.mark.parametrize(
    ("basket", "expected"),
    [("order_id", {("X", "Y"): (2, 2, 1)}), ("customer_id", {("X", "Y"): (2, 1, 1)})],
)
def test_pairs_in_orders_and_in_customers(
    engine: Engine, basket: str, expected: dict[tuple[str, str], tuple[int, int, int]]
) -> None:
    goods = sums.goods_lines(counted(engine))

    held = sums.frequent_products(goods, basket, 1)
    found = collected(engine, sums.pairs(held, 1), "product_a", "product_b")

    assert {pair: (row["n_a"], row["n_b"], row["n_ab"]) for pair, row in found.items()} == expected


@each_engine
def test_rare_products_have_no_pairs(engine: Engine) -> None:
    goods = sums.goods_lines(counted(engine))

    held = sums.frequent_products(goods, "customer_id", 2)

    assert {row["product"] for row in engine.collect(held).to_pylist()} == {"X"}
    assert engine.collect(sums.pairs(held, 2)).num_rows == 0
