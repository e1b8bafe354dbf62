"""Charts of sales and customers; what is not over yet looks so."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, cast

import altair as alt

from txplatform.serving.dashboard.charts import (
    BLUE,
    GREY,
    INK,
    ROW_HEIGHT,
    VERMILION,
    WHOLE_NAMES,
    data,
)

PALE = "#FFFFFF"
HEIGHT = 260
DARK = 0.55
"""Of the largest value: cells above it have white text."""

MOST_TEXTS = 24
"""Columns of a grid beyond which no text fits into a cell."""


class Bar(NamedTuple):
    """The value of a period or a class, and what is written of it."""

    at: str
    value: Decimal
    written: str
    is_complete: bool = True


class Cell(NamedTuple):
    """A cell of a grid; without a value it is left blank. `short` is what stands in it."""

    row: str
    column: str
    value: Decimal | None
    written: str
    short: str
    is_complete: bool = True


class Span(NamedTuple):
    """From the least to the most of a name, with the middle, and where half of it lies."""

    name: str
    low: Decimal
    middle: Decimal
    high: Decimal
    written: str
    half: tuple[Decimal, Decimal] | None = None


def bars(
    values: Sequence[Bar],
    titles: tuple[str, str],
    kinds: tuple[str, str],
    level: float | None = None,
    *,
    is_steep: bool = False,
) -> alt.Chart | alt.LayerChart:
    """A bar per place in their order; what is incomplete has no fill.

    Args:
        values: one per place.
        titles: of the places and of the values.
        kinds: what complete and incomplete are called.
        level: where a line is drawn across, such as the average.
        is_steep: whether the heights are on a scale of powers, so that few beside many are seen.
    """
    records = [
        {**one._asdict(), "value": float(one.value), "kind": kinds[not one.is_complete]}
        for one in values
    ]
    is_mixed = len({one.is_complete for one in values}) > 1
    fill = alt.Fill(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=list(kinds), range=[BLUE, PALE]),
        legend=alt.Legend(orient="top", labelLimit=0) if is_mixed else None,
    )
    angle = alt.Axis(labelAngle=-40, labelOverlap=True)
    scale = alt.Scale(type="symlog" if is_steep else "linear")
    plain: alt.Chart = (
        alt.Chart(data(records))
        .mark_bar(stroke=BLUE)
        .encode(
            alt.X("at:O", title=titles[0], sort=None, axis=angle),
            alt.Y("value:Q", title=titles[1], scale=scale, axis=_axis(values, is_steep)),
            fill,
            tooltip=[
                alt.Tooltip("at:N", title=titles[0]),
                alt.Tooltip("written:N", title=titles[1]),
                alt.Tooltip("kind:N", title=" "),
            ],
        )
        .properties(height=HEIGHT)
    )
    if level is None:
        return plain
    rule = alt.Chart(data([{"level": level}])).mark_rule(color=VERMILION, strokeDash=[4, 3])
    return cast("alt.LayerChart", (plain + rule.encode(y="level:Q")).properties(height=HEIGHT))


def _axis(values: Sequence[Bar], is_steep: bool) -> alt.Axis:
    powers = _powers(max((one.value for one in values), default=Decimal(0)))
    return alt.Axis(values=powers) if is_steep else alt.Axis(labelOverlap=True)


def _powers(most: Decimal) -> list[float]:
    """0 and the powers of ten up to a value: ticks of a scale of powers."""
    return [
        0.0,
        *(10.0**power for power in range(max(1, most.adjusted() + 2)) if 10**power <= most),
    ]


def grid(cells: Sequence[Cell], titles: tuple[str, str, str]) -> alt.Chart | alt.LayerChart:
    """Rows by columns, darker for more, the text in each cell; what is not over is pale."""
    records = [
        {**cell._asdict(), "value": float(cell.value), "strength": 1 if cell.is_complete else 0.4}
        for cell in cells
        if cell.value is not None
    ]
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    most = max((one["value"] for one in records), default=0) or 1
    base = alt.Chart(data(records)).encode(
        alt.X("column:O", title=titles[1], sort=columns, axis=alt.Axis(labelAngle=0)),
        alt.Y("row:O", title=titles[0], sort=rows, axis=WHOLE_NAMES),
        tooltip=[
            alt.Tooltip("row:N", title=titles[0]),
            alt.Tooltip("column:N", title=titles[1]),
            alt.Tooltip("written:N", title=titles[2]),
        ],
    )
    shades = alt.Scale(scheme="blues", domain=[0, most])
    cells_drawn = base.mark_rect(stroke=GREY, strokeWidth=0.3).encode(
        alt.Color("value:Q", title=titles[2], scale=shades, legend=None),
        alt.Opacity("strength:Q", scale=None),
    )
    is_dark = f"datum.value > {most * DARK} && datum.strength == 1"
    texts = base.mark_text(fontSize=10).encode(
        text="short:N", color=alt.condition(is_dark, alt.value(PALE), alt.value(INK))
    )
    shown = cells_drawn + texts if len(columns) <= MOST_TEXTS else cells_drawn
    return cast("alt.LayerChart", shown.properties(height=alt.Step(ROW_HEIGHT)))


def spans(values: Sequence[Span], title: str) -> alt.LayerChart:
    """From least to most per name on a scale of powers, half of it as a box, the middle marked."""
    records = [
        {
            "name": one.name,
            "low": float(one.low),
            "middle": float(one.middle),
            "high": float(one.high),
            "from": float(one.half[0] if one.half else one.middle),
            "to": float(one.half[1] if one.half else one.middle),
            "written": one.written,
        }
        for one in values
    ]
    scale = alt.Scale(type="symlog")
    ticks = alt.Axis(values=_powers(max((one.high for one in values), default=Decimal(0))))
    base = alt.Chart(data(records)).encode(
        alt.Y("name:N", title=None, sort=[one.name for one in values], axis=WHOLE_NAMES),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("written:N", title=title)],
    )
    reach = base.mark_rule(color=GREY).encode(
        alt.X("low:Q", title=title, scale=scale, axis=ticks),
        alt.X2("high:Q"),
    )
    box = base.mark_bar(color=BLUE, opacity=0.5, size=12).encode(
        alt.X("from:Q", title=title, scale=scale, axis=ticks), alt.X2("to:Q")
    )
    mark = base.mark_tick(color=VERMILION, thickness=3, size=14).encode(
        alt.X("middle:Q", title=title, scale=scale, axis=ticks)
    )
    return cast("alt.LayerChart", (reach + box + mark).properties(height=alt.Step(ROW_HEIGHT)))
