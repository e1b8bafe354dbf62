"""Customers: who they are and what they bought, how unequal they are, how amounts are spread."""

from typing import Any

import streamlit as st

from txplatform.domains.commerce.pages import shown, spread
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard import charts
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.dashboard.view import View

PARTS = ("list", "concentration", "distribution")
COLUMNS = ("customer_id", "name", "country", "order_count", "net_amount", "average_order",
           "product_count", "first_order", "last_order")  # fmt: skip
ORDERS = ("-net_amount", "-order_count", "-last_order", "first_order", "customer_id")


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("customers.title"))
    if shown.is_empty(reader):
        return
    part = shown.chosen(reader, view, "customers_part", PARTS)
    if part == "list":
        _list(reader, view)
    elif part == "concentration":
        spread.concentration(reader, "client")
    else:
        spread.distribution(reader, "order", "client")


def _list(reader: Reader, view: View) -> None:
    with st.sidebar:
        country = chosen_country(reader, view)
        search = view.text("q", reader.text("choose.search"), reader.text("customers.search_help"))
    where: dict[str, Any] = {"country": country} if country else {}
    st.header(reader.text("customers.top"), help=reader.text("customers.top_help"))
    found = shown.largest(reader, "clients", "-net_amount", **where, is_anonymous=False)
    points = [
        shown.point(reader, f"{row['name'] or ''} {row['customer_id']}".strip(), row["net_amount"])
        for row in found.to_pylist()
    ]
    charts.share_bars(points, reader.in_currency(reader.text("column.net_amount")), reader.locale)
    st.header(reader.text("customers.every"), help=reader.text("customers.every_help"))
    sort = shown.chosen(reader, view, "customers_order", ORDERS)
    shown.list_of(
        reader, view, "customers", "clients", COLUMNS, sort=sort, where=where, search=search
    )


def chosen_country(reader: Reader, view: View) -> str | None:
    """A select box of the countries; None: all of them."""
    found = lists.counts(reader.platform.database, "sales_country", "country")
    names = ["", *sorted(key[0] for key in found)]
    every = reader.text("value.every_country")
    label = reader.text("value.country")
    return view.choice("country", label, names, "", str, lambda one: one or every) or None
