"""Value and churn: what customers are worth, who may leave, and how far that can be believed."""

from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce.pages import leaving, rendering
from txplatform.domains.commerce.queries import values as queries
from txplatform.domains.commerce.queries.values import Order
from txplatform.domains.commerce.tables.expectations import (
    churn,
    customer_value,
    model_holdout,
    value_by_country,
)
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.paging import every_row

ROWS = 50
BARS = 15
VALUE, COUNTRY, HOLDOUT = (table.c for table in (customer_value, value_by_country, model_holdout))
RATIOS = ("total_ratio", "season_factor", "corrected_ratio")


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("value.title"))
    by_country = queries.countries(reader.engine)
    if not by_country.num_rows:
        st.info(reader.text("domain.empty"), icon=":material/inbox:")
        return
    with st.sidebar:
        country = _chosen_country(reader, view, by_country)
    held = queries.holdouts(reader.engine)
    _total(reader, country, held)
    _countries(reader, by_country)
    _customers(reader, view, country)
    _holdouts(reader, held)
    leaving.show(reader)
    _fits(reader)


def _chosen_country(reader: Reader, view: View, by_country: pa.Table) -> str | None:
    names = ["", *sorted(by_country["country"].to_pylist())]
    label, every = reader.text("value.country"), reader.text("value.every_country")
    return view.choice("country", label, names, "", str, lambda name: name or every) or None


def _total(reader: Reader, country: str | None, held: pa.Table) -> None:
    """What all are worth, and right beside it how the last such figure turned out."""
    found = queries.totals(reader.engine, country)
    latest = held.slice(0, 1).to_pylist()
    figures = {
        "customer_count": (reader.whole(found.customer_count), COUNTRY.customer_count),
        "expected_occasions": (
            reader.number(round(found.expected_occasions, 2)),
            VALUE.expected_occasions,
        ),
        "clv": (reader.money(found.clv), VALUE.clv),
        "total_ratio": (_ratio(reader, latest, "total_ratio"), HOLDOUT.total_ratio),
        "corrected_ratio": (_ratio(reader, latest, "corrected_ratio"), HOLDOUT.corrected_ratio),
    }
    rendering.beside_each_other(
        (reader.text(f"column.{name}"), figure, reader.help(column))
        for name, (figure, column) in figures.items()
    )
    for row in latest:
        _tell_trust(reader, row)


def _ratio(reader: Reader, latest: list[dict[str, Any]], name: str) -> str:
    return reader.number(round(latest[0][name], 2)) if latest and latest[0][name] else DASH


def _tell_trust(reader: Reader, row: dict[str, Any]) -> None:
    """In words what the last holdout amounts to."""
    cut = reader.day(row["cut"])
    if row["ranking_bar"] == "cannot tell customers apart":
        st.warning(reader.text("trust.no_signal", cut=cut), icon=":material/help:")
    missed = [
        reader.text(f"trust.{bar}")
        for bar in ("error_bar", "ranking_bar", "decile_bar")
        if row[bar] == "missed"
    ]
    if missed:
        told = reader.text("trust.missed", cut=cut, bars=", ".join(missed))
        st.warning(told, icon=":material/warning:")
    if row["season"] == "season unknown":
        st.info(reader.text("trust.season_unknown"), icon=":material/calendar_month:")


def _countries(reader: Reader, by_country: pa.Table) -> None:
    st.header(reader.text("value.countries"), help=reader.help(COUNTRY.clv))
    rows = by_country.slice(0, BARS).to_pylist()
    points = [
        Point(
            date.min,
            row["country"],
            row["clv"],
            f"{reader.money(row['clv'])}  ({reader.share(row['share'])})",
        )
        for row in rows
    ]
    charts.share_bars(points, reader.in_currency(reader.text("column.clv")), reader.locale)
    if by_country.num_rows > BARS:
        count = reader.whole(by_country.num_rows)
        st.caption(reader.text("value.more", shown=BARS, count=count))
    blocks.export_buttons(reader, "value_by_country", by_country.num_rows, lambda: by_country)


def _customers(reader: Reader, view: View, country: str | None) -> None:
    st.header(reader.text("value.customers"), help=reader.text("value.customers_help"))
    order = view.choice(
        "order",
        reader.text("value.order"),
        list(Order),
        Order.VALUE,
        str,
        lambda one: reader.text(f"order.{one}"),
    )
    page = queries.customers_page(reader.engine, country, order, view.get("after"), ROWS)
    columns, chance = page.rows.column_names, churn.c.churn_probability
    rendering.table(reader, "customer_value", page.rows, columns, chance)
    blocks.next_page(reader, "value", view, page)
    rows = partial(every_row, partial(queries.customers_page, reader.engine, country, order))
    blocks.export_buttons(reader, "customer_value", page.total, rows)


def _holdouts(reader: Reader, held: pa.Table) -> None:
    st.header(reader.text("value.holdout"), help=reader.text("value.holdout_help"))
    if not held.num_rows:
        st.info(reader.text("trust.too_young"), icon=":material/hourglass_empty:")
        return
    names = ["cut", "predictor", "predicted_amount", "actual_amount", *RATIOS,
             "mean_absolute_error", "gini_share", "gini_low", "gini_high", "top_share",
             "decile_error"]  # fmt: skip
    rendering.table(reader, "model_holdout", held, names)
    blocks.export_buttons(reader, "model_holdout", held.num_rows, lambda: held)


def _fits(reader: Reader) -> None:
    st.header(reader.text("value.fits"), help=reader.text("value.fits_help"))
    for row in queries.fits(reader.engine).to_pylist():
        known = {name: row[name] for name in ("r", "alpha", "a", "b", "p", "q", "gamma", "mean")}
        written = ", ".join(f"{name} {value:.4g}" for name, value in known.items() if value)
        st.write(
            reader.text(
                f"fit.{row['part']}",
                model=row["model"],
                parameters=written,
                count=reader.whole(row["customer_count"]),
            )
        )
        for reason in (row["fallback_reason"], row["warning"]):
            if reason:
                st.caption(reason)
