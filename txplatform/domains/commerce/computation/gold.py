"""Gold: every table of a run as a function of silver, the day of reference and the settings."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.models.trend import trend_of
from txplatform.domains.commerce.tables.arrow import finished, schema_of
from txplatform.domains.commerce.transforms import patterns, people, sales, sums
from txplatform.domains.commerce.transforms.arithmetic import require_countable
from txplatform.domains.commerce.transforms.calendar import FIRST, LAST, day_of, number
from txplatform.domains.commerce.transforms.lines import ANONYMOUS
from txplatform.domains.commerce.transforms.sales import Window
from txplatform.errors import PlatformError, ReconciliationError, UsageError

BASKETS = {"order": "order_id", "customer": "customer_id"}
TOTALS = ("gross_amount", "refund_amount", "net_amount")
MONEY_TABLES = ("sales_day", "sales_week", "sales_month", "sales_country", "sales_product",
                "sales_country_product", "clients")  # fmt: skip


class Choices(NamedTuple):
    """What gold depends on besides silver."""

    has_time: bool
    basket: str
    as_of: date | None = None
    first_day: date | None = None
    price_limits: tuple[int, ...] = sales.PRICE_LIMITS
    least_support_pct: int = 1


class Sums(NamedTuple):
    """What the engine added up."""

    window: Window
    extent: dict[str, int]
    customer_days: pl.DataFrame
    hours: pl.DataFrame | None
    countries: pl.DataFrame
    products: pl.DataFrame
    country_products: pl.DataFrame
    order_amounts: pl.Series
    descriptions: pl.DataFrame
    client_products: pl.DataFrame
    movements: pl.DataFrame
    last_countries: pl.DataFrame
    pairs: pl.DataFrame
    basket_count: int


def window_of(engine: Engine, lines: Frame, choices: Choices) -> Window:
    """The days that count: the choices', else from the first goods line to the day after the last.

    Raises:
        UsageError: a day was chosen that the calendar does not hold.
        PlatformError: there are no lines of goods.
    """
    for day in filter(None, (choices.first_day, choices.as_of)):
        if not FIRST <= day <= LAST:
            raise UsageError(f"{day} is no day from {FIRST} to {LAST}: choose another.")
    whole = _extent(engine, lines)
    if whole is None:
        raise PlatformError(
            "There are no sales yet: `txplatform commerce ingest FILE --layout NAME` brings them."
        )
    first = number(choices.first_day) if choices.first_day else whole["first_day"]
    return Window(first, number(choices.as_of) if choices.as_of else whole["last_day"] + 1)


def _extent(engine: Engine, lines: Frame) -> dict[str, int] | None:
    """First and last day of goods, and what the lines add up to; None without goods."""
    rows = engine.collect(sums.extent(lines)).to_pylist()
    if not rows or rows[0]["first_day"] is None:
        return None
    return {name: int(value) for name, value in rows[0].items()}


def added_up(engine: Engine, lines: Frame, choices: Choices) -> Sums:
    """Let the engine add up silver's lines, as far as its power is needed.

    Raises:
        PlatformError: there are no lines of goods, or none of the days that count.
    """
    window = window_of(engine, lines, choices)
    # Other lines may be older than the first of goods: they count unless a first day is set.
    known = sums.lines_before(lines, window.as_of)
    counted = sums.lines_from(known, window.first_day) if choices.first_day else known
    reached = _extent(engine, counted)
    if reached is None:
        first, after = day_of(window.first_day), day_of(window.as_of)
        raise PlatformError(f"No sales lie before {after}, from {first} on: choose other days.")
    require_countable(reached["size"])
    goods = engine.keep(sums.goods_lines(counted))

    def table(frame: Frame) -> pl.DataFrame:
        return _polars(engine.collect(frame))

    order_amounts = table(sums.orders(goods).select("gross"))["gross"]
    customer_days = table(sums.by_customer_and_day(goods))
    baskets = _basket_count(choices, order_amounts, customer_days)
    least = max(1, -(-baskets * choices.least_support_pct // 100))
    held = engine.keep(sums.frequent_products(goods, BASKETS[choices.basket], least))
    return Sums(
        window=window,
        extent=reached,
        customer_days=customer_days,
        hours=table(sums.by(goods, "hour")) if choices.has_time else None,
        countries=table(sums.by(goods, "country")),
        products=table(sums.by_product(goods, "product")),
        country_products=table(sums.by_product(goods, "country", "product")),
        order_amounts=order_amounts,
        descriptions=table(sums.descriptions(counted)),
        client_products=table(sums.products_of_customers(goods)),
        movements=table(sums.movements(counted)),
        last_countries=table(sums.last_countries(known)),
        pairs=table(sums.pairs(held, least)),
        basket_count=baskets,
    )


def _basket_count(choices: Choices, orders: pl.Series, customer_days: pl.DataFrame) -> int:
    if choices.basket == "order":
        return orders.len()
    is_buyer = (pl.col("customer_id") != ANONYMOUS) & (pl.col("sale_count") > 0)
    return customer_days.filter(is_buyer)["customer_id"].n_unique()


def _polars(rows: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(rows).with_columns(
        pl.col(pl.Int32, pl.UInt32, pl.UInt64, pl.UInt8).cast(pl.Int64)
    )


def gold_tables(added: Sums, known: pl.DataFrame, choices: Choices) -> dict[str, pa.Table]:
    """The tables of sales and customers, in the types that they declare.

    Args:
        added: what the engine added up.
        known: silver's customers in whole units: customer_id, name, email, registered_on, country.
        choices: what gold depends on besides silver.

    Raises:
        ReconciliationError: money tables do not add up to the same totals.
    """
    frames = _sales(added, choices)
    clients = people.clients_of(
        added.customer_days, known, added.last_countries, added.client_products
    )
    frames |= _people(added, clients)
    frames |= _summaries(added, frames, choices)
    _require_equal_totals(frames)
    return {name: declared(name, frame) for name, frame in frames.items()}


def declared(name: str, frame: pl.DataFrame) -> pa.Table:
    """A frame in whole units as the table that is declared under its name."""
    schema = schema_of(tables.GOLD[name])
    missing = [field for field in schema.names if field not in frame.columns]
    whole = frame.with_columns(pl.lit(None).alias(field) for field in missing)
    return finished(whole.select(schema.names).to_arrow(), schema)


def _sales(added: Sums, choices: Choices) -> dict[str, pl.DataFrame]:
    days, window = added.customer_days, added.window
    hours = sales.hours_of(added.hours) if added.hours is not None else None
    months = sales.periods_of(days, window, "month_start")
    growth = sales.growth_of(months)
    by_both = sales.finished_measures(sales.with_orders(added.country_products))
    return {
        "other_movements": sales.movements_of(added.movements, window),
        "sales_day": sales.days_of(days, window),
        "sales_week": sales.periods_of(days, window, "week_start"),
        "sales_month": months.with_columns(month=pl.col("month_start")),
        "sales_country": sales.countries_of(added.countries),
        "sales_product": sales.products_of(
            added.products, added.descriptions, choices.price_limits
        ),
        "sales_country_product": by_both.sort("country", "product"),
        "growth": growth,
        "sales_trend": trend_of(growth),
        **({"sales_hour": hours} if hours is not None else {}),
    }


def _people(added: Sums, clients: pl.DataFrame) -> dict[str, pl.DataFrame]:
    population = people.population_of(clients, added.window.as_of)
    rfm = people.rfm_of(population)
    activity = people.activity_of(population)
    cohorts = people.cohorts_of(added.customer_days, added.window)
    identified = clients.filter(~pl.col("is_anonymous")).height
    return {
        "clients": clients,
        "rfm": rfm,
        "rfm_segments": people.segments_of(rfm, identified),
        "activity": activity,
        "activity_summary": people.activity_summary_of(activity),
        "cohorts": cohorts,
        "cohort_totals": people.cohort_totals_of(cohorts),
    }


def _summaries(
    added: Sums, frames: Mapping[str, pl.DataFrame], choices: Choices
) -> dict[str, pl.DataFrame]:
    population = frames["rfm"]
    products = frames["sales_product"].filter(pl.col("line_count") > 0)
    counts = {"product_count": products.height, "country_count": frames["sales_country"].height}
    kpis = patterns.kpis_of(
        frames["sales_day"],
        frames["clients"],
        frames["growth"],
        added.order_amounts,
        added.window,
    )
    amounts = {
        "order": added.order_amounts,
        "client": population["net_amount"],
        "product": products["net_amount"],
    }
    spread = [
        patterns.concentration_of("client", population, "customer_id"),
        patterns.concentration_of("country", frames["sales_country"], "country"),
        patterns.concentration_of("product", products, "product"),
    ]
    seasons = patterns.seasonality_of(frames["sales_day"], frames.get("sales_hour"), added.window)
    return {
        "kpis": pl.DataFrame([kpis | counts]),
        "amount_distribution": pl.DataFrame(
            [patterns.distribution_of(measure, values) for measure, values in amounts.items()],
            infer_schema_length=None,
        ),
        "concentration": pl.DataFrame(spread, infer_schema_length=None),
        "seasonality": pl.DataFrame(seasons, infer_schema_length=None),
        "affinity": patterns.affinity_of(added.pairs, added.basket_count, choices.basket),
    }


def _require_equal_totals(frames: Mapping[str, pl.DataFrame]) -> None:
    """Whatever way the money is cut, it is the same money."""
    totals: dict[str, Any] = {
        name: tuple(frames[name][column].sum() for column in TOTALS) for name in MONEY_TABLES
    }
    if len(set(totals.values())) > 1:
        told = "; ".join(f"{name} {values[2] / 100:.2f}" for name, values in totals.items())
        raise ReconciliationError(f"The tables do not add up to the same amount: {told}.")
