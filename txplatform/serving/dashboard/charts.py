"""Charts that a colour-blind person reads: Okabe-Ito's colours, and never colour alone.

Heights are floats, as a screen draws them; what a chart writes down is the exact text.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import altair as alt
import pandas as pd
import streamlit as st
from babel import Locale, dates

from txplatform.serving.dashboard import formats

BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
)
PALETTE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
"""Okabe and Ito, Color universal design (2008), without black and its yellow."""

GREY = "#5F6B7A"
INK, PALE = "#31333F", "#FFFFFF"
SLOPE, UPRIGHT = -40, 2
"""Degrees of names along an axis, and how many letters of theirs stand upright, as an hour's."""

FEW = 15
"""Periods or classes up to which each has its label, aslant beside each other."""

LINES = len(PALETTE)
MARKS = 53
"""Points of a line up to which each has its mark: more of them hide the line."""

HEIGHT, ROW_HEIGHT = 260, 26
NO_MENU = {"embedOptions": {"actions": False}}
ROOM_FOR_TEXT = 1.4
TICKS = 6
WHOLE_NAMES = alt.Axis(labelLimit=300, labelOverlap=False)


class Point(NamedTuple):
    """A value of a chart and what is written of it; `start` is that of its period, or its text."""

    start: date | datetime | str
    name: str
    value: Decimal
    written: str
    kind: str = ""


