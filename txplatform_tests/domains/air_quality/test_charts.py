"""Charts of the pages as Vega-Lite: no line across a gap, what is missing looks missing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from txplatform.domains.air_quality.pages import charts
from txplatform.domains.air_quality.pages.charts import Band, Day, Value
from txplatform.domains.air_quality.pages.compare import believed_mean

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def data_of(specification: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of a chart."""
    (records,) = specification["datasets"].values()
    return list(records)


def test_a_missing_value_interrupts_a_line() -> None:
    values = [
        Value("00:00", "PM2.5", Decimal("5.5"), "5.5"),
        Value("01:00", "PM2.5", None, "-"),
        Value("02:00", "PM2.5", Decimal("7.5"), "7.5"),
    ]

    chart = charts.lines(values, ("Hour", "PM2.5")).to_dict()

    assert [each["value"] for each in data_of(chart)] == [5.5, None, 7.5]
    line, points = (layer["mark"] for layer in chart["layer"])
    assert line["type"] == "line"
    assert line["invalid"].startswith("break-paths")
    assert points["type"] == "point"


def test_a_day_of_a_suspect_sensor_is_none_to_compare() -> None:
    """Catches: a sensor that drifts, drawn beside another as clean air."""
    mean = Decimal("0.0812")

    assert believed_mean({"is_suspect": False, "mean": mean}) == mean
    assert believed_mean({"is_suspect": True, "mean": mean}) is None


def test_a_value_between_two_gaps_is_a_point() -> None:
    """Catches: a lonely hour that a line of one point does not draw."""
    said = {"A": [1, None, 2, 3, None, 4], "B": [None, 5, None, None, 6, 7]}
    values = [
        Value(str(at), name, None if said[name][at] is None else Decimal(1), "")
        for at in range(6)
        for name in said
    ]

    records = data_of(charts.lines(values, ("Hour", "PM2.5")).to_dict())

    alone = [(each["name"], each["at"]) for each in records if each["is_alone"]]
    assert sorted(alone) == [("A", "0"), ("A", "5"), ("B", "1")]


def test_hours_keep_their_order_and_stations_their_dashes() -> None:
    values = [
        Value(at, name, Decimal(1), "1")
        for name in ("SMART188", "SMART189")
        for at in ("9:00", "10:00")
    ]

    chart = charts.lines(values, ("Hour", "PM2.5")).to_dict()

    encoding = chart["layer"][0]["encoding"]
    assert encoding["x"]["sort"] is None  # as they come: 9 before 10
    assert encoding["color"]["scale"]["domain"] == ["SMART188", "SMART189"]
    assert encoding["strokeDash"]["field"] == "name"


def test_the_station_that_was_chosen_first_keeps_the_first_colour() -> None:
    """Catches: colours that change places because the other station began a day earlier."""
    values = [
        Value("2022-12-06", "SMART189", Decimal(1), "1"),
        Value("2022-12-07", "SMART188", Decimal(1), "1"),
    ]

    chart = charts.lines(values, ("Day", "PM2.5"), ("SMART188", "SMART189")).to_dict()

    encoding = chart["layer"][0]["encoding"]
    assert encoding["color"]["scale"]["domain"] == ["SMART188", "SMART189"]
    assert encoding["strokeDash"]["sort"] == ["SMART188", "SMART189"]


def test_days_that_are_not_valid_are_hatched() -> None:
    days = [
        Day(date(2023, 1, 1), "Good", "5.0", True),
        Day(date(2023, 1, 2), "Not valid", "3 of 24 hours", False),
    ]

    steps = ["Good", "Moderate", "Not valid"]
    chart = charts.calendar(days, steps, ("Week", "Weekday"), WEEKDAYS).to_dict()

    first, second = data_of(chart)
    assert (first["hatch"], second["hatch"]) == ("", "/")
    assert (first["week"], first["weekday"]) == ("2022-W52", "Sun")  # ISO: a Sunday of last year
    assert (second["week"], second["weekday"]) == ("2023-W01", "Mon")
    rects, _ = chart["layer"]
    assert rects["encoding"]["y"]["sort"] == WEEKDAYS
    assert rects["encoding"]["color"]["scale"]["domain"] == ["Good", "Moderate", "Not valid"]
    assert len(rects["encoding"]["color"]["scale"]["range"]) == 3


def test_every_day_of_a_year_has_its_place() -> None:
    days = [Day(date(2023, 1, 1) + timedelta(days=n), "Good", "", True) for n in range(365)]

    chart = charts.calendar(days, ["Good", "Not valid"], ("Week", "Weekday"), WEEKDAYS).to_dict()

    places = {(each["week"], each["weekday"]) for each in data_of(chart)}
    assert len(places) == 365


def test_a_cell_without_enough_values_is_empty() -> None:
    cells = [
        Band("0", Decimal("5.5"), Decimal("2.5"), Decimal("9.5"), "5.5000"),
        Band("1", None, None, None, "-"),
    ]

    chart = charts.bands(cells, ("Hour", "PM2.5")).to_dict()

    first, second = data_of(chart)
    assert (first["low"], first["mean"], first["high"]) == (2.5, 5.5, 9.5)
    assert (second["low"], second["mean"], second["high"]) == (None, None, None)
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["bar", "point"]


def test_categories_are_told_apart_without_red_and_green_alone() -> None:
    assert len(set(charts.GOOD_TO_BAD)) == 6
    assert "#00ff00" not in charts.GOOD_TO_BAD
