"""Lines added up by an engine, as far as its power is needed: everything later is small.

Each function is one query; counts of distinct things (orders, customers) are made here, because
they cannot be added up afterwards.
"""

import narwhals as nw

from txplatform.domains.commerce.transforms.calendar import DAY_SECONDS
from txplatform.domains.commerce.transforms.lines import ANONYMOUS, Frame

HOUR_SECONDS = 3_600
ORDER_OF_LINES = ("at", "source_file", "source_line")
SUMMED = (
    "order_id", "customer_id", "product", "country", "day", "hour", "quantity", "gross", "refund",
    "is_sale", "is_anonymous", "buyer", "has_no_buyer", "sale_order", "has_no_order",
    "sale_amount", "sale_day",
)  # fmt: skip
"""What the sums read of a line of goods."""


def lines_before(lines: Frame, as_of: int) -> Frame:
    """Lines before the midnight of a day, with the day of each."""
    return lines.with_columns(day=nw.col("at") // DAY_SECONDS).filter(nw.col("day") < as_of)


def lines_from(lines: Frame, first_day: int) -> Frame:
    """Of lines that have a day, those of it and of later ones."""
    return lines.filter(nw.col("day") >= first_day)


def goods_lines(lines: Frame) -> Frame:
    """Sales and refunds of goods, with what the sums need of each.

    An order counts at its first sale line: `is_first` is 1 there and 0 elsewhere, so that orders
    add up over time, countries and customers.
    """
    is_counted = (nw.col("class") == "goods") & nw.col("kind").is_in(["sale", "refund"])
    is_sale = nw.col("kind") == "sale"
    zero = nw.lit(0).cast(nw.Int64)
    valued = lines.filter(is_counted).with_columns(
        is_sale=is_sale.cast(nw.Int64),
        is_anonymous=(nw.col("customer_id") == ANONYMOUS).cast(nw.Int64),
        gross=nw.when(is_sale).then(nw.col("amount")).otherwise(zero),
        refund=nw.when(is_sale).then(zero).otherwise(nw.col("amount")),
        hour=nw.col("at") % DAY_SECONDS // HOUR_SECONDS,
        buyer=nw.when(is_sale & (nw.col("customer_id") != ANONYMOUS)).then(nw.col("customer_id")),
        sale_order=nw.when(is_sale).then(nw.col("order_id")),
        sale_amount=nw.when(is_sale).then(nw.col("amount")),
        sale_day=nw.when(is_sale).then(nw.col("day")),
        has_no_order=(~is_sale).cast(nw.Int64),
    )
    valued = valued.with_columns(has_no_buyer=nw.col("buyer").is_null().cast(nw.Int64))
    nth = nw.col("is_sale").cum_sum().over("order_id", order_by=ORDER_OF_LINES)
    numbered = valued.with_columns(nth=nth)
    is_first = (nw.col("is_sale") == 1) & (nw.col("nth") == 1)
    return numbered.select(*SUMMED, is_first=is_first.cast(nw.Int64))


def _totals() -> dict[str, nw.Expr]:
    return {
        "order_count": nw.col("is_first").sum(),
        "line_count": nw.len(),
        "sale_count": nw.col("is_sale").sum(),
        "quantity": nw.col("quantity").sum(),
        "gross": nw.col("gross").sum(),
        "refund": nw.col("refund").sum(),
    }


def _aggregated(frame: Frame, keys: list[str], **totals: nw.Expr) -> Frame:
    """Whole numbers of 64 bits: DuckDB sums into 128."""
    grouped = frame.group_by(*keys) if keys else frame.with_columns(all_=nw.lit(1)).group_by("all_")
    summed = grouped.agg(*(total.alias(name) for name, total in totals.items()))
    return summed.with_columns(nw.col(*totals).cast(nw.Int64))


def by_customer_and_day(goods: Frame) -> Frame:
    """What each customer bought and gave back on each day: time, customers and cohorts."""
    return _aggregated(goods, ["customer_id", "day"], **_totals())


def by(goods: Frame, *keys: str) -> Frame:
    """Sums with the number of distinct buyers; `(anonymous)` is none."""
    return _aggregated(goods, list(keys), **_totals(), **_buyers())


def by_product(goods: Frame, *keys: str) -> Frame:
    """Sums of products, where an order counts for each product that it holds."""
    return _aggregated(
        goods,
        list(keys),
        **_totals(),
        **_buyers(),
        orders=nw.col("sale_order").n_unique(),
        has_no_order=nw.col("has_no_order").max(),
        minimum=nw.col("sale_amount").min(),
        maximum=nw.col("sale_amount").max(),
        first_sale=nw.col("sale_day").min(),
        last_sale=nw.col("sale_day").max(),
    )


def _buyers() -> dict[str, nw.Expr]:
    """Distinct buyers, NULL counted as one of them, and whether there is NULL."""
    return {"buyers": nw.col("buyer").n_unique(), "has_no_buyer": nw.col("has_no_buyer").max()}


def orders(goods: Frame) -> Frame:
    """Gross amount of each order with a sale line."""
    sales = goods.filter(nw.col("is_sale") == 1)
    return _aggregated(sales, ["order_id"], gross=nw.col("gross").sum())


def descriptions(lines: Frame) -> Frame:
    """All goods, those that were only given away too, and how often each is described how."""
    goods = lines.filter(nw.col("class") == "goods")
    return _aggregated(goods, ["product", "description"], count=nw.len())


def products_of_customers(goods: Frame) -> Frame:
    """How many products each customer bought."""
    sales = goods.filter(nw.col("is_sale") == 1)
    return _aggregated(sales, ["customer_id"], product_count=nw.col("product").n_unique())


def movements(lines: Frame) -> Frame:
    """What is not a sale or refund of goods, by class, code and day: carriage, costs, stock."""
    others = lines.filter(nw.col("class") != "goods")
    totals = {"line_count": nw.len(), "amount": nw.col("amount").sum()}
    return _aggregated(others, ["class", "product", "day"], **totals)


def extent(lines: Frame) -> Frame:
    """First and last day of goods, what the lines add up to, and what they do without signs."""
    dated = lines.with_columns(day=nw.col("at") // DAY_SECONDS)
    is_goods = nw.when(nw.col("class") == "goods")
    valued = dated.with_columns(
        goods_day=is_goods.then(nw.col("day")),
        goods_amount=is_goods.then(nw.col("amount")),
        size=nw.col("amount").abs(),
    )
    return _aggregated(
        valued,
        [],
        first_day=nw.col("goods_day").min(),
        last_day=nw.col("goods_day").max(),
        line_count=nw.len(),
        amount=nw.col("amount").sum(),
        goods_amount=nw.col("goods_amount").sum(),
        size=nw.col("size").sum(),
    )


def last_countries(lines: Frame) -> Frame:
    """Each customer's country by its last line; of two at one instant the later source line."""
    last = lines.group_by("customer_id").agg(nw.col("at").max())
    few = lines.join(last, on=["customer_id", "at"], how="inner")
    newest = nw.col("at").cum_count(reverse=True).over("customer_id", order_by=ORDER_OF_LINES)
    named = few.with_columns(newest=newest)
    return named.filter(nw.col("newest") == 1).select("customer_id", "country")


def frequent_products(goods: Frame, basket: str, least: int) -> Frame:
    """Baskets and products, once each, of the products that at least so many baskets hold.

    `number` numbers the products in their order: pairs of numbers are found sooner than of texts.
    """
    sales = goods.filter(nw.col("is_sale") == 1)
    if basket == "customer_id":
        sales = sales.filter(nw.col("is_anonymous") == 0)
    held = sales.select(nw.col(basket).alias("basket"), "product").unique()
    sizes = _aggregated(held, ["product"], baskets=nw.len()).filter(nw.col("baskets") >= least)
    numbered = sizes.with_columns(number=nw.col("product").rank("ordinal").cast(nw.Int64))
    return held.join(numbered, on="product", how="inner")


def pairs(held: Frame, least: int) -> Frame:
    """How many baskets hold both products of a pair, of pairs that at least so many hold."""
    left, right = (held.select("basket", nw.col("number").alias(side)) for side in "ab")
    both = left.join(right, on="basket", how="inner").filter(nw.col("a") < nw.col("b"))
    counted = _aggregated(both, ["a", "b"], n_ab=nw.len()).filter(nw.col("n_ab") >= least)
    products = held.select("number", "product", "baskets").unique()
    for side in "ab":
        names = {"number": side, "product": f"product_{side}", "baskets": f"n_{side}"}
        counted = counted.join(products.rename(names), on=side, how="inner")
    return counted.drop("a", "b")