def data(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Records as what a chart draws; inline ones Altair would check value by value, for seconds."""
    return pd.DataFrame.from_records(list(records))


def _records(points: Sequence[Point], locale: str) -> list[dict[str, Any]]:
    return [
        {**point._asdict(), "start": period_text(point.start, locale), "value": float(point.value)}
        for point in points
    ]


def period_text(start: date | datetime | str, locale: str) -> str:
    """The start of a period as the page writes it; of a minute the time of its day."""
    if isinstance(start, str):
        return start
    if isinstance(start, datetime):
        return dates.format_time(start, "short", locale=locale)
    return formats.day(start, locale)


def _time_axis(title: str | None, points: Sequence[Point], locale: str) -> alt.X:
    """Periods side by side in their order; as instants they would move by a reader's time zone.

    Texts stand in the order in which they come.
    """
    starts = [*dict.fromkeys(point.start for point in points)]
    if not any(isinstance(start, str) for start in starts):
        starts.sort(key=str)
    names = [period_text(start, locale) for start in starts]
    return alt.X("start:O", title=title, sort=names, axis=axis_of(names))


def axis_of(names: Sequence[str]) -> alt.Axis:
    """An axis of periods or texts: short names stand upright, and of few each has its label."""
    angle = SLOPE if max(map(len, names), default=0) > UPRIGHT else 0
    return alt.Axis(labelAngle=angle, labelOverlap=len(names) > FEW, labelLimit=0)


def period_bars(
    points: Sequence[Point], titles: Sequence[str | None], kinds: Sequence[str], locale: str
) -> None:
    """Show `bars`."""
    draw(bars(points, titles, kinds, locale), locale)


def bars(
    points: Sequence[Point],
    titles: Sequence[str | None],
    kinds: Sequence[str],
    locale: str,
    **heights: Any,
) -> alt.Chart:
    """A bar per period; one of the second kind (not over, say) is told apart by its pale fill.

    Args:
        points: one per period.
        titles: of the periods, of the values and of the kinds.
        kinds: what the two kinds are called.
        locale: how the numbers of the axis are written.
        heights: what else is said of the axis of values, such as its scale.
    """
    period, value, kind = titles
    chart: alt.Chart = (
        alt.Chart(data(_records(points, locale)))
        .mark_bar(stroke=BLUE, strokeWidth=1.5)
        .encode(
            _time_axis(period, points, locale),
            alt.Y("value:Q", title=value, **heights),
            alt.Fill(
                "kind:N",
                title=kind,
                scale=alt.Scale(domain=list(kinds), range=[BLUE, PALE]),
                legend=_legend() if len({point.kind for point in points}) > 1 else None,
            ),
            tooltip=_tooltip(period, value, any(point.name for point in points)),
        )
        .properties(height=HEIGHT)
    )
    return chart


def _legend() -> alt.Legend:
    return alt.Legend(orient="top", labelLimit=0)


def share_bars(points: Sequence[Point], title: str, locale: str) -> None:
    """One bar per name, longest first, the exact text at its end; nothing where there is none."""
    if not points:
        return
    values = [float(point.value) for point in points]
    room = alt.Scale(domain=[min(0.0, *values), max(0.0, *values) * ROOM_FOR_TEXT or 1])
    amounts = alt.Axis(tickCount=TICKS, labelOverlap=True)
    base = alt.Chart(data(_records(points, locale))).encode(
        alt.Y("name:N", title=None, sort=[p.name for p in points], axis=WHOLE_NAMES),
        alt.X("value:Q", title=title, scale=room, axis=amounts),
    )
    bars = base.mark_bar(color=BLUE).encode(tooltip=_tooltip(None, title))
    labels = base.mark_text(align="left", dx=4, color=INK).encode(
        alt.X("positive:Q", title=title), text="written:N"
    )
    labels = labels.transform_calculate(positive="max(datum.value, 0)")
    draw((bars + labels).properties(height=alt.Step(ROW_HEIGHT)), locale)


def lines(
    points: Sequence[Point], titles: Sequence[str | None], locale: str, **heights: Any
) -> None:
    """One line per name (six at most), told apart by colour, dash and, in a year, by mark.

    Args:
        points: one per period and name.
        titles: of the periods and of the values.
        locale: how the numbers of the axis are written.
        heights: what else is said of the axis of values, such as its labels.
    """
    period, value = titles
    names = list(dict.fromkeys(point.name for point in points))
    scale = alt.Scale(domain=names, range=list(PALETTE[: len(names)]))
    is_marked = len(points) <= MARKS * len(names)
    # In the legend a mark would have the dashes of its line around it.
    outline = 0 if is_marked else alt.Undefined
    chart = (
        alt.Chart(data(_records(points, locale)))
        .mark_line(point=is_marked and alt.OverlayMarkDef(size=45, filled=True))
        .encode(
            _time_axis(period, points, locale),
            alt.Y("value:Q", title=value, **heights),
            alt.Color(
                "name:N",
                title=None,
                scale=scale,
                legend=alt.Legend(orient="top", columns=3, labelLimit=0, symbolStrokeWidth=outline),
            ),
            alt.StrokeDash("name:N", legend=None, sort=names),
            alt.Shape("name:N", legend=None, sort=names),
            tooltip=_tooltip(period, value),
        )
        .properties(height=300)
    )
    draw(chart, locale)


def _tooltip(period: str | None, value: str | None, has_names: bool = True) -> list[alt.Tooltip]:
    periods = [alt.Tooltip("start:N", title=period)] if period else []
    names = [alt.Tooltip("name:N", title=" ")] if has_names else []
    return [*periods, *names, alt.Tooltip("written:N", title=value or " ")]


def draw(chart: alt.Chart | alt.LayerChart, locale: str) -> None:
    """Show a chart in the reader's numbers, without Vega's menu: no screen reader can name it.

    Names of bands stand in their middle: Streamlit's theme moves the first of them.
    """
    in_the_middle = alt.AxisConfig(labelFlush=False)
    shown = chart.properties(usermeta=NO_MENU).configure(
        locale=_numbers_of(locale), axisBand=in_the_middle
    )
    st.altair_chart(shown, width="stretch")


def percent_axis(locale: str) -> alt.Axis:
    """Fractions as per cent, which Vega's own format writes as in English."""
    written = Locale.parse(locale).percent_formats[None].pattern
    unit = str(written).rpartition("0")[2]
    return alt.Axis(labelExpr=f"format(datum.value * 100, ',') + '{unit}'")


@lru_cache
def _numbers_of(locale: str) -> alt.Locale:
    """How a locale writes numbers, for the axes that Vega labels by itself."""
    signs = Locale.parse(locale).number_symbols["latn"]
    numbers = alt.NumberLocale(
        decimal=signs["decimal"], thousands=signs["group"], grouping=[3], currency=["", ""]
    )
    return alt.Locale(number=numbers)
