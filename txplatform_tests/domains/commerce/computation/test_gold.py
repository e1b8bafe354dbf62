"""What gold depends on besides silver: the window, the basket, price classes, hours, rare pairs."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import gold
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.errors import PlatformError, ReconciliationError, UsageError
from txplatform_tests.domains.commerce.shops import RETAIL, Shop, new_shop, written

INVOICES = (
    "1,A,Box,2,2024-01-03 09:15:00,5.00,11,France",
    "1,T,Tin,1,2024-01-03 09:15:00,2.50,11,France",
    "2,A,Box,1,2024-01-10 10:00:00,5.00,12,Spain",
    "3,T,Tin,4,2024-02-01 23:59:59,150.00,,Spain",
    "C4,A,Box,-1,2024-02-05 00:00:00,5.00,11,France",
    "5,C,Gift,1,2024-02-06 12:00:00,0,13,Peru",
    "6,POST,Postage,1,2024-02-06 12:00:00,8.00,14,Peru",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop of seven invoice lines."""
    folder = tmp_path_factory.mktemp("shop")
    made, engine = new_shop(folder, "online_retail"), DuckDB()
    made.take_in(engine, written(folder / "lines.csv", RETAIL, *INVOICES))
    engine.close()
    return made


@pytest.fixture(scope="module")
def made(shop: Shop) -> dict[str, pa.Table]:
    """Its gold."""
    engine = DuckDB()
    found = shop.gold(engine)
    engine.close()
    return found


def only(rows: pa.Table, **wanted: object) -> dict[str, Any]:
    """The one row with these values."""
    found = [row for row in rows.to_pylist() if all(row[k] == v for k, v in wanted.items())]
    (row,) = found
    return dict(row)


def test_the_window_is_that_of_goods_whatever_their_kind(made: dict[str, pa.Table]) -> None:
    days = made["sales_day"]["day"].to_pylist()

    assert (days[0], days[-1]) == (date(2024, 1, 3), date(2024, 2, 6))
    assert only(made["kpis"])["as_of"] == date(2024, 2, 7)


def test_a_first_day_may_be_set(shop: Shop, duck: DuckDB) -> None:
    found = shop.gold(duck, first_day=date(2024, 1, 1))

    months = {row["month"]: row["is_complete"] for row in found["sales_month"].to_pylist()}
    assert months == {date(2024, 1, 1): True, date(2024, 2, 1): False}
    assert found["growth"].num_rows == 1


def test_what_lies_before_the_first_day_does_not_count(shop: Shop, duck: DuckDB) -> None:
    found = shop.gold(duck, first_day=date(2024, 1, 10))

    kpis = only(found["kpis"])
    assert (kpis["first_day"], kpis["net_amount"]) == (date(2024, 1, 10), Decimal("600.00"))
    assert {row["product"] for row in found["sales_product"].to_pylist()} == {"A", "C", "T"}
    assert only(found["clients"], customer_id="11")["order_count"] == 0
    assert set(found["rfm"]["customer_id"].to_pylist()) == {"12"}


def test_as_of_may_lie_after_the_last_line(shop: Shop, duck: DuckDB) -> None:
    found = shop.gold(duck, as_of=date(2024, 3, 1))

    assert found["sales_day"].num_rows == 58
    assert only(found["activity"], customer_id="12")["recency_days"] == 51


@pytest.mark.parametrize("day", [date(2024, 1, 3), date(2000, 1, 1)])
def test_a_day_before_all_sales_is_a_sentence(day: date, shop: Shop, duck: DuckDB) -> None:
    with pytest.raises(PlatformError, match=f"No sales lie before {day}"):
        shop.gold(duck, as_of=day)


@pytest.mark.parametrize("field", ["first_day", "as_of"])
@pytest.mark.parametrize("day", [date.min, date(1969, 12, 31), date(2100, 1, 1), date.max])
def test_a_day_that_no_calendar_holds_is_a_sentence(
    field: str, day: date, shop: Shop, duck: DuckDB
) -> None:
    with pytest.raises(UsageError, match=f"{day} is no day from 1970-01-01 to 2099-12-31"):
        shop.gold(duck, **{field: day})


def test_days_between_which_nothing_was_sold_are_a_sentence(shop: Shop, duck: DuckDB) -> None:
    for first, after in ((11, 20), (20, 11)):
        days = {"first_day": date(2024, 1, first), "as_of": date(2024, 1, after)}
        with pytest.raises(PlatformError, match=f"before 2024-01-{after}, from 2024-01-{first} on"):
            shop.gold(duck, **days)


def test_the_orders_of_a_basket_are_pairs(
    shop: Shop, made: dict[str, pa.Table], duck: DuckDB
) -> None:
    orders = made["affinity"]
    people = shop.gold(duck, basket="customer")["affinity"]

    assert only(orders)["basket_count"] == 3
    assert (only(orders)["n_a"], only(orders)["n_b"], only(orders)["n_ab"]) == (2, 2, 1)
    assert only(people)["basket_count"] == 2
    assert (only(people)["n_a"], only(people)["n_b"], only(people)["n_ab"]) == (2, 1, 1)


def test_rare_pairs_are_left_out(shop: Shop, duck: DuckDB) -> None:
    assert shop.gold(duck, least_support_pct=33)["affinity"].num_rows == 1
    assert shop.gold(duck, least_support_pct=34)["affinity"].num_rows == 0


