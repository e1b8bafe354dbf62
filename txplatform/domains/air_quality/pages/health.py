"""Station health: capture, flags, drift, gaps, and what the last fetches said."""

import json
from collections import Counter
from typing import Any

import streamlit as st

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Value
from txplatform.domains.air_quality.pages.choosing import Choice, choose, hour, name_of
from txplatform.domains.air_quality.queries import status
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.rows import rows
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.dashboard.view import View


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("health.title"))
    _fetches(reader)
    choice = choose(reader, view)
    if choice is None:
        return
    everything = choice.wanted._replace(parameters=None)
    days = rows(reader.engine, "daily", everything).to_pylist()
    _capture(reader, choice, days)
    _parameters(reader, days)
    _states(reader, choice)


def _fetches(reader: Reader) -> None:
    st.header(reader.text("health.fetches"), help=reader.text("health.fetches_help"))
    stations = basis_of(reader.platform).stations
    found = status.last_fetches(reader.platform.database, stations.values())
    blocks.table(
        {
            reader.text("choose.station"): [each.name for each in found],
            reader.text("column.last_hour"): [
                hour(reader, each.last_hour, stations[each.station_id].figures_zone)
                for each in found
            ],
            reader.text("column.fetched_at"): [reader.instant(each.at) for each in found],
            reader.text("column.result"): [reader.text(f"fetch.{each.status}") for each in found],
        }
    )
    for each in found:
        for sentence in filter(None, (each.sentence, each.warning)):
            st.caption(as_text(sentence))


def _capture(reader: Reader, choice: Choice, days: list[dict[str, Any]]) -> None:
    st.header(reader.text("health.capture"), help=reader.text("health.capture_help"))
    shown = [row for row in days if row["parameter"] == choice.parameter]
    name = name_of(reader, choice.parameter)
    values = [
        Value(
            row["local_date"].isoformat(),
            name,
            row["capture_pct"],
            f"{reader.number(row['capture_pct'])} %",
        )
        for row in shown
    ]
    draw(
        charts.lines(values, (reader.text("column.day"), reader.text("column.capture"))),
        reader.locale,
    )


def _parameters(reader: Reader, days: list[dict[str, Any]]) -> None:
    """Per parameter, hours that count, hours per flag and suspect days."""
    st.header(reader.text("health.flags"), help=reader.text("health.flags_help"))
    names = list(dict.fromkeys(row["parameter"] for row in days))
    flags: dict[str, Counter[str]] = {name: Counter() for name in names}
    hours: Counter[str] = Counter()
    suspect: Counter[str] = Counter()
    for row in days:
        flags[row["parameter"]].update(json.loads(row["n_flagged"]))
        hours[row["parameter"]] += row["n_hours"]
        suspect[row["parameter"]] += row["is_suspect"]
    known = [flag for flag in FLAGS if any(flag in counts for counts in flags.values())]
    blocks.table(
        {
            reader.text("column.parameter"): [name_of(reader, name) for name in names],
            reader.text("health.valid_hours"): [reader.whole(hours[name]) for name in names],
            reader.text("health.suspect_days"): [reader.whole(suspect[name]) for name in names],
            **{
                reader.text(f"flag.{flag}"): [reader.whole(flags[name][flag]) for name in names]
                for flag in known
            },
        }
    )


def _states(reader: Reader, choice: Choice) -> None:
    st.header(reader.text("health.days"), help=reader.text("health.days_help"))
    states = status.day_states(reader.engine, basis_of(reader.platform).rules.version)
    counts = Counter(each.state for each in states if each.station_id == choice.station.station_id)
    for place, state in zip(
        st.columns(3), (status.FRESH, status.STALE, status.MISSING), strict=True
    ):
        place.metric(reader.text(f"health.{state}"), reader.whole(counts[state]))


FLAGS = (
    *("RANGE", "NEGATIVE", "CLAMPED", "FLAT", "PM_ORDER", "PARTIAL"),
    *("DUPLICATE", "SPIKE", "HUMID", "GAP"),
)
