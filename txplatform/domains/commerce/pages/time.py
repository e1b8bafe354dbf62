"""Time: sales by day, week, month and hour, how they grow, and what their season is."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce.pages import charts, rendering
from txplatform.domains.commerce.queries import lists
from txplatform.serving.dashboard import blocks, formats
from txplatform.serving.dashboard.charts import Point, draw, lines
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

MEASURES = ("order_count", "customer_count", "quantity", "gross_amount", "refund_amount",
            "net_amount", "average_order")  # fmt: skip
PERIODS = {
    "month": ("sales_month", "month"),
    "week": ("sales_week", "week_start"),
    "day": ("sales_day", "day"),
    "hour": ("sales_hour", "hour"),
}
GROWTH = ("compound_monthly_pct", "compound_annual_pct", "last_growth_pct", "last_yoy_pct")
TREND = ("month", "net_amount", "trend", "season", "remainder")
SEASONS = ("weekday", "hour", "month")
KINDS = ("dimension", "value", "net_amount", "day_count", "index")
AVERAGE = 1.0


def show(reader: Reader, view: View) -> None:
    """The page."""
    part = blocks.chosen(reader, view, "time_part", (*PERIODS, "growth", "season"))
    if part == "growth":
        _growth(reader)
    elif part == "season":
        _seasons(reader)
    else:
        _periods(reader, view, part)


def _periods(reader: Reader, view: View, part: str) -> None:
    name, key = PERIODS[part]
    st.header(reader.text(f"time_part.{part}"), help=reader.text(f"time.{part}_help"))
    rows = rendering.every(reader, name)
    if not rows.num_rows:
        st.info(reader.text("time.no_hours"), icon=":material/schedule:")
        return
    period_bars(reader, name, rows)
    columns = (key, *MEASURES, *(("is_complete",) if "is_complete" in rows.column_names else ()))
    order = key if part == "hour" else f"-{key}"
    rendering.list_of(reader, view, "time", name, columns, sort=order)


def period_bars(reader: Reader, name: str, rows: pa.Table) -> None:
    """The net amount of each period; one that is not over, or not covered, has no fill."""
    (key,) = (key for table, key in PERIODS.values() if table == name)
    points = []
    for row in rows.to_pylist():
        kind = reader.text("shown.complete" if row.get("is_complete", True) else "shown.incomplete")
        period, net = _period(reader, key, row[key]), row["net_amount"]
        points.append(Point(period, kind, net, reader.money(net), kind))
    amount = reader.in_currency(reader.text("column.net_amount"))
    draw(rendering.bars(reader, points, reader.text(f"column.{key}"), amount), reader.locale)


def _period(reader: Reader, key: str, value: date | int) -> str:
    if not isinstance(value, date):
        return f"{value:02}"
    return rendering.month(reader, value) if key == "month" else reader.day(value)


def _growth(reader: Reader) -> None:
    st.header(reader.text("time_part.growth"), help=reader.text("time.growth_help"))
    rendering.figures(reader, "kpis", lists.only(reader.platform.database, "kpis"), GROWTH)
    rows = rendering.every(reader, "growth")
    for column in ("change_pct", "yoy_pct"):
        points = [
            Point(
                rendering.month(reader, row["month"]), "", row[column], reader.change(row[column])
            )
            for row in rows.to_pylist()
            if row[column] is not None
        ]
        if points:
            month, label = reader.text("column.month"), reader.text(f"column.{column}")
            draw(rendering.bars(reader, points, month, f"{label} (%)"), reader.locale)
    rendering.whole_table(reader, "growth", ("month", "net_amount", "change_pct", "yoy_pct"))


def _seasons(reader: Reader) -> None:
    st.header(reader.text("time_part.season"), help=reader.text("time.season_help"))
    rows = rendering.every(reader, "seasonality")
    for dimension in SEASONS:
        found = [row for row in rows.to_pylist() if row["dimension"] == dimension]
        if found:
            st.subheader(reader.text(f"dimension.{dimension}"))
            _season(reader, dimension, found)
    _season_table(reader, rows)
    st.header(reader.text("time.trend"), help=reader.text("time.trend_help"))
    _trend(reader, rendering.every(reader, "sales_trend"))


def _trend(reader: Reader, rows: pa.Table) -> None:
    """What the months would be without season and chance."""
    if not rows.num_rows:
        st.info(reader.text("time.no_trend"), icon=":material/hourglass_empty:")
        return
    points = [
        Point(
            rendering.month(reader, row["month"]),
            reader.text(f"column.{name}"),
            row[name],
            reader.money(row[name]),
        )
        for name in TREND[1:3]
        for row in rows.to_pylist()
    ]
    titles = (reader.text("column.month"), reader.in_currency(reader.text("column.net_amount")))
    lines(points, titles, reader.locale)
    rendering.whole_table(reader, "sales_trend", TREND, rows)


def _season_table(reader: Reader, rows: pa.Table) -> None:
    """Every kind of day by its name, as the charts above stand."""
    known = sorted(rows.to_pylist(), key=lambda row: SEASONS.index(row["dimension"]))
    named = [row | {"value": _kind(reader, row["dimension"], row["value"])} for row in known]
    rendering.table(reader, "seasonality", pa.Table.from_pylist(named), KINDS)
    blocks.export_buttons(reader, "seasonality", rows.num_rows, lambda: rows)


def _season(reader: Reader, dimension: str, rows: list[dict[str, Any]]) -> None:
    """The index of each kind of day, and a line at the average."""
    points = [
        Point(
            _kind(reader, dimension, row["value"]), "", row["index"], _index(reader, row["index"])
        )
        for row in rows
        if row["index"] is not None
    ]
    place, index = reader.text(f"dimension.{dimension}"), reader.text("column.index")
    drawn = charts.with_level(rendering.bars(reader, points, place, index), AVERAGE)
    draw(drawn, reader.locale)


def _index(reader: Reader, value: Decimal | None) -> str:
    return reader.amount(None if value is None else rendering.two_digits(value))


def _kind(reader: Reader, dimension: str, value: int) -> str:
    """Monday, January, or an hour."""
    if dimension == "hour":
        return f"{value:02}"
    return formats.calendar_name(dimension, value, reader.locale)
