"""Customers: who they are and what they bought, how unequal they are, how amounts are spread."""

import streamlit as st

from txplatform.domains.commerce.pages import rendering, spread
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

PARTS = ("list", "concentration", "distribution")
COLUMNS = ("customer_id", "name", "country", "order_count", "net_amount", "average_order",
           "product_count", "first_order", "last_order")  # fmt: skip
ORDERS = ("-net_amount", "-order_count", "-last_order", "first_order", "customer_id")


def show(reader: Reader, view: View) -> None:
    """The page."""
    part = blocks.chosen(reader, view, "customers_part", PARTS)
    if part == "list":
        _list(reader, view)
    elif part == "concentration":
        spread.concentration(reader, "client")
    else:
        spread.distribution(reader, "order", "client")


def _list(reader: Reader, view: View) -> None:
    with st.sidebar:
        where = rendering.of_country(reader, view, "sales_country")
        search = view.text("q", reader.text("choose.search"), reader.text("customers.search_help"))
    st.header(reader.text("customers.top"), help=reader.text("customers.top_help"))
    found = rendering.largest(reader, "clients", "-net_amount", **where, is_anonymous=False)
    rendering.amount_bars(reader, found, ("name", "customer_id"))
    st.header(reader.text("customers.every"), help=reader.text("customers.every_help"))
    sort = blocks.chosen(reader, view, "customers_order", ORDERS)
    rendering.list_of(
        reader, view, "customers", "clients", COLUMNS, sort=sort, where=where, search=search
    )
