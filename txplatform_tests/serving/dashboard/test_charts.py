"""Charts say what the page says: the axis of periods in the reader's days."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from txplatform.serving.dashboard import formats

FIRST = date(2026, 12, 21)


def _script(kind: str, locale: str) -> None:
    """What AppTest runs, on its own: a chart of three weeks, over a new year."""
    from datetime import date, timedelta
    from decimal import Decimal

    from txplatform.serving.dashboard import charts, grids

    weeks = [date(2026, 12, 21) + timedelta(weeks=number) for number in range(3)]
    points = [charts.Point(one, f"{one}", Decimal(5), "5", "over") for one in weeks]
    titles = ("Week", "Amount", "State")
    if kind == "bars":
        charts.period_bars(points, titles, ("over", "not over"), locale)
    elif kind == "lines":
        charts.lines(points, titles[:2], locale)
    else:
        grids.heat_map(points, titles[:2], locale)


def _spec(kind: str, locale: str) -> dict[str, Any]:
    app = AppTest.from_function(_script, kwargs={"kind": kind, "locale": locale})
    app.run(timeout=30)
    assert not app.exception
    [chart] = app.get("vega_lite_chart")
    found: dict[str, Any] = json.loads(chart.proto.spec)
    return found


@pytest.mark.parametrize("locale", ["en_US", "fr_FR"])
@pytest.mark.parametrize("kind", ["bars", "lines", "heat map"])
def test_the_axis_writes_days_as_the_page_does(kind: str, locale: str) -> None:
    """Catches: ISO dates, or Vega's English months, below a page in French; days that move."""
    axis = _spec(kind, locale)["encoding"]["x"]

    weeks = [FIRST + timedelta(weeks=number) for number in range(3)]
    assert axis["sort"] == [formats.day(week, locale) for week in weeks]
    field = "column" if kind == "heat map" else "start"
    assert (axis["field"], axis["type"]) == (field, "ordinal")


def _bars_of_nobody() -> None:
    """What AppTest runs, on its own: bars of a list without rows."""
    from txplatform.serving.dashboard import charts

    charts.share_bars([], "Amount", "en_US")


def test_a_list_without_rows_has_no_bars() -> None:
    """Catches: the page of a shop all of whose customers are anonymous, which failed."""
    app = AppTest.from_function(_bars_of_nobody).run(timeout=30)

    assert not app.exception
    assert not app.get("vega_lite_chart")
