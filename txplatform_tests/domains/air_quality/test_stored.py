"""Decimals of MongoDB as arrays, and the hours of a station in a window, on a real server."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from bson.decimal128 import Decimal128
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database
from pymongoarrow.api import Schema, find_arrow_all
from pymongoarrow.types import Decimal128Type

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.computation.stored import Window, decimals, stored_hours
from txplatform.domains.air_quality.sources.stations import Deployment, Station
from txplatform.domains.air_quality.transforms.exact import ABSENT, scaled

START = datetime(2026, 3, 1, tzinfo=UTC)
written = st.one_of(
    st.none(),
    st.decimals(-19_999, 19_999, places=6, allow_nan=False),
    st.decimals(-1, 1, places=13, allow_nan=False),
    st.decimals(-1, 1, places=20, allow_nan=False),
    st.sampled_from([Decimal(n) for n in ("0", "-0.0", "1E+3", "1E-30", "-12.500", "0E-40")]),
)


def column_of(database: Database[dict[str, Any]], values: list[Decimal | None]) -> Any:
    database.decimals.drop()
    documents = [
        {"_id": at, "value": value if value is None else Decimal128(value)}
        for at, value in enumerate(values)
    ]
    database.decimals.insert_many(documents)
    schema = Schema({"_id": pa.int64(), "value": Decimal128Type()})
    table = find_arrow_all(database.decimals, {}, schema=schema, sort=[("_id", 1)])
    return table["value"].combine_chunks()


@given(values=st.lists(written, min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_decimal_arrives_exactly(
    mongo_database: Database[dict[str, Any]], values: list[Decimal | None]
) -> None:
    found = decimals(column_of(mongo_database, values))

    assert list(found) == [ABSENT if value is None else scaled(value) for value in values]


def test_a_part_of_a_column_is_read_from_its_place(
    mongo_database: Database[dict[str, Any]],
) -> None:
    column = column_of(mongo_database, [Decimal(n) for n in range(5)])

    assert list(decimals(column.slice(2, 2))) == [scaled(Decimal(2)), scaled(Decimal(3))]
    assert len(decimals(column.slice(0, 0))) == 0


def keep(database: Database[dict[str, Any]], *hours: int, **more: Any) -> None:
    """Store hours, counted from the first of March, whose PM2.5 is their number."""
    database[tables.AIR_HOURS].insert_many(
        {
            "_id": f"283164601|{hour}",
            "station_id": "283164601",
            "hour_start": START.replace(tzinfo=None) + timedelta(hours=hour),
            "values": {"pm25": Decimal128(str(hour))},
            "is_partial": False,
            "is_duplicate": False,
            **more,
        }
        for hour in hours
    )


def shape(found: Any) -> tuple[str, int, list[int]]:
    """First hour, number of hours and what is recorded."""
    first = str(found.hours[0])
    return first, len(found), [int(at) for at in np.nonzero(found.is_recorded)[0]]


def test_hours_lie_on_an_axis_without_holes(
    mongo_database: Database[dict[str, Any]], station: Station
) -> None:
    keep(mongo_database, 5, 3, 9)

    found = stored_hours(mongo_database, station)

    assert shape(found) == ("2026-03-01T03", 7, [0, 2, 6])
    assert [value // 10**13 for value in found.values["pm25"][[0, 2, 6]]] == [3, 5, 9]
    assert found.values["co"][0] == ABSENT
    assert found.zone == "Africa/Abidjan"


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [
        (4, 9, ("2026-03-01T04", 5, [1])),  # a gap at both ends is a gap
        (0, 4, ("2026-03-01T03", 1, [0])),  # before the first hour there is nothing
        (6, 30, ("2026-03-01T06", 4, [3])),  # nor after the last
    ],
)
def test_gaps_at_the_ends_of_a_window_are_gaps(
    mongo_database: Database[dict[str, Any]],
    station: Station,
    first: int,
    end: int,
    expected: tuple[str, int, list[int]],
) -> None:
    keep(mongo_database, 3, 5, 9)
    window = Window(START + timedelta(hours=first), START + timedelta(hours=end))

    assert shape(stored_hours(mongo_database, station, window)) == expected


def test_a_station_without_hours_has_an_empty_axis(
    mongo_database: Database[dict[str, Any]], station: Station
) -> None:
    found = stored_hours(mongo_database, station)

    assert len(found) == 0
    assert len(found.days.dates) == 0


def test_hours_before_a_deployment_stay_stored_and_are_left_out(
    mongo_database: Database[dict[str, Any]], station: Station
) -> None:
    keep(mongo_database, 3, 5, 9)
    deployed = station._replace(
        deployments=(Deployment(START + timedelta(hours=4), "Abidjan", "Europe/Rome"),)
    )

    found = stored_hours(mongo_database, deployed)

    assert shape(found) == ("2026-03-01T04", 6, [1, 5])
    assert found.zone == "Europe/Rome"
    assert mongo_database[tables.AIR_HOURS].count_documents({}) == 3


def test_marks_travel_with_the_hours(
    mongo_database: Database[dict[str, Any]], station: Station
) -> None:
    keep(mongo_database, 1)
    keep(mongo_database, 2, is_partial=True, is_duplicate=True)

    found = stored_hours(mongo_database, station)

    assert (list(found.is_partial), list(found.is_duplicate)) == ([False, True], [False, True])
