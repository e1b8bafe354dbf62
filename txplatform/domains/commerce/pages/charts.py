"""Charts of amounts: spans on a scale of powers, and a level across."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, cast

import altair as alt

from txplatform.serving.dashboard import charts


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
    rule = alt.Chart(charts.data([{"level": level}])).mark_rule(
        color=charts.VERMILION, strokeDash=[4, 3]
    )
    layers = (chart + rule.encode(y="level:Q")).properties(height=charts.HEIGHT)
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
    base = alt.Chart(charts.data(records)).encode(
        alt.Y("name:N", title=None, sort=[one.name for one in values], axis=charts.WHOLE_NAMES),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("written:N", title=told)],
    )
    reach = base.mark_rule(color=charts.GREY).encode(
        alt.X("low:Q", title=title, **powers),
        alt.X2("high:Q"),
    )
    box = base.mark_bar(color=charts.BLUE, opacity=0.5, size=12).encode(
        alt.X("from:Q", title=title, **powers), alt.X2("to:Q")
    )
    mark = base.mark_tick(color=charts.VERMILION, thickness=3, size=14).encode(
        alt.X("middle:Q", title=title, **powers)
    )
    return cast(
        "alt.LayerChart", (reach + box + mark).properties(height=alt.Step(charts.ROW_HEIGHT))
    )
