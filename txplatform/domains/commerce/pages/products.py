"""Products: what sells, at which prices, together with what, and how unequally."""

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from txplatform.domains.commerce.pages import charts, rendering, spread
from txplatform.domains.commerce.pages.charts import Span
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import Point, draw
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

NAME = ("description", "product")
PARTS = ("list", "prices", "baskets", "concentration", "distribution")
COLUMNS = ("product", "description", "order_count", "quantity", "gross_amount", "refund_amount",
           "net_amount", "share", "mean_amount", "last_sale")  # fmt: skip
PRICES = ("product", "description", "minimum_amount", "mean_amount", "maximum_amount",
          "price_class", "line_count")  # fmt: skip
PAIRS = ("product_a", "product_b", "n_a", "n_b", "n_ab", "support", "confidence_a_to_b",
         "confidence_b_to_a", "lift")  # fmt: skip
ORDERS = ("-net_amount", "-quantity", "-order_count", "refund_amount", "product")
PAIR_ORDERS = ("-lift", "-support", "-confidence_a_to_b")


def show(reader: Reader, view: View) -> None:
    """The page."""
    part = blocks.chosen(reader, view, "products_part", PARTS)
    if part in {"concentration", "distribution"}:
        getattr(spread, part)(reader, "product")
        return
    with st.sidebar:
        search = view.text("q", reader.text("choose.search"), reader.text("products.search_help"))
    {"list": _list, "prices": _prices, "baskets": _baskets}[part](reader, view, search)


def _list(reader: Reader, view: View, search: str) -> None:
    st.header(reader.text("products.top"), help=reader.text("products.top_help"))
    found = rendering.largest(reader, "sales_product", "-net_amount")
    rendering.amount_bars(reader, found, NAME)
    st.header(reader.text("products.every"), help=reader.text("products.every_help"))
    sort = blocks.chosen(reader, view, "products_order", ORDERS)
    rendering.list_of(reader, view, "products", "sales_product", COLUMNS, sort=sort, search=search)


def _prices(reader: Reader, view: View, search: str) -> None:
    """From the smallest to the largest sale line of the products that sell most."""
    st.header(reader.text("products_part.prices"), help=reader.text("products.prices_help"))
    found = rendering.largest(reader, "sales_product", "-net_amount", 2 * rendering.SHOWN)
    values = [
        Span(
            rendering.name_of(reader, row, NAME),
            row["minimum_amount"],
            row["mean_amount"],
            row["maximum_amount"],
            " / ".join(reader.amount(row[name]) for name in PRICES[2:5]),
        )
        for row in found.to_pylist()
        if row["mean_amount"] is not None
    ]
    titles = (
        reader.in_currency(reader.text("column.amount")),
        spread.headings(reader, PRICES[2:5]),
    )
    draw(charts.spans(values, *titles), reader.locale)
    classes = lists.counts(reader.platform.database, "sales_product", "price_class")
    st.header(reader.text("products.classes"), help=reader.text("products.classes_help"))
    known = {str(name): count for (name,), count in classes.items() if name is not None}
    in_order = sorted(known.items(), key=_bound)
    ordered = {rendering.price_class(reader, name): count for name, count in in_order}
    _counted_bars(reader, ordered, "price_class", "product_count")
    rendering.list_of(
        reader, view, "products", "sales_product", PRICES, sort="-net_amount", search=search
    )


def _bound(entry: tuple[str, int]) -> int:
    """Classes by where they begin: "under 100" at 0, "100 to under 250" at 100."""
    first = entry[0].split()[0]
    return int(first) if first.isdecimal() else 0


def _baskets(reader: Reader, view: View, search: str) -> None:
    st.header(reader.text("products.pairs"), help=reader.text("products.pairs_help"))
    one = rendering.largest(reader, "affinity", "-lift", 1).to_pylist()
    if one:
        kind = reader.text(f"basket.{one[0]['basket']}")
        count = reader.whole(one[0]["basket_count"])
        st.caption(reader.text("products.basket", basket=kind, count=count))
        sort = blocks.chosen(reader, view, "pairs_order", PAIR_ORDERS)
        rendering.list_of(reader, view, "products", "affinity", PAIRS, sort=sort, search=search)
    else:
        st.info(reader.text("products.no_pairs"), icon=":material/info:")
    st.header(reader.text("products.diversity"), help=reader.text("products.diversity_help"))
    counts = lists.counts(reader.platform.database, "clients", "product_count", "is_anonymous")
    known = {count: number for (count, is_anonymous), number in counts.items() if not is_anonymous}
    _counted_bars(reader, _in_powers(reader, known), "product_count", "customer_count")


def _counted_bars(reader: Reader, counts: Mapping[str, int], column: str, counted: str) -> None:
    """How many products or customers there are of each class, in the order of the classes."""
    points = [
        Point(name, "", Decimal(count), reader.whole(count)) for name, count in counts.items()
    ]
    place, value = (reader.text(f"column.{name}") for name in (column, counted))
    heights = charts.steep([one.value for one in points])
    draw(rendering.bars(reader, points, place, value, **heights), reader.locale)


def _in_powers(reader: Reader, counts: Mapping[int, int]) -> dict[str, int]:
    """Counts by a number in classes that double: 0, 1, 2, 3 to 4, 5 to 8; most are small."""
    found: dict[str, int] = {}
    for number in sorted(counts):
        high = 1 << max(0, (number - 1).bit_length()) if number else 0
        low = high // 2 + 1 if high > 1 else high
        name = f" {DASH} ".join(reader.whole(bound) for bound in dict.fromkeys((low, high)))
        found[name] = found.get(name, 0) + counts[number]
    return found
