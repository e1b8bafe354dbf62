"""Churn on the page of values: whether the model knows more than chance, and how it is off."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import altair as alt
import streamlit as st

from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.tables.expectations import churn_report
from txplatform.serving.dashboard import blocks, charts
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
VERDICTS = {
    "no better than guessing": "guessing",
    "worse than the model of repeat buying": "worse",
}


def show(reader: Reader) -> None:
    """The part of the page."""
    st.header(reader.text("leaving.title"), help=reader.text("leaving.help"))
    lines = rendering.every(reader, "churn_report").to_pylist()
    rows = {(line["measure"], line["item"]): line for line in lines}
    without = rows.get(("no_model", "model"))
    if without or not rows:
        st.info(reason(reader, without["verdict"]) if without else reader.text("domain.empty"))
        return
    labels = {f"leaving.{'_'.join(key)}": rows[key]["value"] for key in FIGURES}
    rendering.beside_each_other(
        (reader.text(label), reader.number(round(value, 4)), reader.text(f"{label}_help"))
        for label, value in labels.items()
    )
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
    records = [
        {
            "tenth": row["item"],
            "value": float(row["value"]),
            "kind": reader.text(f"leaving.{row['measure']}"),
            "written": reader.share(round(row["value"], 3)),
        }
        for row in rows
        if row["measure"].startswith("bin_")
    ]
    chart = (
        alt.Chart(charts.data(records))
        .mark_line(point=alt.OverlayMarkDef(size=45, filled=True))
        .encode(
            alt.X("tenth:O", title=reader.text("leaving.tenth"), axis=alt.Axis(labelAngle=0)),
            alt.Y("value:Q", title=None, axis=charts.percent_axis(reader.locale)),
            alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(range=list(charts.PALETTE[:2])),
                legend=alt.Legend(orient="top"),
            ),
            alt.StrokeDash("kind:N", legend=None),
            tooltip=[alt.Tooltip("kind:N", title=" "), alt.Tooltip("written:N", title=" ")],
        )
        .properties(height=260)
    )
    charts.draw(chart, reader.locale)


def _features(reader: Reader, rows: Sequence[Line]) -> None:
    st.subheader(reader.text("leaving.features"), help=reader.help(churn_report.c.item))
    alone = [row for row in rows if row["measure"] == "auc" and row["item"] != "model"]
    names = [reader.text(f"feature.{row['item']}") for row in alone]
    figures = [reader.number(round(row["value"], 4)) for row in alone]
    blocks.table({reader.text("leaving.feature"): names, reader.text("leaving.auc_alone"): figures})
