"""Performance: how long lists take to be found now, and how old every table is."""

from datetime import date, timedelta
from functools import partial
from statistics import mean

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.queries import refreshed
from txplatform.domains.commerce.queries.timings import LAKE, STORE, Timing, timings
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

PARTS = ("refresh", "endpoints", "engines")
REFRESHES = ("table_name", "row_count", "written_at", "seconds", "publish_seconds")
ENGINES = ("engine", "line_count", "stage", "state", "seconds", "peak_mb", "is_equal",
           "measured_at")  # fmt: skip
IN_ORDER = [("line_count", "ascending"), ("stage", "descending"), ("state", "ascending"),
            ("seconds", "ascending")]  # fmt: skip
"""Of the same work the fastest first; files are read before their rows are added up."""

TIMES = ("mean_ms", "minimum_ms", "maximum_ms")


def show(reader: Reader, view: View) -> None:
    """The page."""
    part = blocks.chosen(reader, view, "performance_part", PARTS)
    {"refresh": _refresh, "endpoints": _endpoints, "engines": _engines}[part](reader)


def _refresh(reader: Reader) -> None:
    """The two times that are often taken for each other: the data's age, and the publishing."""
    st.header(reader.text("performance_part.refresh"), help=reader.text("performance.refresh_help"))
    ages = refreshed.last_refresh(reader.platform)
    first = ages[0]
    taken = [row["publish_seconds"] for row in ages if row["publish_seconds"] is not None]
    values = {
        "age": reader.span(timedelta(seconds=float(first["age_seconds"]))),
        "publish": reader.number(max(taken, default=None)),
        "written_at": reader.instant(first["written_at"]),
        "tables": reader.whole(len(ages)),
    }
    blocks.explained(reader, "performance", values)
    rows = rendering.every(reader, "refreshes", where={"run_id": first["run_id"]})
    rendering.table(reader, "refreshes", rows, REFRESHES)
    whole = partial(rendering.every, reader, "refreshes")
    count = reader.platform.database["gold_refreshes"].estimated_document_count()
    blocks.export_buttons(reader, "refreshes", count, whole)


def _engines(reader: Reader) -> None:
    st.header(reader.text("performance_part.engines"), help=reader.text("performance.engines_help"))
    rows = rendering.every(reader, "engine_timings").sort_by(IN_ORDER)
    if not rows.num_rows:
        st.info(reader.text("performance.no_engines"), icon=":material/timer:")
        return
    rendering.whole_table(reader, "engine_timings", ENGINES, rows)


def _endpoints(reader: Reader) -> None:
    """Measured when asked for: a page that measures at every click would slow what it measures."""
    title = reader.text("performance_part.endpoints")
    st.header(title, help=reader.text("performance.endpoints_help"))
    if not st.button(reader.text("performance.measure"), icon=":material/timer:"):
        st.info(reader.text("performance.not_measured"), icon=":material/timer:")
        return
    measured = timings(reader.platform)
    _figures(reader, [one for one in measured if one.place == STORE])
    for place in (STORE, LAKE):
        found = sorted(
            (one for one in measured if one.place == place), key=lambda one: -one.mean_ms
        )
        st.subheader(reader.text(f"performance.{place.lower()}"))
        points = [
            Point(date.min, one.path or one.table, one.mean_ms, reader.amount(one.mean_ms))
            for one in found
        ]
        charts.share_bars(points, reader.text("performance.mean_ms"), reader.locale)
        _table(reader, found)
    rows = pa.Table.from_pylist([one._asdict() for one in measured])
    blocks.export_buttons(reader, "timings", rows.num_rows, lambda: rows)


def _figures(reader: Reader, measured: list[Timing]) -> None:
    """The mean, the fastest and the slowest of all paths."""
    values = {
        "mean_ms": mean(one.mean_ms for one in measured),
        "minimum_ms": min(one.minimum_ms for one in measured),
        "maximum_ms": max(one.maximum_ms for one in measured),
    }
    told = {name: reader.decimals(value, 2) for name, value in values.items()}
    blocks.explained(reader, "performance", told)


def _table(reader: Reader, measured: list[Timing]) -> None:
    """Tables of the lake have no path."""
    named = [name for name in ("path", "table") if any(getattr(one, name) for one in measured)]
    cells = {name: [getattr(one, name) for one in measured] for name in named}
    cells |= {name: [reader.amount(getattr(one, name)) for one in measured] for name in TIMES}
    blocks.table({reader.text(f"performance.{name}"): column for name, column in cells.items()})
