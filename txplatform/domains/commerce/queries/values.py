"""What the models say: values of customers and countries, how far to trust them, who may leave."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import Engine, Select, func, select

from txplatform.connectors import postgres
from txplatform.domains.commerce.tables.expectations import (
    churn,
    churn_report,
    customer_value,
    model_fits,
    model_holdout,
    value_by_country,
)
from txplatform.serving import paging
from txplatform.serving.paging import Page

CUSTOMERS = (*customer_value.c, churn.c.churn_probability)


class Order(StrEnum):
    """Which customers come first."""

    VALUE = "value"
    LEAVING = "leaving"


class Totals(NamedTuple):
    """All customers, or those of a country."""

    customer_count: int
    expected_occasions: Decimal
    clv: Decimal


def totals(engine: Engine, country: str | None = None) -> Totals:
    """What the customers are worth together."""
    columns = (func.coalesce(func.sum(customer_value.c[name]), 0) for name in Totals._fields[1:])
    statement = _of_country(select(func.count(), *columns).select_from(customer_value), country)
    with engine.connect() as connection:
        count, occasions, clv = connection.execute(statement).one()
    return Totals(count, Decimal(occasions), Decimal(clv))


def customers_page(
    engine: Engine,
    country: str | None = None,
    order: Order = Order.VALUE,
    cursor: str | None = None,
    size: int = paging.DEFAULT_PAGE,
) -> Page:
    """A page of customers: the most valuable first, or those who are likeliest to leave.

    Raises:
        UsageError: the cursor is none of this list, or the size is out of range.
    """
    rank = func.coalesce(
        customer_value.c.clv if order is Order.VALUE else churn.c.churn_probability, 0
    )
    joined = customer_value.outerjoin(churn, churn.c.customer_id == customer_value.c.customer_id)
    statement = _of_country(select(*CUSTOMERS, rank.label("rank")).select_from(joined), country)
    name = customer_value.c.customer_id.collate("C")
    ordered = statement.order_by(rank.desc(), name)
    if cursor is not None:
        value, customer = paging.key_of(cursor, paging.amount, str)
        ordered = ordered.where(paging.after([(rank, value, True), (name, customer, False)]))
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(statement.subquery()))
        total = count.scalar_one()
        rows = connection.execute(paging.limited(ordered, size)).all()
    schema = postgres.arrow_schema(CUSTOMERS).append(pa.field("rank", pa.decimal128(38, 6)))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    page = paging.page_of(pa.table(columns, schema=schema), size, total, ("rank", "customer_id"))
    return Page(page.rows.drop_columns("rank"), page.total, page.next_cursor)


def countries(engine: Engine) -> pa.Table:
    """The table `value_by_country`, the most valuable first."""
    return _read(engine, select(value_by_country).order_by(value_by_country.c.clv.desc()))


def fits(engine: Engine) -> pa.Table:
    """The table `model_fits`."""
    return _read(engine, select(model_fits).order_by(model_fits.c.part.desc()))


def holdouts(engine: Engine) -> pa.Table:
    """The table `model_holdout`, the latest cut first, its model before what it is held against."""
    is_other = model_holdout.c.predictor != "model"
    order = (model_holdout.c.cut.desc(), is_other, model_holdout.c.predictor)
    return _read(engine, select(model_holdout).order_by(*order))


def report(engine: Engine) -> pa.Table:
    """The table `churn_report`."""
    order = (churn_report.c.measure, churn_report.c.item)
    return _read(engine, select(churn_report).order_by(*order))


def _of_country(statement: Select[Any], country: str | None) -> Select[Any]:
    return statement.where(customer_value.c.country == country) if country else statement


def _read(engine: Engine, statement: Select[Any]) -> pa.Table:
    with engine.connect() as connection:
        return postgres.read(connection, statement)
