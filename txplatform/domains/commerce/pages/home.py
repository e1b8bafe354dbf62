"""Home: what was sold so far, how it moves, and who and what stands for most of it."""

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.pages.time import period_bars
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard import blocks, links
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

FIRST = ("net_amount", "order_count", "average_order", "buyer_count", "last_growth_pct")
SECOND = ("gross_amount", "refund_amount", "active_30_days", "new_30_days", "as_of")
OTHERS = ("first_day", "product_count", "country_count", "median_order", "minimum_order",
          "maximum_order", "deviation_order", "amount_per_customer", "amount_per_day",
          "active_90_days", "new_90_days", "last_yoy_pct", "compound_monthly_pct",
          "compound_annual_pct")  # fmt: skip
LEADING = {
    "customers": ("clients", "customer_id", "name"),
    "products": ("sales_product", "product"),
    "places": ("sales_country", "country"),
}
COUNT = 5
LEADING_PX = 290


def show(reader: Reader, _: View) -> None:
    """The page."""
    row = lists.only(reader.platform.database, "kpis")
    for columns in (FIRST, SECOND):
        rendering.figures(reader, "kpis", row, columns)
    st.header(reader.text("home.months"), help=reader.text("time.month_help"))
    period_bars(reader, "sales_month", rendering.every(reader, "sales_month"))
    st.header(reader.text("home.leading"), help=reader.text("home.leading_help"))
    beside = st.container(horizontal=True)
    for path in LEADING:
        with beside.container(width=LEADING_PX):
            _leading(reader, path)
    with st.expander(reader.text("home.others")):
        _others(reader)


def _leading(reader: Reader, path: str) -> None:
    name, *keys = LEADING[path]
    where = {"is_anonymous": False} if name == "clients" else {}
    found = rendering.largest(reader, name, "-net_amount", COUNT, **where)
    rendering.table(reader, name, found, (*keys, "net_amount"))
    links.to_page(reader, path, reader.text(f"{path}.title"))


def _others(reader: Reader) -> None:
    row: pa.Table = rendering.every(reader, "kpis")
    for start in range(0, len(OTHERS), COUNT):
        columns = OTHERS[start : start + COUNT]
        rendering.figures(reader, "kpis", row.to_pylist()[0], columns)
    blocks.export_buttons(reader, "kpis", 1, lambda: row)
