"""Places: countries, what each stands for, and what is bought there."""

import streamlit as st

from txplatform.domains.commerce.pages import rendering, spread
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

PARTS = ("countries", "products", "concentration")
COLUMNS = ("country", "order_count", "customer_count", "gross_amount", "refund_amount",
           "net_amount", "share", "average_order", "amount_per_customer")  # fmt: skip
PRODUCTS = ("country", "product", "order_count", "customer_count", "quantity", "gross_amount",
            "refund_amount", "net_amount")  # fmt: skip


def show(reader: Reader, view: View) -> None:
    """The page."""
    part = blocks.chosen(reader, view, "places_part", PARTS)
    if part == "countries":
        _countries(reader)
    elif part == "products":
        _products(reader, view)
    else:
        spread.concentration(reader, "country")


def _countries(reader: Reader) -> None:
    st.header(reader.text("places_part.countries"), help=reader.text("places.countries_help"))
    rows = rendering.every(reader, "sales_country", sort="-net_amount")
    rendering.amount_bars(reader, rows, ("country",))
    rendering.whole_table(reader, "sales_country", COLUMNS, rows)


def _products(reader: Reader, view: View) -> None:
    """What sells in a country, or in which countries something sells."""
    st.header(reader.text("places_part.products"), help=reader.text("places.products_help"))
    with st.sidebar:
        where = rendering.of_country(reader, view, "sales_country")
        search = view.text("q", reader.text("choose.search"), reader.text("products.search_help"))
    rendering.list_of(
        reader,
        view,
        "places",
        "sales_country_product",
        PRODUCTS,
        sort="-net_amount",
        where=where,
        search=search,
    )
