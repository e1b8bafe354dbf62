"""Value and churn: what customers are worth, who may leave, and how far that can be believed."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.tables.expectations import (
    customer_value,
    model_holdout,
    value_by_country,
)
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

Line = Mapping[str, Any]
REASONS = {
    "history": r"No model: (?P<days>\d+) days of history, and (?P<least>\d+) are needed\.",
    "customers": r"No model: (?P<count>\d+) customers .+, and (?P<least>\d+) are needed\.",
    "outcomes": r"No model: in (?P<days>\d+) days either every customer came or none did\.",
    "converge": r".+ did not converge",
    "gain": r".+ gains (?P<gain>[\d.]+) in log-likelihood over .+, less than (?P<least>\d+)",
    "mean": r".+ has no mean \(q = (?P<q>[\d.]+), not above 1\)",
    "few": r"fewer than two customers have bought again",
    "correlation": r"Customers who come more often .+ \(correlation (?P<by>[-\d.]+)\).+",
}
"""Why there is no model, why a simpler one, or what to be careful about, as the tables say it."""

FIGURES = (
    ("base_rate", "model"),
    ("auc", "model"),
    ("auc", "none_within"),
    ("brier", "model"),
    ("brier", "base_rate"),
)
BINS = ("bin_predicted", "bin_observed")
DIGITS = 3
VERDICTS = {
    "no better than guessing": "guessing",
    "worse than the model of repeat buying": "worse",
}

VALUE, COUNTRY, HOLDOUT = (table.c for table in (customer_value, value_by_country, model_holdout))
PARTS = ("worth", "trust", "leaving")
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
    part = blocks.chosen(reader, view, "value_part", PARTS)
    parts = (_worth, _trust, _leaving)
    dict(zip(PARTS, parts, strict=True))[part](reader, view)


def _worth(reader: Reader, view: View) -> None:
    """What customers are worth, all of them and one by one."""
    by_country = rendering.every(reader, "value_by_country", sort="-clv")
    with st.sidebar:
        where = rendering.of_country(reader, view, "value_by_country")
    _total(reader, where.get("country"), by_country, _holdouts(reader).slice(0, 1).to_pylist())
    st.header(reader.text("value.countries"), help=reader.help(COUNTRY.clv))
    rendering.amount_bars(reader, by_country, ("country",), "clv")
    blocks.export_buttons(reader, "value_by_country", by_country.num_rows, lambda: by_country)
    _customers(reader, view, where)


def _holdouts(reader: Reader) -> pa.Table:
    """The latest cut first; at each the model, then what it is held against."""
    held = rendering.every(reader, "model_holdout", sort="-cut")
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
    blocks.figures(
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


def _customers(reader: Reader, view: View, where: Mapping[str, Any]) -> None:
    st.header(reader.text("value.customers"), help=reader.text("value.customers_help"))
    sort = ORDERS[blocks.chosen(reader, view, "order", tuple(ORDERS))]
    rendering.list_of(reader, view, "value", "customer_value", CUSTOMERS, sort=sort, where=where)


def _trust(reader: Reader, _: View) -> None:
    """How far the values can be believed."""
    st.header(reader.text("value.holdout"), help=reader.text("value.holdout_help"))
    held = _holdouts(reader)
    if held.num_rows:
        rendering.whole_table(reader, "model_holdout", HELD, held)
    else:
        st.info(reader.text("trust.too_young"), icon=":material/hourglass_empty:")
    st.header(reader.text("value.fits"), help=reader.text("value.fits_help"))
    for row in rendering.every(reader, "model_fits", sort="-part").to_pylist():
        known = {name: Decimal(f"{row[name]:.4g}") for name in PARAMETERS if row[name]}
        written = ", ".join(
            f"{_model_word(reader, name)} {reader.number(value)}" for name, value in known.items()
        )
        count = reader.whole(row["customer_count"])
        told = {"model": _model_word(reader, row["model"]), "parameters": written, "count": count}
        st.write(reader.text(f"fit.{row['part']}", **told))
        for sentence in filter(None, (row["fallback_reason"], row["warning"])):
            st.caption(reason(reader, sentence))


def _model_word(reader: Reader, name: str) -> str:
    """What a model or its parameter is called; most have one name in all languages."""
    return reader.texts.get(f"fit.{name}", name)


def _leaving(reader: Reader, _: View) -> None:
    """Whether the model of churn knows more than chance, and how it is off."""
    st.header(reader.text("leaving.title"), help=reader.text("leaving.help"))
    lines = rendering.every(reader, "churn_report").to_pylist()
    rows = {(line["measure"], line["item"]): line for line in lines}
    without = rows.get(("no_model", "model"))
    if without or not rows:
        st.info(reason(reader, without["verdict"]) if without else reader.text("domain.empty"))
        return
    told = {"_".join(key): reader.decimals(rows[key]["value"], DIGITS) for key in FIGURES}
    told["base_rate_model"] = reader.even_share(rows["base_rate", "model"]["value"])
    blocks.explained(reader, "leaving", told)
    said = VERDICTS.get(rows["auc", "model"]["verdict"] or "")
    if said:
        st.warning(reader.text(f"leaving.{said}"), icon=":material/help:")
    _calibration(reader, lines)
    _features(reader, lines)


def reason(reader: Reader, sentence: str) -> str:
    """What a model says of itself, in the reader's language."""
    for name, form in REASONS.items():
        if found := re.fullmatch(form, sentence):
            numbers = {key: reader.number(Decimal(text)) for key, text in found.groupdict().items()}
            return reader.text(f"reason.{name}", **numbers)
    return sentence


def _calibration(reader: Reader, rows: Sequence[Line]) -> None:
    """What was said and what came, tenth by tenth."""
    st.subheader(reader.text("leaving.calibration"), help=reader.text("leaving.calibration_help"))
    points = [
        Point(
            str(int(row["item"])),
            reader.text(f"leaving.{measure}"),
            row["value"],
            reader.even_share(row["value"]),
        )
        for measure in BINS
        for row in rows
        if row["measure"] == measure
    ]
    titles = (reader.text("leaving.tenth"), None)
    charts.lines(points, titles, reader.locale, axis=charts.percent_axis(reader.locale))


def _features(reader: Reader, rows: Sequence[Line]) -> None:
    st.subheader(reader.text("leaving.features"), help=reader.text("leaving.features_help"))
    alone = [row for row in rows if row["measure"] == "auc" and row["item"] != "model"]
    names = [reader.text(f"feature.{row['item']}") for row in alone]
    figures = [reader.decimals(row["value"], DIGITS) for row in alone]
    blocks.table({reader.text("leaving.feature"): names, reader.text("leaving.auc_alone"): figures})
