"""Money by time, place and product: what the sums of lines say, with every period in its place."""

from itertools import pairwise
from typing import NamedTuple

import polars as pl

from txplatform.domains.commerce.transforms.arithmetic import class_of, half_up, ratio
from txplatform.domains.commerce.transforms.calendar import calendar
from txplatform.domains.commerce.transforms.lines import ANONYMOUS

COUNTS = ("order_count", "line_count", "quantity", "gross", "refund")
PRICE_LIMITS = (100, 250, 500)
MONTHS_OF_YEAR = 12


class Window(NamedTuple):
    """The days that count, as numbers: from `first_day` to the day before `as_of`."""

    first_day: int
    as_of: int

    @property
    def days(self) -> int:
        """How many days that are."""
        return self.as_of - self.first_day


def finished_measures(summed: pl.DataFrame) -> pl.DataFrame:
    """The measures of a money table: net, and the average of an order."""
    orders = pl.col("order_count")
    has_orders = pl.when(orders > 0).then(orders)
    return summed.with_columns(
        gross_amount=pl.col("gross"),
        refund_amount=pl.col("refund"),
        net_amount=pl.col("gross") + pl.col("refund"),
        average_order=half_up(pl.col("gross"), has_orders),
    )


def days_of(customer_days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Every day of the window with its calendar facts and its measures, zero when silent."""
    facts = calendar(window.first_day, window.as_of - 1)
    summed = _summed(customer_days, "day")
    return finished_measures(_filled(facts.join(summed, on="day", how="left"))).with_columns(
        is_complete=pl.lit(True)
    ).sort("day")  # fmt: skip


def periods_of(customer_days: pl.DataFrame, window: Window, period: str) -> pl.DataFrame:
    """Every week or month of the window with its measures, and whether it is complete.

    Args:
        customer_days: what each customer bought on each day.
        window: the days that count.
        period: `week_start` or `month_start`.
    """
    facts = calendar(window.first_day - 31, window.as_of + 31)
    bounds = facts.group_by(period).agg(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last")
    )
    inside = facts.filter(pl.col("day").is_between(window.first_day, window.as_of - 1))
    rows = inside.select(period).unique().join(bounds, on=period)
    dated = customer_days.join(facts.select("day", period), on="day")
    is_complete = (pl.col(period) >= window.first_day) & (pl.col("last") < window.as_of)
    filled = _filled(rows.join(_summed(dated, period), on=period, how="left"))
    return finished_measures(filled).with_columns(is_complete=is_complete).sort(period)


def _summed(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    is_buyer = (pl.col("customer_id") != ANONYMOUS) & (pl.col("sale_count") > 0)
    buyers = pl.when(is_buyer).then(pl.col("customer_id"))
    return rows.group_by(key).agg(
        pl.col(*COUNTS).sum(), buyers.drop_nulls().n_unique().alias("customer_count")
    )


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col(*COUNTS, "customer_count").fill_null(0))


def hours_of(summed: pl.DataFrame) -> pl.DataFrame:
    """All 24 hours with their measures."""
    hours = pl.DataFrame({"hour": pl.Series(range(24), dtype=pl.Int64)})
    filled = hours.join(with_buyers(summed), on="hour", how="left")
    return finished_measures(_filled(filled)).sort("hour")


def with_buyers(summed: pl.DataFrame) -> pl.DataFrame:
    """`customer_count` of distinct values among which NULL was counted too."""
    return summed.with_columns(customer_count=pl.col("buyers") - pl.col("has_no_buyer"))


def with_orders(summed: pl.DataFrame) -> pl.DataFrame:
    """`order_count` of the orders that hold a product, however many others they hold."""
    return with_buyers(summed).with_columns(order_count=pl.col("orders") - pl.col("has_no_order"))


def with_share(rows: pl.DataFrame) -> pl.DataFrame:
    """Each row's share of the net total; NULL where that is not above 0."""
    return rows.with_columns(share=ratio(pl.col("net_amount"), pl.col("net_amount").sum(), 6))


def countries_of(summed: pl.DataFrame) -> pl.DataFrame:
    """Countries with their measures, share, and net amount per customer."""
    rows = with_share(finished_measures(with_buyers(summed)))
    buyers = pl.when(pl.col("customer_count") > 0).then(pl.col("customer_count"))
    return rows.with_columns(amount_per_customer=half_up(pl.col("net_amount"), buyers)).sort(
        "country"
    )


def products_of(
    summed: pl.DataFrame, described: pl.DataFrame, limits: tuple[int, ...] = PRICE_LIMITS
) -> pl.DataFrame:
    """Products with their measures, description, amounts of sale lines and price class.

    Args:
        summed: sums by product.
        described: how often each product has which description.
        limits: upper bounds of the price classes, in whole units of the currency.
    """
    usual = described.with_columns(
        times=pl.when(pl.col("description").is_not_null()).then(pl.col("count")).otherwise(0)
    )
    usual = usual.sort(["product", "times", "description"], descending=[False, True, False])
    usual = usual.unique("product", keep="first", maintain_order=True).select(
        "product", "description"
    )
    counts = pl.col(*COUNTS, "customer_count", "sale_count").fill_null(0)
    everything = usual.join(with_orders(summed), on="product", how="left").with_columns(counts)
    rows = with_share(finished_measures(everything))
    sales = pl.when(pl.col("sale_count") > 0).then(pl.col("sale_count"))
    valued = rows.with_columns(
        minimum_amount=pl.col("minimum"),
        maximum_amount=pl.col("maximum"),
        mean_amount=half_up(pl.col("gross"), sales),
    )
    between = {f"{low} to under {high}": low * 100 for low, high in pairwise(limits)}
    last = {f"{limits[-1]} and above": limits[-1] * 100}
    price_class = class_of(pl.col("mean_amount"), {f"under {limits[0]}": 0} | between | last)
    return valued.with_columns(price_class=price_class).sort("product")


def movements_of(summed: pl.DataFrame, window: Window) -> pl.DataFrame:
    """What is no sale of goods, by class, code and month."""
    if summed.is_empty():
        return summed.with_columns(month=pl.lit(None, pl.Int64), code=pl.col("product"))
    first = min(*summed["day"].to_list(), window.first_day)
    facts = calendar(first, window.as_of).select("day", pl.col("month_start").alias("month"))
    dated = summed.join(facts, on="day").rename({"product": "code"})
    keys = ["class", "code", "month"]
    return dated.group_by(keys).agg(pl.col("line_count", "amount").sum()).sort(keys)


def growth_of(months: pl.DataFrame) -> pl.DataFrame:
    """Complete months against the calendar month before and the same month a year before."""
    net = pl.when("is_complete").then("net_amount")
    compared = months.select(
        month="month_start",
        net_amount=net,
        change_pct=_change_pct(net, net.shift(1)),
        yoy_pct=_change_pct(net, net.shift(MONTHS_OF_YEAR)),
    )
    return compared.drop_nulls("net_amount")


def _change_pct(value: pl.Expr, before: pl.Expr) -> pl.Expr:
    """A change in ten-thousandths of a per cent; NULL where there is nothing to compare with."""
    return ratio((value - before) * 100, before, 4)
