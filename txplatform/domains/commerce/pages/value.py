"""Value and churn: what customers are worth, who may leave, and how far that can be believed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce.pages import leaving, rendering
from txplatform.domains.commerce.tables.expectations import (
    customer_value,
    model_holdout,
    value_by_country,
)
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

VALUE, COUNTRY, HOLDOUT = (table.c for table in (customer_value, value_by_country, model_holdout))
SUMS = ("customer_count", "expected_occasions", "clv")
ORDERS = {"value": "-clv", "leaving": "-churn_probability"}
CUSTOMERS = tuple(customer_value.c.keys())
HELD = ("cut", "predictor", "predicted_amount", "actual_amount", "total_ratio", "season_factor",
        "corrected_ratio", "mean_absolute_error", "gini_share", "gini_low", "gini_high",
        "top_share", "decile_error")  # fmt: skip
MODEL = "model"
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "gamma", "mean")


def show(reader: Reader, view: View) -> None:
    """The page."""
    by_country = rendering.every(reader, "value_by_country", sort="-clv")
    with st.sidebar:
        country = rendering.chosen_country(reader, view, "value_by_country")
    held = _model_first(rendering.every(reader, "model_holdout", sort="-cut"))
    _total(reader, country, by_country, held.slice(0, 1).to_pylist())
    st.header(reader.text("value.countries"), help=reader.help(COUNTRY.clv))
    rendering.amount_bars(reader, by_country, ("country",), "clv")
    blocks.export_buttons(reader, "value_by_country", by_country.num_rows, lambda: by_country)
    _customers(reader, view, country)
    _holdouts(reader, held)
    leaving.show(reader)
    _fits(reader)


def _model_first(held: pa.Table) -> pa.Table:
    """At each cut the model, then what it is held against."""
    rows = sorted(held.to_pylist(), key=lambda row: row["predictor"] != MODEL)
    latest_first = sorted(rows, key=lambda row: row["cut"], reverse=True)
    return pa.Table.from_pylist(latest_first, held.schema)


def _total(
    reader: Reader, country: str | None, by_country: pa.Table, latest: list[dict[str, Any]]
) -> None:
    """What all are worth, and right beside it how the last such figure turned out."""
    rows = [row for row in by_country.to_pylist() if country in (None, row["country"])]
    sums = {name: sum(row[name] for row in rows) for name in SUMS}
    figures = {
        "customer_count": (reader.whole(sums["customer_count"]), COUNTRY.customer_count),
        "expected_occasions": (
            reader.number(rendering.two_digits(Decimal(sums["expected_occasions"]))),
            VALUE.expected_occasions,
        ),
        "clv": (reader.money(Decimal(sums["clv"])), VALUE.clv),
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


def _tell_trust(reader: Reader, row: Mapping[str, Any]) -> None:
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


def _customers(reader: Reader, view: View, country: str | None) -> None:
    st.header(reader.text("value.customers"), help=reader.text("value.customers_help"))
    sort = ORDERS[rendering.chosen(reader, view, "order", tuple(ORDERS))]
    where = {"country": country} if country else {}
    rendering.list_of(reader, view, "value", "customer_value", CUSTOMERS, sort=sort, where=where)


def _holdouts(reader: Reader, held: pa.Table) -> None:
    st.header(reader.text("value.holdout"), help=reader.text("value.holdout_help"))
    if held.num_rows:
        rendering.whole_table(reader, "model_holdout", HELD, held)
    else:
        st.info(reader.text("trust.too_young"), icon=":material/hourglass_empty:")


def _fits(reader: Reader) -> None:
    st.header(reader.text("value.fits"), help=reader.text("value.fits_help"))
    for row in rendering.every(reader, "model_fits", sort="-part").to_pylist():
        known = {name: Decimal(f"{row[name]:.4g}") for name in PARAMETERS if row[name]}
        written = ", ".join(f"{name} {reader.number(value)}" for name, value in known.items())
        count = reader.whole(row["customer_count"])
        told = {"model": row["model"], "parameters": written, "count": count}
        st.write(reader.text(f"fit.{row['part']}", **told))
        for reason in filter(None, (row["fallback_reason"], row["warning"])):
            st.caption(leaving.reason(reader, reason))
