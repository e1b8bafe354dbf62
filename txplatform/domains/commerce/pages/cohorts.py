"""Cohorts: who comes back, by the month of the first order; and who is still active."""

from decimal import Decimal
from typing import Any

import streamlit as st

from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.grids import Cell, grid
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

KNOWN = ("customer_count", "repeat_rate")
STATUS = ("active_count", "at_risk_count", "inactive_count", "churned_count")
SHARES = tuple(f"share_{days}_days" for days in (30, 60, 90, 180, 365))
MEASURES = ("retention", "rolling_retention", "gross_amount")
CELLS = ("cohort", "age", "size", "active", "retention", "rolling_active", "rolling_retention",
         "order_count", "gross_amount", "is_complete")  # fmt: skip
THOUSAND, ROOM = 1_000, 10_000
"""A cell has room for four digits: sales of more are told in thousands."""

TOTALS = ("cohort", "size", "order_count", "gross_amount", "amount_per_customer")


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.header(reader.text("cohorts.status"), help=reader.text("cohorts.status_help"))
    summary = lists.only(reader.platform.database, "activity_summary")
    for columns in (KNOWN, STATUS, SHARES):
        rendering.figures(reader, "activity_summary", summary, columns)
    st.header(reader.text("cohorts.triangle"), help=reader.text("cohorts.triangle_help"))
    _triangle(reader, blocks.chosen(reader, view, "cohorts_measure", MEASURES))
    with st.expander(reader.text("shown.as_table")):
        rendering.list_of(reader, view, "cohorts", "cohorts", CELLS, sort="cohort")
    st.header(reader.text("cohorts.totals"), help=reader.text("cohorts.totals_help"))
    rendering.whole_table(reader, "cohort_totals", TOTALS)


def _triangle(reader: Reader, measure: str) -> None:
    """Cohorts by their ages; what has not begun is blank, what is not over is pale."""
    rows = rendering.every(reader, "cohorts")
    most = max((amount for amount in rows["gross_amount"].to_pylist() if amount), default=0)
    unit = THOUSAND if most >= ROOM else 1
    cells = [_cell(reader, measure, row, unit) for row in rows.to_pylist()]
    titles = (reader.text("column.cohort"), reader.text("column.age"))
    draw(grid(cells, (*titles, reader.text(f"cohorts_measure.{measure}"))), reader.locale)
    if measure == "gross_amount":
        told = reader.in_currency(reader.text("cohorts.thousands" if unit > 1 else "cohorts.units"))
    else:
        told = reader.text("cohorts.share")
    st.caption(reader.text("cohorts.pale", unit=told))


def _cell(reader: Reader, measure: str, row: dict[str, Any], unit: int) -> Cell:
    value: Decimal | None = row[measure]
    cohort = f"{rendering.month(reader, row['cohort'])} ({reader.whole(row['size'])})"
    if value is None:
        return Cell(cohort, str(row["age"]), None, "", "")
    if measure == "gross_amount":
        text, short = reader.money(value), reader.whole(round(value / unit))
    else:
        text, short = reader.share(value), reader.whole(round(value * 100))
    return Cell(cohort, str(row["age"]), value, text, short, bool(row["is_complete"]))
