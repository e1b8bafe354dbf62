"""Charts of sales and customers; what is not over yet looks so."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, cast

import altair as alt

from txplatform.serving.dashboard.charts import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    PALE,
    ROW_HEIGHT,
    VERMILION,
    WHOLE_NAMES,
    data,
)

DARK = 0.55
"""Of the largest value: cells above it have white text."""

LINE = 12
"""Pixels of a line of text in a cell."""

MOST_TEXTS = 24
"""Columns of a grid beyond which no text fits into a cell."""


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


def with_level(chart: alt.Chart, level: float) -> alt.LayerChart:
    """A line across, such as the average."""
    rule = alt.Chart(data([{"level": level}])).mark_rule(color=VERMILION, strokeDash=[4, 3])
    layers = (chart + rule.encode(y="level:Q")).properties(height=HEIGHT)
    return cast("alt.LayerChart", layers)


def steep(values: Sequence[Decimal]) -> dict[str, Any]:
    """An axis of powers: few beside many are seen."""
    ticks = alt.Axis(values=_powers(max(values, default=Decimal(0))), labelOverlap="greedy")
    return {"scale": alt.Scale(type="symlog"), "axis": ticks}


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
    lines = 1 + max((cell.short.count("\n") for cell in cells), default=0)
    above = (lines - 1) * LINE / 2
    texts = base.mark_text(fontSize=10, lineBreak="\n", lineHeight=LINE, dy=-above).encode(
        text="short:N", color=alt.condition(is_dark, alt.value(PALE), alt.value(INK))
    )
    shown = cells_drawn + texts if len(columns) <= MOST_TEXTS else cells_drawn
    return cast("alt.LayerChart", shown.properties(height=alt.Step(ROW_HEIGHT + 2 * above)))


def spans(values: Sequence[Span], title: str, told: str) -> alt.LayerChart:
    """From least to most per name on a scale of powers, half of it as a box, the middle marked.

    Args:
        values: one per name.
        title: of the amounts.
        told: what the figures of a tooltip are.
    """
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
    powers = steep([one.high for one in values])
    base = alt.Chart(data(records)).encode(
        alt.Y("name:N", title=None, sort=[one.name for one in values], axis=WHOLE_NAMES),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("written:N", title=told)],
    )
    reach = base.mark_rule(color=GREY).encode(
        alt.X("low:Q", title=title, **powers),
        alt.X2("high:Q"),
    )
    box = base.mark_bar(color=BLUE, opacity=0.5, size=12).encode(
        alt.X("from:Q", title=title, **powers), alt.X2("to:Q")
    )
    mark = base.mark_tick(color=VERMILION, thickness=3, size=14).encode(
        alt.X("middle:Q", title=title, **powers)
    )
    return cast("alt.LayerChart", (reach + box + mark).properties(height=alt.Step(ROW_HEIGHT)))
