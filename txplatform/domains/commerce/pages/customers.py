"""Customers: who they are and what they bought, how unequal they are, how amounts are spread."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from txplatform.domains.commerce.pages import rendering, spread
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard import charts
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

PARTS = ("list", "concentration", "distribution")
COLUMNS = ("customer_id", "name", "country", "order_count", "net_amount", "average_order",
           "product_count", "first_order", "last_order")  # fmt: skip
ORDERS = ("-net_amount", "-order_count", "-last_order", "first_order", "customer_id")


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("customers.title"))
    if rendering.is_empty(reader):
        return
    part = rendering.chosen(reader, view, "customers_part", PARTS)
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
    found = rendering.largest(reader, "clients", "-net_amount", **where, is_anonymous=False)
    points = [rendering.point(reader, _label(row), row["net_amount"]) for row in found.to_pylist()]
    charts.share_bars(points, reader.in_currency(reader.text("column.net_amount")), reader.locale)
    st.header(reader.text("customers.every"), help=reader.text("customers.every_help"))
    sort = rendering.chosen(reader, view, "customers_order", ORDERS)
    rendering.list_of(
        reader, view, "customers", "clients", COLUMNS, sort=sort, where=where, search=search
    )


def _label(customer: Mapping[str, Any]) -> str:
    return f"{customer['name'] or ''} {customer['customer_id']}".strip()


def chosen_country(reader: Reader, view: View) -> str | None:
    """A select box of the countries; None: all of them."""
    found = lists.counts(reader.platform.database, "sales_country", "country")
    names = ["", *sorted(key[0] for key in found)]
    every = reader.text("value.every_country")
    label = reader.text("value.country")
    return view.choice("country", label, names, "", str, lambda one: one or every) or None