def test_a_source_without_times_has_no_hours(shop: Shop, duck: DuckDB) -> None:
    found = shop.gold(duck, has_time=False)

    assert "sales_hour" not in found
    assert "hour" not in found["seasonality"]["dimension"].to_pylist()


def test_hours_are_those_of_the_shop(made: dict[str, pa.Table]) -> None:
    nets = {row["hour"]: row["net_amount"] for row in made["sales_hour"].to_pylist()}

    assert {hour: net for hour, net in nets.items() if net} == {
        0: Decimal("-5.00"),
        9: Decimal("12.50"),
        10: Decimal("5.00"),
        23: Decimal("600.00"),
    }


def test_price_classes_are_a_setting(shop: Shop, duck: DuckDB) -> None:
    found = shop.gold(duck, price_limits=(5, 300))["sales_product"]

    classes = {row["product"]: row["price_class"] for row in found.to_pylist()}
    assert classes == {"A": "5 to under 300", "T": "300 and above", "C": None}


def test_sales_to_nobody_count_as_money_and_as_no_customer(made: dict[str, pa.Table]) -> None:
    nobody = only(made["clients"], customer_id="(anonymous)")

    assert nobody["is_anonymous"]
    assert (nobody["net_amount"], nobody["customer_count"]) == (Decimal("600.00"), 0)
    assert set(made["rfm"]["customer_id"].to_pylist()) == {"11", "12"}
    assert only(made["sales_country"], country="Spain")["customer_count"] == 1


def test_every_customer_is_there_with_or_without_order(made: dict[str, pa.Table]) -> None:
    found = {row["customer_id"]: row for row in made["clients"].to_pylist()}

    assert set(found) == {"11", "12", "13", "14", "(anonymous)"}
    assert (found["13"]["first_order"], found["13"]["order_count"]) == (None, 0)
    assert (found["14"]["country"], found["14"]["net_amount"]) == ("Peru", Decimal(0))
    assert found["11"]["product_count"] == 2
    assert (found["11"]["first_order"], found["11"]["last_order"]) == (date(2024, 1, 3),) * 2


def test_carriage_is_told_apart(made: dict[str, pa.Table]) -> None:
    assert only(made["other_movements"]) == {
        "class": "carriage",
        "code": "POST",
        "month": date(2024, 2, 1),
        "line_count": 1,
        "amount": Decimal("8.00"),
    }


def test_key_figures(made: dict[str, pa.Table]) -> None:
    found = only(made["kpis"])

    assert (found["order_count"], found["line_count"], found["quantity"]) == (3, 5, 7)
    assert (found["customer_count"], found["buyer_count"]) == (4, 2)
    assert (found["product_count"], found["country_count"]) == (2, 2)
    assert (found["median_order"], found["minimum_order"], found["maximum_order"]) == (
        Decimal("12.50"),
        Decimal("5.00"),
        Decimal("600.00"),
    )
    assert (found["active_30_days"], found["new_90_days"]) == (1, 2)
    assert (found["last_growth_pct"], found["compound_monthly_pct"]) == (None, None)


def test_an_order_counts_in_one_country_and_for_each_product(made: dict[str, pa.Table]) -> None:
    countries = sum(row["order_count"] for row in made["sales_country"].to_pylist())
    products = sum(row["order_count"] for row in made["sales_product"].to_pylist())

    assert (countries, products) == (3, 4)


def test_tables_that_do_not_add_up_are_never_published(made: dict[str, pa.Table]) -> None:
    frames = {name: pl.DataFrame(made[name]) for name in gold.MONEY_TABLES}
    units = {
        name: frame.select((pl.col(*gold.TOTALS).cast(pl.Float64) * 100).round().cast(pl.Int64))
        for name, frame in frames.items()
    }
    gold._require_equal_totals(units)
    units["sales_week"] = units["sales_week"].with_columns(net_amount=pl.col("net_amount") + 1)

    with pytest.raises(ReconciliationError, match="do not add up to the same amount: sales_day"):
        gold._require_equal_totals(units)


def test_a_column_that_is_missing_is_empty() -> None:
    found = gold.declared("activity", pl.DataFrame({"customer_id": ["a"], "recency_days": [1]}))

    assert found.column_names == tables.GOLD["activity"].columns.keys()
    assert found["status"].to_pylist() == [None]


@pytest.mark.parametrize(
    "lines",
    [
        ["1,A,Box,1000,2024-01-03 09:15:00,99999999.00,11,France"],
        [
            "1,A,Box,1000,2024-01-03 09:15:00,99999999.00,11,France",
            "C2,T,Tin,-1000,2024-01-03 09:15:00,99999999.00,11,France",
            "3,C,Card,1,2024-01-03 09:15:00,10.00,11,France",
        ],
    ],
)
def test_totals_that_do_not_fit_are_refused(lines: list[str], tmp_path: Path, duck: DuckDB) -> None:
    """Catches: the share of a product that is ten billion times what sales and refunds leave."""
    large = new_shop(tmp_path, "online_retail")
    large.take_in(duck, written(tmp_path / "lines.csv", RETAIL, *lines))

    with pytest.raises(ReconciliationError, match="above 46 billion"):
        large.gold(duck)
