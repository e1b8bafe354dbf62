"""Reading what the models say: pages without a gap, orders, sums in the store."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from sqlalchemy import Engine

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.queries import values
from txplatform.domains.commerce.queries.values import Order
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.errors import UsageError
from txplatform.serving.paging import every_row

CUSTOMERS = {
    "Ann": ("Italy", 30),
    "Bob": ("France", 10),
    "Cid": ("Italy", 20),
    "Dan": ("Italy", 10),
}
CHURN = {"Ann": "0.100000", "Bob": "0.900000", "Dan": "0.900000"}


def table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    """Rows of a table of gold; what is left out is empty."""
    schema = schema_of(tables.GOLD[name])
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Four customers, of whom one is unknown to the model of churn."""
    worth = [
        {
            "customer_id": name,
            "country": country,
            "clv": Decimal(f"{clv}.00"),
            "expected_occasions": Decimal("0.500000"),
        }
        for name, (country, clv) in CUSTOMERS.items()
    ]
    leaving = [
        {"customer_id": name, "churn_probability": Decimal(chance)}
        for name, chance in CHURN.items()
    ]
    copies.to_postgres(
        engine, {"customer_value": table("customer_value", worth), "churn": table("churn", leaving)}
    )
    return engine


@pytest.mark.parametrize(
    ("order", "expected"),
    [(Order.VALUE, ["Ann", "Cid", "Bob", "Dan"]), (Order.LEAVING, ["Bob", "Dan", "Ann", "Cid"])],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_pages_together_are_the_list(
    filled: Engine, order: Order, expected: list[str], size: int
) -> None:
    """Ties by name; whoever has no chance of leaving comes last."""
    page = every_row(lambda cursor, _: values.customers_page(filled, None, order, cursor, size))

    assert page["customer_id"].to_pylist() == expected
    assert page["churn_probability"].to_pylist().count(None) == 1


def test_a_country_has_its_own_customers_and_sums(filled: Engine) -> None:
    page = values.customers_page(filled, "Italy")

    assert (page.total, page.rows["customer_id"].to_pylist()) == (3, ["Ann", "Cid", "Dan"])
    assert values.totals(filled, "Italy") == (3, Decimal("1.5"), Decimal(60))
    assert values.totals(filled) == (4, Decimal(2), Decimal(70))
    assert values.totals(filled, "Spain") == (0, Decimal(0), Decimal(0))


def test_a_cursor_of_another_list_is_refused(filled: Engine) -> None:
    with pytest.raises(UsageError, match="cursor"):
        values.customers_page(filled, cursor="bm9uZQ")


def test_a_holdout_begins_with_the_model_of_the_latest_cut(engine: Engine) -> None:
    rows: list[dict[str, object]] = [
        {"cut": date(2026, month, 1), "predictor": name}
        for month in (1, 4)
        for name in ("money", "model", "last_period")
    ]
    copies.to_postgres(engine, {"model_holdout": table("model_holdout", rows)})

    found = values.holdouts(engine).to_pylist()

    assert [(row["cut"].month, row["predictor"]) for row in found[:4]] == [
        *((4, "model"), (4, "last_period"), (4, "money"), (1, "model"))
    ]
