"""Patterns: by hour, weekday and month, years, and the slope with what it may be called."""

import streamlit as st

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Band
from txplatform.domains.air_quality.pages.choosing import (
    Columns,
    amount,
    cell_name,
    choose,
    listed,
    name_of,
    yes_or_no,
)
from txplatform.domains.air_quality.queries import analyses
from txplatform.domains.air_quality.queries.analyses import Believed
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.transforms.patterns import Cell
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("patterns.title"))
    choice = choose(reader, view)
    if choice is None:
        return
    zone = choice.station.figures_zone
    found = analyses.believed_hours(reader.engine, choice.station.station_id, zone, choice.wanted)
    st.caption(reader.text("patterns.n", n=reader.whole(int(found.believed.sum()))))
    cells = analyses.profile(found)
    for by in ("hour", "weekday", "month"):
        _profile(reader, choice.parameter, by, [cell for cell in cells if cell.by == by])
    _years(reader, found)
    _trend(reader, found)


def _profile(reader: Reader, parameter: str, by: str, cells: list[Cell]) -> None:
    st.header(reader.text(f"patterns.{by}"), help=reader.text("patterns.cell_help"))
    shown = [
        Band(
            cell_name(reader, by, cell.at),
            cell.mean,
            cell.p10,
            cell.p90,
            amount(reader, cell.mean, 4, parameter),
        )
        for cell in cells
    ]
    titles = (reader.text(f"column.{by}"), name_of(reader, parameter))
    draw(charts.bands(shown, titles), reader.locale)
    with st.expander(reader.text("patterns.as_table")):
        values = {
            f"patterns.{name}": lambda cell, name=name: amount(reader, getattr(cell, name), 4)
            for name in ("mean", "median", "p10", "p90")
        }
        at = {f"column.{by}": lambda cell: cell_name(reader, by, cell.at)}
        listed(reader, cells, {**at, "column.n": lambda cell: reader.whole(cell.n), **values})


def _years(reader: Reader, found: Believed) -> None:
    st.header(reader.text("patterns.years"), help=reader.text("patterns.years_help"))
    years = analyses.years(found, basis_of(reader.platform).rules)
    columns: Columns = {
        "column.year": lambda each: str(each.year),
        "patterns.mean": lambda each: amount(reader, each.mean, 4, found.parameter),
        "column.capture": lambda each: f"{reader.number(each.capture_pct)} %",
        "column.may_state": lambda each: yes_or_no(reader, each.may_state),
    }
    listed(reader, years, columns)


def _trend(reader: Reader, found: Believed) -> None:
    trend = analyses.trend(found, basis_of(reader.platform).rules)
    st.header(reader.text(f"trend.{trend.kind}"), help=reader.text("trend.help"))
    if trend.per_year is None:
        st.write(reader.text("trend.none"))
        return
    interval = ""
    if trend.low is not None:
        interval = reader.text(
            "now.interval", low=amount(reader, trend.low, 4), high=amount(reader, trend.high, 4)
        )
    st.metric(
        reader.text("trend.per_year"),
        amount(reader, trend.per_year, 4, found.parameter),
        interval or None,
        delta_color="off",
        delta_arrow="off",
    )
    st.caption(reader.text("trend.n", n=reader.whole(trend.n)))
