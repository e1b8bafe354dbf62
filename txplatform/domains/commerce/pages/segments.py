"""Segments: customers by how lately, how often and for how much they bought."""

from decimal import Decimal
from textwrap import wrap

import pyarrow.compute as pc
import streamlit as st

from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.grids import Cell, grid
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

SEGMENTS = ("Champions", "Loyal", "Potential loyalist", "New", "Promising", "Need attention",
            "About to sleep", "At risk", "Can't lose", "Hibernating")  # fmt: skip
WORTH = (*SEGMENTS, "Prospect")
SCORES = (1, 2, 3, 4, 5)
WIDEST = 12
"""Letters that fit into a cell beside each other where the window is narrow."""

SUMMARY = ("segment", "customer_count", "mean_recency_days", "mean_frequency", "mean_monetary",
           "monetary")  # fmt: skip
COLUMNS = ("customer_id", "segment", "recency_days", "frequency", "monetary", "r_score", "f_score",
           "m_score")  # fmt: skip


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.header(reader.text("segments.scores"), help=reader.text("segments.scores_help"))
    _scores(reader)
    st.header(reader.text("segments.sizes"), help=reader.text("segments.sizes_help"))
    found = rendering.every(reader, "rfm_segments")
    places = [WORTH.index(name) for name in found["segment"].to_pylist()]
    rendering.whole_table(
        reader, "rfm_segments", SUMMARY, found.take(pc.array_sort_indices(places))
    )
    st.header(reader.text("segments.customers"))
    _customers(reader, view)


def _scores(reader: Reader) -> None:
    """How many customers each pair of scores has, the latest buyers on top."""
    counts = lists.counts(reader.platform.database, "rfm", "r_score", "f_score", "segment")
    named = {(r, f): (count, segment) for (r, f, segment), count in counts.items()}
    cells = []
    for recency in reversed(SCORES):
        for frequency in SCORES:
            count, segment = named.get((recency, frequency), (0, ""))
            word = reader.texts.get(f"segment.{segment}", "")
            number = reader.whole(count)
            short = "\n".join([number, *wrap(word, WIDEST)])
            text = f"{number} {word}".strip()
            cells.append(Cell(str(recency), str(frequency), Decimal(count), text, short))
    titles = [reader.text(f"column.{name}") for name in ("r_score", "f_score", "customer_count")]
    draw(grid(cells, titles), reader.locale)


def _customers(reader: Reader, view: View) -> None:
    chosen = view.choice(
        "segment",
        reader.text("column.segment"),
        ["", *SEGMENTS],
        "",
        str,
        lambda one: reader.text(f"segment.{one}") if one else reader.text("segments.every"),
    )
    where = {"segment": chosen} if chosen else {}
    rendering.list_of(reader, view, "segments", "rfm", COLUMNS, sort="-monetary", where=where)
