"""Station health: capture, flags, drift, gaps, and what the last fetches said."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Value
from txplatform.domains.air_quality.pages.choosing import (
    Choice,
    Columns,
    amount,
    as_written,
    choose,
    hour,
    level_name,
    listed,
    name_of,
    reasons,
)
from txplatform.domains.air_quality.queries import health, status
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.rows import rows
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.freshness import PeriodState
from txplatform.ingestion.ledger import FAILED
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


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
    columns: Columns = {
        "choose.station": lambda each: each.name,
        "column.last_hour": lambda each: hour(reader, each.last_hour, _zone(stations, each)),
        "column.fetched_at": lambda each: hour(reader, each.at, _zone(stations, each)),
        "column.result": lambda each: reader.text(f"fetch.{each.status}"),
    }
    listed(reader, found, columns)
    for each in found:
        said = _said(reader, each.name, each._asdict(), each.figures)
        for sentence in filter(None, (said, _placed(reader, each))):
            st.caption(as_text(sentence))


def _said(
    reader: Reader, station: str, fetch: Mapping[str, Any], figures: Mapping[str, int]
) -> str:
    """What a fetch brought or why it brought nothing; of an old kind, as it was kept."""
    kind, status_ = fetch["kind"], fetch["status"]
    text = reader.texts.get(f"fetch_said.{kind or status_}")
    if text is None or (status_ == FAILED and not kind):
        return str(fetch["sentence"] or "")
    written = {name: reader.whole(count) for name, count in figures.items()}
    return text.format(station=station, **written)


def _placed(reader: Reader, fetch: status.Fetch) -> str:
    if fetch.km_away is None:
        return ""
    return reader.text("health.far", station=fetch.name, km=reader.whole(fetch.km_away))


def _zone(stations: Mapping[str, Station], fetch: status.Fetch) -> str:
    return stations[fetch.station_id].figures_zone


def _events(reader: Reader, choice: Choice) -> None:
    """What lasts and what is over, each with its figure."""
    st.header(reader.text("health.events"), help=reader.text("health.events_help"))
    found = health.events(reader.engine, choice.station.station_id, SHOWN)
    if not found:
        st.write(reader.text("health.no_event"))
        return
    zone, lasts = choice.station.figures_zone, reader.text("health.lasts")
    if any(each["kind"] == "moved" and each["ended_at"] is None for each in found):
        st.warning(reader.text("health.moved"), icon=":material/move_location:")
    columns: Columns = {
        "column.event": lambda each: reader.text(f"event.{each['kind']}"),
        "column.parameter": lambda each: (
            name_of(reader, each["parameter"]) if each["parameter"] else DASH
        ),
        "column.began": lambda each: hour(reader, each["began_at"], zone),
        "column.ended": lambda each: (
            hour(reader, each["ended_at"], zone) if each["ended_at"] else lasts
        ),
        "column.detail": lambda each: _detail(reader, each),
    }
    listed(reader, found, columns)


def _detail(reader: Reader, event: dict[str, Any]) -> str:
    """The figure of an event, in the words of the reader where it is a reason."""
    detail = str(event["detail"])
    if event["kind"] == "drift":
        return reasons(reader, detail)
    if event["kind"] == "moved":
        sign = "" if detail.startswith("-") else "+"
        return sign + amount(reader, Decimal(detail), 2, "t_ext")
    if event["kind"] == "capture":
        return f"{reader.number(Decimal(detail.removesuffix(' %')))} %"
    if event["kind"] == "exceedance":
        detail = _in_words(reader, detail)
    return as_written(detail) or DASH


def _in_words(reader: Reader, detail: str) -> str:
    """Names of sets of levels in the reader's language; the longest first, which hold others."""
    names = {level.name: level.code for level in basis_of(reader.platform).levels}
    for name in sorted(names, key=len, reverse=True):
        detail = detail.replace(name, level_name(reader, names[name], name))
    return detail


def _gaps(reader: Reader, choice: Choice) -> None:
    """Where the station sent nothing at all."""
    st.header(reader.text("health.gaps"), help=reader.text("health.gaps_help"))
    found = health.gaps(reader.engine, choice.wanted)
    if not found:
        st.write(reader.text("health.no_gap"))
        return
    zone = choice.station.figures_zone
    columns: Columns = {
        "column.began": lambda each: hour(reader, each.begin, zone),
        "column.ended": lambda each: hour(reader, each.end, zone),
        "column.hours": lambda each: reader.whole(each.hours),
    }
    listed(reader, found, columns)


def _own_fetches(reader: Reader, choice: Choice) -> None:
    """The newest fetches of the station with their books."""
    name = as_text(choice.station.name)
    st.header(reader.text("health.own_fetches", station=name), help=reader.text("health.books"))
    found = health.fetches(reader.platform.database, choice.station.station_id, SHOWN)
    zone = choice.station.figures_zone
    counts = {
        f"fetch.{count}": lambda each, count=count: reader.whole(each[count])
        for count in status.BOOKS
    }
    columns: Columns = {
        "column.asked_at": lambda each: hour(reader, each["started_at"], zone),
        "column.result": lambda each: reader.text(f"fetch.{each['status']}"),
        **counts,
    }
    listed(reader, found, columns)
    failed = (each for each in found if each["status"] == FAILED)
    why = (_said(reader, choice.station.name, each, status.figures_of(each)) for each in failed)
    for sentence in dict.fromkeys(why):
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
    columns: Columns = {
        "column.parameter": lambda name: name_of(reader, name),
        "health.valid_hours": lambda name: reader.whole(hours[name]),
        "health.suspect_days": lambda name: reader.whole(suspect[name]),
        **{f"flag.{flag}": _count_of(reader, flags, flag) for flag in known},
    }
    listed(reader, names, columns)


def _count_of(reader: Reader, flags: Mapping[str, Counter[str]], flag: str) -> Callable[[str], str]:
    return lambda name: reader.whole(flags[name][flag])


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
