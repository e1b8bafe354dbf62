"""Compare: two stations on the hours that are believed at both."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Value
from txplatform.domains.air_quality.pages.choosing import (
    Choice,
    amount,
    choose,
    name_of,
    station_box,
)
from txplatform.domains.air_quality.queries import analyses
from txplatform.domains.air_quality.queries.rows import rows
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

FIGURES = ("first_mean", "second_mean", "bias", "correlation", "rmse")


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("compare.title"))
    choice = choose(reader, view)
    with st.sidebar:
        other = station_box(reader, view, "other", "choose.other", position=1)
    if choice is None:
        return
    _figures(reader, choice, other)
    _days(reader, choice, other)


def _figures(reader: Reader, choice: Choice, other: Station) -> None:
    sides = [
        analyses.believed_hours(reader.engine, each.station_id, each.figures_zone, choice.wanted)
        for each in (choice.station, other)
    ]
    found = analyses.comparison(sides[0], sides[1])
    st.metric(reader.text("compare.n"), reader.whole(found.n), help=reader.text("compare.n_help"))
    names = {"first_mean": choice.station.name, "second_mean": other.name}
    with st.container(horizontal=True):
        for key in FIGURES:
            label = reader.text(f"compare.{key}", station=names.get(key, ""))
            st.metric(label, _written(reader, choice, key, getattr(found, key)), width="content")


def _written(reader: Reader, choice: Choice, figure: str, value: Decimal | None) -> str:
    """A correlation has no unit."""
    if figure == "correlation":
        return amount(reader, value, 4)
    return amount(reader, value, 4, choice.parameter)


def believed_mean(day: Mapping[str, Any]) -> Decimal | None:
    """The mean of a day; None where there are too few hours, or the sensor is suspect."""
    return None if day["is_suspect"] else day["mean"]


def _days(reader: Reader, choice: Choice, other: Station) -> None:
    st.header(reader.text("compare.days"), help=reader.text("compare.days_help"))
    values = [
        Value(row["local_date"].isoformat(), station.name, mean, amount(reader, mean))
        for station in (choice.station, other)
        for row in rows(
            reader.engine, "daily", choice.wanted._replace(station_id=station.station_id)
        ).to_pylist()
        for mean in [believed_mean(row)]
    ]
    values.sort(key=lambda value: value.at)
    titles = (reader.text("column.day"), name_of(reader, choice.parameter))
    draw(charts.lines(values, titles, (choice.station.name, other.name)), reader.locale)
