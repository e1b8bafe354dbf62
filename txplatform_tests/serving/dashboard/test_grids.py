"""Grids: rows by columns, darker for more, with the text in each cell while there is room."""

from decimal import Decimal
from typing import Any

import pytest

from txplatform.serving.dashboard import charts, grids
from txplatform.serving.dashboard.grids import Cell


def records(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a chart draws."""
    (rows,) = drawn["datasets"].values()
    return list(rows)


CELLS = [
    Cell("Dec 2010 (3)", "0", Decimal(1), "100%", "100"),
    Cell("Dec 2010 (3)", "1", Decimal("0.333333"), "33.3%", "33", is_complete=False),
    Cell("Jan 2011 (2)", "0", Decimal(1), "100%", "100", is_complete=False),
    Cell("Jan 2011 (2)", "1", None, "", ""),
]
NAMES = ("Cohort", "Age", "Retention")


def test_a_cell_that_has_not_begun_is_left_blank() -> None:
    drawn = grids.grid(CELLS, NAMES).to_dict()

    assert [row["written"] for row in records(drawn)] == ["100%", "33.3%", "100%"]


def test_a_cell_that_is_not_over_is_pale() -> None:
    drawn = grids.grid(CELLS, NAMES).to_dict()

    assert [row["strength"] for row in records(drawn)] == [1, 0.4, 0.4]
    rectangles, texts = drawn["layer"]
    assert rectangles["encoding"]["opacity"]["field"] == "strength"
    assert texts["encoding"]["text"]["field"] == "short"


def test_texts_are_white_where_cells_are_dark_and_nowhere_else() -> None:
    nine_tenths = [Cell("a", "0", Decimal("0.9"), "90%", "90"), *CELLS[:2]]
    drawn = grids.grid(nine_tenths, NAMES).to_dict()

    rectangles, texts = drawn["layer"]
    assert rectangles["encoding"]["color"]["scale"] == {"scheme": "blues", "domain": [0, 1.0]}
    white = texts["encoding"]["color"]["condition"]
    assert (white["value"], white["test"]) == (
        charts.PALE,
        "datum.value > 0.55 && datum.strength == 1",
    )


def test_a_cell_of_several_lines_is_as_high_as_they_are() -> None:
    drawn = grids.grid([*CELLS, Cell("a", "0", Decimal(1), "", "7\nNeed\nattention")], NAMES)

    found = drawn.to_dict()
    mark = found["layer"][1]["mark"]
    assert found["height"] == {"step": charts.ROW_HEIGHT + 2 * grids.LINE}
    assert (mark["lineBreak"], mark["dy"]) == ("\n", -grids.LINE)


def test_a_grid_of_zeros_is_drawn() -> None:
    drawn = grids.grid([Cell("a", "0", Decimal(0), "0", "0")], NAMES).to_dict()

    assert drawn["layer"][0]["encoding"]["color"]["scale"]["domain"] == [0, 1]


def test_rows_and_columns_of_a_grid_keep_their_order() -> None:
    drawn = grids.grid(CELLS[::-1], NAMES).to_dict()

    encoding = drawn["layer"][0]["encoding"]
    assert encoding["y"]["sort"] == ["Jan 2011 (2)", "Dec 2010 (3)"]
    assert encoding["x"]["sort"] == ["1", "0"]


@pytest.mark.parametrize(("columns", "has_text"), [(24, True), (25, False)])
def test_a_wide_grid_has_no_room_for_texts(columns: int, has_text: bool) -> None:
    cells = [Cell("a", str(age), Decimal(age), str(age), str(age)) for age in range(columns)]

    assert ("layer" in grids.grid(cells, NAMES).to_dict()) == has_text
