"""Now: each station's last hour, its index, the next hours, and what cannot be believed."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from txplatform.domains.air_quality.pages.choosing import (
    Columns,
    amount,
    hour,
    listed,
    name_of,
    reasons,
    tell_zone,
    yes_or_no,
)
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.now import Now, now
from txplatform.domains.air_quality.transforms.aqi import Category, category_of
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


def show(reader: Reader, _: View) -> None:
    """The page."""
    st.title(reader.text("now.title"))
    for found in now(reader.engine, basis_of(reader.platform).stations.values()):
        _station(reader, found)


def _station(reader: Reader, found: Now) -> None:
    station = found.station
    st.header(f"{as_text(station.name)}, {as_text(station.place)}")
    tell_zone(reader, station)
    if found.last_hour is None:
        st.info(reader.text("state.nothing"), icon=":material/inbox:")
        return
    if found.is_silent:
        since = hour(reader, found.last_hour, station.figures_zone)
        st.warning(reader.text("now.silent", since=since), icon=":material/sensors_off:")
    for move in found.moves:
        day = reader.day(move.astimezone(ZoneInfo(station.figures_zone)).date())
        st.warning(reader.text("now.moved", day=day), icon=":material/move_location:")
    _figures(reader, found)
    for each in found.suspicions:
        name = name_of(reader, each.parameter)
        why = reasons(reader, each.reason)
        st.warning(
            reader.text("now.suspect", parameter=as_text(name), reason=why),
            icon=":material/warning:",
        )
    _readings(reader, found)


def _figures(reader: Reader, found: Now) -> None:
    place, *others = st.columns(3)
    if worst := found.worst:
        index = worst.nowcast_aqi or 0
        category = category_of(index)
        place.metric(
            reader.text("now.index"),
            str(index),
            help=reader.text("now.index_help", parameter=name_of(reader, worst.parameter)),
        )
        place.markdown(f"{swatch(category)} {reader.text(f'aqi.{category.code}')}")
    ahead = [each for each in found.forecasts if each["parameter"] == "pm25"]
    for column, each in zip(others, ahead, strict=False):
        _next_hour(reader, found, column, each)


def swatch(category: Category) -> str:
    """A square in EPA's colour; the word stands beside it."""
    colour = category.colour
    return f':color[■]{{foreground="{colour}" background="{colour}"}}'


def _next_hour(reader: Reader, found: Now, column: Any, each: dict[str, Any]) -> None:
    at: datetime = each["hour_start"]
    low, high = (amount(reader, each[end]) for end in ("low", "high"))
    kind = "now.persistence_help" if each["is_persistence"] else "now.model_help"
    column.metric(
        reader.text("now.next", hour=hour(reader, at, found.station.figures_zone)),
        amount(reader, each["value"], of="pm25"),
        reader.text("now.interval", low=low, high=high),
        delta_color="off",
        delta_arrow="off",
        help=reader.text(
            kind,
            n=reader.whole(each["n_scored"]),
            rmse=amount(reader, each["rmse"], 2),
            persistence=amount(reader, each["persistence_rmse"], 2),
            coverage=amount(reader, each["coverage_pct"], 1),
        ),
    )


def _readings(reader: Reader, found: Now) -> None:
    zone, suspects = found.station.figures_zone, {each.parameter for each in found.suspicions}
    columns: Columns = {
        "column.parameter": lambda each: name_of(reader, each.parameter),
        "column.hour": lambda each: hour(reader, each.hour_start, zone),
        "column.value": lambda each: amount(reader, Decimal(each.value), 2),
        "column.flags": lambda each: _flags(reader, each.flags),
        "column.believed": lambda each: yes_or_no(reader, each.parameter not in suspects),
    }
    listed(reader, found.readings, columns)


def _flags(reader: Reader, flags: list[str]) -> str:
    return ", ".join(reader.text(f"flag.{flag}") for flag in flags)
