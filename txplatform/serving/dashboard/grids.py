"""Grids: rows by columns, darker or paler by value, each cell with its text while there is room."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, cast

import altair as alt

from txplatform.serving.dashboard import charts
from txplatform.serving.dashboard.charts import Point

DARK = 0.55
"""Of the largest value of a grid: cells above it have white text."""

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
    short: str = ""
    is_complete: bool = True


def heat_map(points: Sequence[Point], titles: Sequence[str], locale: str) -> None:
    """Periods by names, darker for less: cividis, which colour-blind readers see alike."""
    cells = [
        Cell(point.name, charts.period_text(point.start, locale), point.value, point.written)
        for point in points
    ]
    axis = charts.axis_of([*dict.fromkeys(cell.column for cell in cells)])
    charts.draw(grid(cells, (None, *titles), axis, alt.Scale(scheme="cividis")), locale)


def grid(
    cells: Sequence[Cell],
    titles: Sequence[str | None],
    axis: alt.Axis | None = None,
    shades: alt.Scale | None = None,
) -> alt.Chart | alt.LayerChart:
    """Rows by columns, darker for more, the text in each cell; what is not over is pale.

    Args:
        cells: row by row.
        titles: of the rows, of the columns and of the values.
        axis: of the columns; None: their names stand upright.
        shades: told by a legend; None: blues, told by the texts.
    """
    records = [
        {**cell._asdict(), "value": float(cell.value), "strength": 1 if cell.is_complete else 0.4}
        for cell in cells
        if cell.value is not None
    ]
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    most = max((one["value"] for one in records), default=0) or 1
    row, column, value = titles
    base = alt.Chart(charts.data(records)).encode(
        alt.X("column:O", title=column, sort=columns, axis=axis or alt.Axis(labelAngle=0)),
        alt.Y("row:O", title=row, sort=rows, axis=charts.WHOLE_NAMES),
        tooltip=[
            alt.Tooltip("row:N", title=row or " "),
            alt.Tooltip("column:N", title=column),
            alt.Tooltip("written:N", title=value),
        ],
    )
    blues = alt.Scale(scheme="blues", domain=[0, most])
    legend = alt.Undefined if shades else None
    cells_drawn = base.mark_rect(stroke=charts.GREY, strokeWidth=0.3).encode(
        alt.Color("value:Q", title=value, scale=shades or blues, legend=legend),
        alt.Opacity("strength:Q", scale=None),
    )
    is_dark = f"datum.value > {most * DARK} && datum.strength == 1"
    lines = 1 + max((cell.short.count("\n") for cell in cells), default=0)
    above = (lines - 1) * LINE / 2
    texts = base.mark_text(fontSize=10, lineBreak="\n", lineHeight=LINE, dy=-above).encode(
        text="short:N", color=alt.condition(is_dark, alt.value(charts.PALE), alt.value(charts.INK))
    )
    has_room = len(columns) <= MOST_TEXTS and any(cell.short for cell in cells)
    shown = cells_drawn + texts if has_room else cells_drawn
    return cast("alt.LayerChart", shown.properties(height=alt.Step(charts.ROW_HEIGHT + 2 * above)))
