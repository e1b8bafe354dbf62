"""Charts as they are drawn: order of places, what is not over, texts in the cells."""

from decimal import Decimal
from typing import Any

import altair as alt
import pytest

from txplatform.domains.commerce.pages import charts
from txplatform.domains.commerce.pages.charts import Cell, Span
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


CELLS = [
    Cell("Dec 2010 (3)", "0", Decimal(1), "100%", "100"),
    Cell("Dec 2010 (3)", "1", Decimal("0.333333"), "33.3%", "33", is_complete=False),
    Cell("Jan 2011 (2)", "0", Decimal(1), "100%", "100", is_complete=False),
    Cell("Jan 2011 (2)", "1", None, "", ""),
]
NAMES = ("Cohort", "Age", "Retention")


def test_a_cell_that_has_not_begun_is_left_blank() -> None:
    drawn = charts.grid(CELLS, NAMES).to_dict()

    assert [row["written"] for row in records(drawn)] == ["100%", "33.3%", "100%"]


def test_a_cell_that_is_not_over_is_pale() -> None:
    drawn = charts.grid(CELLS, NAMES).to_dict()

    assert [row["strength"] for row in records(drawn)] == [1, 0.4, 0.4]
    rectangles, texts = drawn["layer"]
    assert rectangles["encoding"]["opacity"]["field"] == "strength"
    assert texts["encoding"]["text"]["field"] == "short"


def test_texts_are_white_where_cells_are_dark_and_nowhere_else() -> None:
    nine_tenths = [Cell("a", "0", Decimal("0.9"), "90%", "90"), *CELLS[:2]]
    drawn = charts.grid(nine_tenths, NAMES).to_dict()

    rectangles, texts = drawn["layer"]
    assert rectangles["encoding"]["color"]["scale"] == {"scheme": "blues", "domain": [0, 1.0]}
    white = texts["encoding"]["color"]["condition"]
    assert (white["value"], white["test"]) == (
        house.PALE,
        "datum.value > 0.55 && datum.strength == 1",
    )


def test_a_cell_of_several_lines_is_as_high_as_they_are() -> None:
    drawn = charts.grid([*CELLS, Cell("a", "0", Decimal(1), "", "7\nNeed\nattention")], NAMES)

    found = drawn.to_dict()
    mark = found["layer"][1]["mark"]
    assert found["height"] == {"step": house.ROW_HEIGHT + 2 * charts.LINE}
    assert (mark["lineBreak"], mark["dy"]) == ("\n", -charts.LINE)


def test_a_grid_of_zeros_is_drawn() -> None:
    drawn = charts.grid([Cell("a", "0", Decimal(0), "0", "0")], NAMES).to_dict()

    assert drawn["layer"][0]["encoding"]["color"]["scale"]["domain"] == [0, 1]


def test_rows_and_columns_of_a_grid_keep_their_order() -> None:
    drawn = charts.grid(CELLS[::-1], NAMES).to_dict()

    encoding = drawn["layer"][0]["encoding"]
    assert encoding["y"]["sort"] == ["Jan 2011 (2)", "Dec 2010 (3)"]
    assert encoding["x"]["sort"] == ["1", "0"]


@pytest.mark.parametrize(("columns", "has_text"), [(24, True), (25, False)])
def test_a_wide_grid_has_no_room_for_texts(columns: int, has_text: bool) -> None:
    cells = [Cell("a", str(age), Decimal(age), str(age), str(age)) for age in range(columns)]

    assert ("layer" in charts.grid(cells, NAMES).to_dict()) == has_text


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
