"""Random shops with refunds, ties, silent and negative months, nobody and half-cents.

Every table is held against the oracle, which is plain Python.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce import oracle
from txplatform_tests.domains.commerce.oracle import Line
from txplatform_tests.domains.commerce.shops import Shop, new_shop, written

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
FIRST = datetime(2023, 11, 28)

line = st.builds(
    Line,
    order=st.sampled_from(["1", "2", "3", "4", "5", "C6", "C7", "8"]),
    product=st.sampled_from(["AA", "BB", "CC", "DD"]),
    quantity=st.integers(-4, 8),
    at=st.integers(0, 100 * 24).map(lambda hour: FIRST + timedelta(hours=hour)),
    price=st.integers(0, 40_000).map(lambda units: Fraction(units, 10_000)),
    customer=st.sampled_from(["", "11", "12", "13", "14", "15", "16"]),
    country=st.sampled_from(["France", "Spain", "Peru"]),
)
shops = st.lists(line, min_size=1, max_size=40).filter(lambda lines: any(x.is_sale for x in lines))
Gold = dict[str, pa.Table]


def text_of(one: Line) -> str:
    """The line as a file has it."""
    price = f"{float(one.price):.4f}"
    cells = (one.order, one.product, "Box", one.quantity, one.at, price, one.customer, one.country)
    return ",".join(map(str, cells))


def gold_of(folder: Path, lines: list[Line]) -> Gold:
    """Gold of a shop with these lines."""
    engine = DuckDB()
    shop: Shop = new_shop(folder, "online_retail")
    shop.take_in(engine, written(folder / "lines.csv", HEADER, *map(text_of, lines)))
    made = shop.gold(engine, least_support_pct=1)
    engine.close()
    return made


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new folder for each example."""
    return lambda: tmp_path_factory.mktemp("shop")


def measures(row: dict[str, Any]) -> tuple[Any, ...]:
    """A row's measures in the oracle's order."""
    return (
        row["order_count"],
        row["line_count"],
        row["customer_count"],
        row["quantity"],
        row["gross_amount"],
        row["refund_amount"],
        row["net_amount"],
    )


def require_sums(
    rows: pa.Table, expected: dict[Any, oracle.Sums], *names: str, zeros: bool = False
) -> None:
    """Every key has the oracle's measures; where periods are listed, silent ones are zeros."""
    nothing = oracle.Sums(0, 0, 0, 0, 0, 0, 0)
    found = {
        row[names[0]] if len(names) == 1 else tuple(row[n] for n in names): row
        for row in rows.to_pylist()
    }
    assert set(expected) <= set(found)
    for key, row in found.items():
        sums = expected.get(key, nothing)
        assert zeros or key in expected or not row["line_count"]
        assert measures(row) == (*sums[:4], *map(oracle.money, sums[4:])), key


def require_people(gold: Gold, lines: list[Line]) -> None:
    """Recency, frequency, value and their scores."""
    as_of = gold["kpis"]["as_of"][0].as_py()
    people = oracle.population(lines, as_of)
    recency = oracle.scores({name: -person.recency for name, person in people.items()})
    frequency = oracle.scores({name: person.frequency for name, person in people.items()})
    value = oracle.scores({name: person.monetary for name, person in people.items()})
    found = {row["customer_id"]: row for row in gold["rfm"].to_pylist()}

    assert set(found) == set(people)
    for name, row in found.items():
        assert (row["recency_days"], row["frequency"]) == people[name][:2]
        assert row["monetary"] == oracle.money(people[name].monetary)
        assert (row["r_score"], row["f_score"], row["m_score"]) == (
            recency[name],
            frequency[name],
            value[name],
        )


def require_cohorts(gold: Gold, lines: list[Line]) -> None:
    """Active customers of each cohort and age."""
    cells = oracle.cohort_cells(lines)
    for row in gold["cohorts"].to_pylist():
        key = row["cohort"].year * 12 + row["cohort"].month - 1, row["age"]
        if row["active"] is not None:
            assert row["active"] == len(cells.get(key, ()))
        else:
            assert key not in cells


