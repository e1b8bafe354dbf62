"""Days: the calendar of a parameter, the days above levels, and the hours of the last week."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Day, Value
from txplatform.domains.air_quality.pages.choosing import (
    Choice,
    Columns,
    amount,
    cell_name,
    choose,
    hour,
    level_name,
    listed,
    name_of,
    reasons,
    unit_of,
    yes_or_no,
)
from txplatform.domains.air_quality.queries import analyses
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.rows import rows
from txplatform.domains.air_quality.rules import Level
from txplatform.domains.air_quality.transforms.aqi import CATEGORIES, category_of
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

WEEK = timedelta(days=6)


def show(reader: Reader, view: View) -> None:
    """The page."""
    st.title(reader.text("days.title"))
    choice = choose(reader, view)
    if choice is None:
        return
    days = rows(reader.engine, "daily", choice.wanted).to_pylist()
    _headline(reader, choice)
    _calendar(reader, choice, days)
    _levels(reader, choice)
    _days_above(reader, choice)
    _years(reader, choice)
    _hours(reader, choice)
    blocks.export_buttons(
        reader, "air_hourly", len(days) * 24, partial(rows, reader.engine, "hourly", choice.wanted)
    )


def _headline(reader: Reader, choice: Choice) -> None:
    zone, rules = choice.station.figures_zone, basis_of(reader.platform).rules
    found = analyses.believed_hours(reader.engine, choice.station.station_id, zone, choice.wanted)
    summary = analyses.headline(found, rules)
    with st.container(horizontal=True):
        for key in ("mean", "p99", "maximum"):
            value = amount(reader, getattr(summary, key), 4, choice.parameter)
            st.metric(reader.text(f"days.{key}"), value, width="content")
        st.metric(
            reader.text("days.valid"),
            f"{reader.whole(summary.n_valid)} / {reader.whole(summary.n_days)}",
            help=reader.text("days.valid_help"),
            width="content",
        )


def _calendar(reader: Reader, choice: Choice, days: list[dict[str, Any]]) -> None:
    st.header(reader.text("days.calendar"), help=reader.text("days.calendar_help"))
    invalid = reader.text("days.invalid")
    shown = [_day(reader, choice, each, invalid) for each in days]
    known = {each.category for each in shown}
    words = [reader.text(f"aqi.{each.code}") for each in CATEGORIES]
    steps = words if choice.parameter in {"pm25", "pm10"} else [reader.text("days.valid_day")]
    titles = (reader.text("column.week"), reader.text("column.weekday"))
    if known:
        weekdays = [cell_name(reader, "weekday", at) for at in range(1, 8)]
        draw(charts.calendar(shown, [*steps, invalid], titles, weekdays), reader.locale)


def _day(reader: Reader, choice: Choice, row: dict[str, Any], invalid: str) -> Day:
    mean, index, said = row["mean"], row["aqi"], {"n": row["n_hours"], "of": row["n_expected"]}
    if row["local_date"] >= datetime.now(ZoneInfo(choice.station.figures_zone)).date():
        return Day(row["local_date"], invalid, reader.text("days.running", **said), False)
    if row["is_suspect"]:
        return Day(row["local_date"], invalid, reasons(reader, row["suspicion"]), False)
    if mean is None:
        return Day(row["local_date"], invalid, reader.text("days.hours", **said), False)
    word = f"aqi.{category_of(index).code}" if index is not None else "days.valid_day"
    written = amount(reader, mean, 4, choice.parameter)
    return Day(row["local_date"], reader.text(word), written, True)


def _levels(reader: Reader, choice: Choice) -> None:
    st.header(reader.text("days.levels"), help=reader.text("days.levels_help"))
    basis = basis_of(reader.platform)
    levels = tuple(level for level in basis.levels if level.parameter == choice.parameter)
    found = analyses.counts_above(reader.engine, choice.station.station_id, levels, choice.wanted)
    if not found:
        st.write(reader.text("days.no_level"))
        return
    columns: Columns = {
        "column.level_set": lambda each: level_name(reader, each.level.code, each.level.name),
        "column.since": lambda each: _since(reader, each.level),
        "column.compared": lambda each: reader.text(f"compared.{each.level.mean}"),
        "column.level": lambda each: _level(reader, each.level),
        "column.n_above": lambda each: reader.whole(each.n_above),
        "column.n_suspect": lambda each: reader.whole(each.n_suspect),
        "column.n_valid": lambda each: reader.whole(each.n_valid),
        "column.allowed": lambda each: _allowed(reader, each.level),
    }
    listed(reader, found, columns)
    if any(each.level.is_law for each in found):
        st.caption(reader.text("days.for_comparison"))


def _days_above(reader: Reader, choice: Choice) -> None:
    """The days themselves, each with the levels that it lies above."""
    found = rows(reader.engine, "exceedances", choice.wanted).to_pylist()
    above: dict[date, list[str]] = {}
    for row in found:
        above.setdefault(row["local_date"], []).append(reader.number(row["level"].normalize()))
    if above:
        with st.expander(reader.text("days.which", n=reader.whole(len(above)))):
            columns: Columns = {
                "column.day": lambda each: reader.day(each[0]),
                "days.above": lambda each: ", ".join(dict.fromkeys(each[1])),
            }
            listed(reader, above.items(), columns)


def _years(reader: Reader, choice: Choice) -> None:
    """Calendar years against the levels of years; whole years, whatever period is chosen."""
    basis, station = basis_of(reader.platform), choice.station
    levels = [level for level in basis.levels if level.parameter == choice.parameter]
    whole = choice.wanted._replace(first=None, last=None)
    hours = analyses.believed_hours(reader.engine, station.station_id, station.figures_zone, whole)
    found = analyses.year_levels(hours, basis.rules, levels)
    if not found:
        return
    st.header(reader.text("days.years"), help=reader.text("days.years_help"))
    columns: Columns = {
        "column.level_set": lambda each: level_name(reader, each.level.code, each.level.name),
        "column.since": lambda each: _since(reader, each.level),
        "column.level": lambda each: _level(reader, each.level),
        "column.year": lambda each: str(each.year),
        "patterns.mean": lambda each: amount(reader, each.mean, 4, choice.parameter),
        "column.is_above": lambda each: yes_or_no(reader, each.is_above),
        "column.may_state": lambda each: yes_or_no(reader, each.may_state),
    }
    listed(reader, found, columns)


def _level(reader: Reader, level: Level) -> str:
    return f"{reader.number(level.level)} {unit_of(level.parameter)}"


def _since(reader: Reader, level: Level) -> str:
    since = reader.day(level.since)
    return f"{since} {DASH} {reader.day(level.until)}" if level.until else since


def _allowed(reader: Reader, level: Level) -> str:
    if level.percentile is not None:
        return reader.text("days.p99")
    return reader.whole(level.allowed)


def _hours(reader: Reader, choice: Choice) -> None:
    st.header(reader.text("days.week"), help=reader.text("days.week_help"))
    wanted = choice.wanted._replace(first=choice.last - WEEK)
    zone = choice.station.figures_zone
    name = name_of(reader, choice.parameter)
    values = [
        Value(
            hour(reader, row["hour_start"], zone),
            name,
            row["value"] if row["is_valid"] else None,
            amount(reader, row["value"], 2, choice.parameter),
        )
        for row in rows(reader.engine, "hourly", wanted).to_pylist()
    ]
    draw(charts.lines(values, (reader.text("column.hour"), name)), reader.locale)
