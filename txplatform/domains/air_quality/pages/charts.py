"""Charts of hours and days: no line crosses a gap, and what is missing looks missing."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple, cast

import altair as alt

from txplatform.serving.dashboard.charts import BLUE, GREY, PALETTE, VERMILION, data

GOOD_TO_BAD = ("#009E73", "#E69F00", "#D55E00", "#CC79A7", "#7B3294", "#4D0026")
"""The categories of the index in colours that a colour-blind person tells apart."""


NAMES = alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3)
WORDS = alt.Legend(orient="top", labelLimit=0, columns=2)
"""Of the categories: in full, on as many lines as they take."""


class Value(NamedTuple):
    """A value of a line at a labelled place; None breaks the line."""

    at: str
    name: str
    value: Decimal | None
    written: str


class Day(NamedTuple):
    """A day of the calendar: its value, or that it is not valid."""

    day: date
    category: str
    written: str
    is_valid: bool


class Band(NamedTuple):
    """A cell of a profile with what most values lie between."""

    at: str
    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None
    written: str


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def lines(
    values: Sequence[Value], titles: tuple[str, str], first: Sequence[str] = ()
) -> alt.LayerChart:
    """A line per name over places in their order; a missing value interrupts it.

    A value between two gaps is a point. Names that come `first` take the first colours, whichever
    line begins earlier.
    """
    names = list(dict.fromkeys((*first, *(each.name for each in values))))
    alone = _alone(values)
    records = [
        {**each._asdict(), "value": _float(each.value), "is_alone": at in alone}
        for at, each in enumerate(values)
    ]
    scale = alt.Scale(domain=names, range=list(PALETTE[: len(names)]))
    base = alt.Chart(data(records)).encode(
        alt.X("at:O", title=titles[0], sort=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True)),
        alt.Y("value:Q", title=titles[1]),
        alt.Color("name:N", title=None, scale=scale, legend=NAMES),
        tooltip=[
            alt.Tooltip("at:N", title=titles[0]),
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("written:N", title=titles[1]),
        ],
    )
    line = base.mark_line(invalid="break-paths-show-path-domains").encode(
        alt.StrokeDash("name:N", legend=None, sort=names)
    )
    points = base.transform_filter("datum.is_alone").mark_point(filled=True, size=20)
    return cast("alt.LayerChart", alt.layer(line, points).properties(height=300))


def _alone(values: Sequence[Value]) -> set[int]:
    """Where values stand between two gaps of their line, which a line would not show."""
    places: dict[str, list[int]] = {}
    for at, each in enumerate(values):
        places.setdefault(each.name, []).append(at)
    known = {at for at, each in enumerate(values) if each.value is not None}
    pairs = (pair for line in places.values() for pair in pairwise(line))
    beside = {at for pair in pairs if known.issuperset(pair) for at in pair}
    return known - beside


def calendar(
    days: Sequence[Day],
    categories: Sequence[str],
    titles: tuple[str, str],
    weekdays: Sequence[str],
) -> alt.LayerChart:
    """Weeks by weekdays, coloured by category; days without a mean are hatched."""
    records = [
        {
            "week": f"{each.day.isocalendar().year}-W{each.day.isocalendar().week:02}",
            "weekday": weekdays[each.day.weekday()],
            "category": each.category,
            "written": each.written,
            "day": each.day.isoformat(),
            "hatch": "" if each.is_valid else "/",
        }
        for each in days
    ]
    base = alt.Chart(data(records)).encode(
        alt.X("week:O", title=titles[0], axis=alt.Axis(labelAngle=-40, labelOverlap=True)),
        alt.Y("weekday:O", title=titles[1], sort=list(weekdays)),
    )
    colours = [*GOOD_TO_BAD[: len(categories) - 1], "#F2F2F2"]
    scale = alt.Scale(domain=list(categories), range=colours)
    rects = base.mark_rect(stroke="white").encode(
        alt.Color("category:N", title=None, scale=scale, legend=WORDS),
        tooltip=[alt.Tooltip("day:N", title=titles[0]), alt.Tooltip("written:N", title=" ")],
    )
    hatches = base.mark_text(color=GREY).encode(text="hatch:N")
    return cast("alt.LayerChart", alt.layer(rects, hatches).properties(height=alt.Step(22)))


def bands(cells: Sequence[Band], titles: tuple[str, str]) -> alt.LayerChart:
    """The mean of each cell, within what four of five values lie between."""
    records = [
        {
            "at": each.at,
            "mean": _float(each.mean),
            "low": _float(each.low),
            "high": _float(each.high),
            "written": each.written,
        }
        for each in cells
    ]
    base = alt.Chart(data(records)).encode(
        alt.X("at:O", title=titles[0], sort=None, axis=alt.Axis(labelAngle=0))
    )
    between = base.mark_bar(color=BLUE, opacity=0.25).encode(
        alt.Y("low:Q", title=titles[1]), alt.Y2("high:Q")
    )
    means = base.mark_point(color=VERMILION, filled=True, size=50).encode(
        alt.Y("mean:Q", title=titles[1]), tooltip=[alt.Tooltip("written:N", title=titles[1])]
    )
    return cast("alt.LayerChart", alt.layer(between, means).properties(height=240))