def require_concentration(gold: Gold) -> None:
    """Gini of customers, to the sixth digit."""
    (row,) = (row for row in gold["concentration"].to_pylist() if row["dimension"] == "client")
    amounts = [int(value * 100) for value in gold["rfm"]["monetary"].to_pylist()]
    expected = oracle.gini(amounts)
    if expected is None:
        assert row["gini"] is None
    else:
        assert abs(Fraction(row["gini"]) - expected) <= Fraction(1, 2_000_000)


@given(lines=shops)
@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_table_says_what_the_oracle_says(
    lines: list[Line], folders: Callable[[], Path]
) -> None:
    gold = gold_of(folders(), lines)

    days = oracle.by(lines, lambda one: one.at.date())
    weeks = oracle.by(lines, lambda one: oracle.monday(one.at.date()))
    months = oracle.by(lines, lambda one: one.at.date().replace(day=1))
    require_sums(gold["sales_day"], days, "day", zeros=True)
    require_sums(gold["sales_week"], weeks, "week_start", zeros=True)
    require_sums(gold["sales_month"], months, "month", zeros=True)
    require_sums(gold["sales_hour"], oracle.by(lines, lambda one: one.at.hour), "hour", zeros=True)
    require_sums(gold["sales_country"], oracle.by(lines, lambda one: one.country), "country")
    products = oracle.by(lines, lambda one: one.product, is_product=True)
    require_sums(gold["sales_product"], products, "product")
    both = oracle.by(lines, lambda one: (one.country, one.product), is_product=True)
    require_sums(gold["sales_country_product"], both, "country", "product")
    clients = oracle.by(lines, lambda one: one.buyer)
    require_sums(gold["clients"], clients, "customer_id")
    require_people(gold, lines)
    require_cohorts(gold, lines)
    require_concentration(gold)
    found = {
        (row["product_a"], row["product_b"]): row["n_ab"] for row in gold["affinity"].to_pylist()
    }
    assert found == oracle.pairs(lines)


LINE = Line("1", "AA", 1, datetime(2024, 1, 1, 9), Fraction(5), "11", "France")


def test_the_oracle_rounds_and_counts() -> None:
    half_cent = LINE._replace(price=Fraction(5, 1_000))
    back = LINE._replace(order="C1", quantity=-1)

    assert (half_cent.cents, half_cent._replace(quantity=-1).cents) == (1, -1)
    assert oracle.by([LINE, back], lambda one: one.country) == {
        "France": oracle.Sums(1, 2, 1, 0, 500, -500, 0)
    }
    assert oracle.gini([1, 1, 1, 1]) == 0
    assert oracle.gini([0, 0, 0, 1]) == Fraction(3, 4)
    assert oracle.scores({"a": 1, "b": 2}) == {"a": 1, "b": 3}


def test_what_counts_as_of_a_day(tmp_path: Path, duck: DuckDB) -> None:
    shop = new_shop(tmp_path, "online_retail")
    later = LINE._replace(order="2", at=datetime(2024, 1, 5, 9), price=Fraction(7))
    other = later._replace(order="3", customer="12", country="Peru")
    lines = (text_of(line) for line in (LINE, later, other))
    shop.take_in(duck, written(tmp_path / "a.csv", HEADER, *lines))

    whole = shop.gold(duck)
    early = shop.gold(duck, as_of=date(2024, 1, 5))

    assert whole["kpis"]["net_amount"].to_pylist() == [Decimal("19.00")]
    assert whole["kpis"]["as_of"].to_pylist() == [date(2024, 1, 6)]
    assert early["kpis"]["net_amount"].to_pylist() == [Decimal("5.00")]
    assert early["sales_day"].num_rows == 4
    assert early["clients"]["customer_id"].to_pylist() == ["11"]
