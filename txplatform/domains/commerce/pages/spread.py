"""How amounts are spread: quantiles, bins, and how much the largest hold."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from txplatform.domains.commerce.pages import charts, rendering
from txplatform.domains.commerce.pages.charts import Span
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import Point, draw
from txplatform.serving.dashboard.reader import Reader

BINS = 20
CONCENTRATION = ("n", "net_amount", "gini", "pareto_k", "pareto_share", "top_10_share",
                 "top_20_share", "negative_count")  # fmt: skip
FIVE = ("q05", "q25", "q50", "q75", "q95")
QUANTILES = ("q01", "q05", "q25", "q50", "q75", "q90", "q95", "q99")


def concentration(reader: Reader, dimension: str) -> None:
    """How much of the net amount the largest hold."""
    st.header(reader.text("spread.concentration"), help=reader.text("spread.concentration_help"))
    rows = rendering.every(reader, "concentration")
    (row,) = (row for row in rows.to_pylist() if row["dimension"] == dimension)
    for part in (CONCENTRATION[:4], CONCENTRATION[4:]):
        rendering.figures(reader, "concentration", row, part)
    if row["gini"] is not None:
        st.write(
            reader.text(
                "spread.pareto",
                k=reader.whole(row["pareto_k"]),
                n=reader.whole(row["n"]),
                share=reader.even_share(row["pareto_share"]),
            )
        )
    columns = ("dimension", "n", "gini", "pareto_k", "pareto_share", "top_10_share")
    rendering.whole_table(reader, "concentration", columns, rows)


def distribution(reader: Reader, *measures: str) -> None:
    """Box and histogram of amounts."""
    rows = rendering.every(reader, "amount_distribution")
    found = [row for row in rows.to_pylist() if row["measure"] in measures and row["n"]]
    st.header(reader.text("spread.boxes"), help=reader.text("spread.boxes_help"))
    amount = reader.in_currency(reader.text("column.amount"))
    values = [_span(reader, row) for row in found]
    draw(charts.spans(values, amount, headings(reader, FIVE)), reader.locale)
    for row in found:
        title = reader.text(f"measure.{row['measure']}")
        st.subheader(title, help=reader.text("spread.bins_help"))
        bins = _bins(reader, row)
        heights = charts.steep([one.value for one in bins])
        drawn = rendering.bars(reader, bins, amount, title, **heights)
        draw(drawn, reader.locale)
    columns = ("measure", "n", "mean", "minimum", *QUANTILES, "maximum")
    rendering.table(reader, "amount_distribution", rows, columns)
    blocks.export_buttons(reader, "amount_distribution", rows.num_rows, lambda: rows)


def headings(reader: Reader, columns: Sequence[str]) -> str:
    """What amounts that stand beside each other in a text are: 5% / Median / 95% (EUR)."""
    return reader.in_currency(" / ".join(reader.text(f"column.{name}") for name in columns))


def _span(reader: Reader, row: dict[str, Any]) -> Span:
    middle = " / ".join(reader.amount(row[name]) for name in FIVE)
    name = reader.text(f"measure.{row['measure']}")
    half = (row["q25"], row["q75"])
    return Span(name, row["q05"], row["q50"], row["q95"], middle, half)


def _bins(reader: Reader, row: dict[str, Any]) -> list[Point]:
    """How many fall into each of the bins of equal width, by where each begins."""
    width = (row["maximum"] - row["minimum"]) / BINS
    bins = []
    for place in range(BINS):
        count = row[f"bin_{place + 1:02}"]
        begin = row["minimum"] + place * width
        bins.append(Point(reader.whole(round(begin)), "", Decimal(count), reader.whole(count)))
    return bins
