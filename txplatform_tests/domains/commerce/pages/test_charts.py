"""Charts as they are drawn: order of places, what is not over, texts in the cells."""

from decimal import Decimal
from typing import Any

import altair as alt
import pytest

from txplatform.domains.commerce.pages import charts
from txplatform.domains.commerce.pages.charts import Span
from txplatform.serving.dashboard import charts as house
from txplatform.serving.dashboard.charts import Point

TITLES = ("Month", "Net amount", None)
OVER, NOT_OVER = KINDS = ("Complete", "Not over")
BARS = [
    Point("Dec 2010", "", Decimal("10.10"), "£10.10", OVER),
    Point("Jan 2011", "", Decimal("-3.00"), "£-3.00", OVER),
    Point("Feb 2011", "", Decimal("7.77"), "£7.77", NOT_OVER),
]


def records(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a chart draws."""
    (rows,) = drawn["datasets"].values()
    return list(rows)


def bars(points: list[Point], **heights: Any) -> alt.Chart:
    """Bars as the house draws them."""
    return house.bars(points, TITLES, KINDS, "en_GB", **heights)


def test_bars_stand_in_their_order_with_their_texts() -> None:
    drawn = bars(BARS).to_dict()

    assert [row["start"] for row in records(drawn)] == ["Dec 2010", "Jan 2011", "Feb 2011"]
    assert [row["written"] for row in records(drawn)] == ["£10.10", "£-3.00", "£7.77"]
    place, value = (drawn["encoding"][name] for name in ("x", "y"))
    assert place["sort"] == ["Dec 2010", "Jan 2011", "Feb 2011"]
    assert (place["title"], value["title"]) == TITLES[:2]
    assert [one["field"] for one in drawn["encoding"]["tooltip"]] == ["start", "written"]


@pytest.mark.parametrize(("count", "may_overlap"), [(15, False), (16, True)])
def test_each_of_few_places_has_its_whole_label(count: int, may_overlap: bool) -> None:
    points = [Point(f"from {place}", "", Decimal(1), "1", OVER) for place in range(count)]

    axis = bars(points).to_dict()["encoding"]["x"]["axis"]
    assert (axis["labelOverlap"], axis["labelLimit"]) == (may_overlap, 0)


def test_what_is_not_over_has_no_fill_and_a_name() -> None:
    drawn = bars(BARS).to_dict()

    assert [row["kind"] for row in records(drawn)] == ["Complete", "Complete", "Not over"]
    fill = drawn["encoding"]["fill"]
    assert fill["scale"] == {"domain": list(KINDS), "range": [house.BLUE, house.PALE]}
    assert fill["legend"]["orient"] == "top"


def test_where_everything_is_over_no_legend_is_needed() -> None:
    drawn = bars(BARS[:2]).to_dict()

    assert drawn["encoding"]["fill"]["legend"] is None


def test_a_level_is_a_line_across() -> None:
    drawn = charts.with_level(bars(BARS), 1.0).to_dict()

    _, rule = drawn["layer"]
    assert rule["mark"]["type"] == "rule"
    assert rule["encoding"]["y"]["field"] == "level"


def test_few_beside_many_are_seen_on_a_scale_of_powers() -> None:
    many = [Point("0", "", Decimal(4_000), "4,000"), Point("100", "", Decimal(1), "1")]

    heights = charts.steep([one.value for one in many])
    height = bars(many, **heights).to_dict()["encoding"]["y"]

    assert height["scale"] == {"type": "symlog"}
    assert height["axis"]["values"] == [0, 1, 10, 100, 1_000]


SPANS = [
    Span("Orders", Decimal(1), Decimal(5), Decimal(90), "1 / 5 / 90", (Decimal(2), Decimal(9))),
    Span("A mug", Decimal(3), Decimal(4), Decimal(7), "3 / 4 / 7"),
]


def test_a_span_reaches_from_least_to_most() -> None:
    drawn = charts.spans(SPANS, "Amount", "Least / middle / most").to_dict()

    first, second = records(drawn)
    assert [first[name] for name in ("low", "from", "middle", "to", "high")] == [1, 2, 5, 9, 90]
    assert (second["from"], second["to"]) == (4, 4), "no box where no half is known"
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["rule", "bar", "tick"]
    place = drawn["layer"][0]["encoding"]["x"]
    assert place["scale"] == {"type": "symlog"}
    assert place["axis"]["values"] == [0, 1, 10]
    tooltip = drawn["layer"][0]["encoding"]["tooltip"]
    assert (place["title"], tooltip[1]["title"]) == ("Amount", "Least / middle / most")
