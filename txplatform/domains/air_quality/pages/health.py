"""Station health: capture, flags, drift, gaps, and what the last fetches said."""

import json
from collections import Counter
from typing import Any

import streamlit as st

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Value
from txplatform.domains.air_quality.pages.choosing import (
    Choice,
    as_written,
    choose,
    hour,
    name_of,
    reasons,
)
from txplatform.domains.air_quality.queries import health, status
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.rows import rows
from txplatform.freshness import PeriodState
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.formats import DASH, as_text
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
    _events(reader, choice)
    _capture(reader, choice, days)
    _parameters(reader, days)
    _gaps(reader, choice)
    _own_fetches(reader, choice)
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


def _events(reader: Reader, choice: Choice) -> None:
    """What lasts and what is over, each with its figure."""
    st.header(reader.text("health.events"), help=reader.text("health.events_help"))
    found = health.events(reader.engine, choice.station.station_id, SHOWN)
    if not found:
        st.write(reader.text("health.no_event"))
        return
    zone = choice.station.figures_zone
    if any(each["kind"] == "moved" and each["ended_at"] is None for each in found):
        st.warning(reader.text("health.moved"), icon=":material/move_location:")
    ends = [
        hour(reader, each["ended_at"], zone) if each["ended_at"] else reader.text("health.lasts")
        for each in found
    ]
    blocks.table(
        {
            reader.text("column.event"): [reader.text(f"event.{each['kind']}") for each in found],
            reader.text("column.parameter"): [
                name_of(reader, each["parameter"]) if each["parameter"] else DASH for each in found
            ],
            reader.text("column.began"): [hour(reader, each["began_at"], zone) for each in found],
            reader.text("column.ended"): ends,
            reader.text("column.detail"): [_detail(reader, each) for each in found],
        }
    )


def _detail(reader: Reader, event: dict[str, Any]) -> str:
    """The figure of an event, in the words of the reader where it is a reason."""
    detail = str(event["detail"])
    if event["kind"] == "drift":
        return reasons(reader, detail)
    unit = " °C" if event["kind"] == "moved" else ""
    return f"{as_written(detail)}{unit}" or DASH


def _gaps(reader: Reader, choice: Choice) -> None:
    """Where the station sent nothing at all."""
    st.header(reader.text("health.gaps"), help=reader.text("health.gaps_help"))
    found = health.gaps(reader.engine, choice.wanted)
    if not found:
        st.write(reader.text("health.no_gap"))
        return
    zone = choice.station.figures_zone
    blocks.table(
        {
            reader.text("choose.station"): [choice.station.name] * len(found),
            reader.text("column.began"): [hour(reader, each.begin, zone) for each in found],
            reader.text("column.ended"): [hour(reader, each.end, zone) for each in found],
            reader.text("column.hours"): [reader.whole(each.hours) for each in found],
        }
    )


def _own_fetches(reader: Reader, choice: Choice) -> None:
    """The newest fetches of the station with their books."""
    name = as_text(choice.station.name)
    st.header(reader.text("health.own_fetches", station=name), help=reader.text("health.books"))
    found = health.fetches(reader.platform.database, choice.station.station_id, SHOWN)
    counts = {
        reader.text(f"fetch.{name}"): [reader.whole(each[name]) for each in found]
        for name in ("records", "new", "changed", "unchanged", "refused")
    }
    blocks.table(
        {
            reader.text("column.fetched_at"): [
                reader.instant(each["started_at"]) for each in found
            ],
            reader.text("column.result"): [
                reader.text(f"fetch.{each['status']}") for each in found
            ],
            **counts,
        }
    )


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
    states = status.day_states(reader.engine, basis_of(reader.platform))
    counts = Counter(each.state for each in states if each.station_id == choice.station.station_id)
    for place, state in zip(st.columns(3), PeriodState, strict=True):
        place.metric(reader.text(f"health.{state}"), reader.whole(counts[state]))


SHOWN = 20
"""Events, and fetches, that are listed."""

FLAGS = (
    *("RANGE", "NEGATIVE", "CLAMPED", "FLAT", "PM_ORDER", "PARTIAL"),
    *("DUPLICATE", "SPIKE", "HUMID", "GAP"),
)
