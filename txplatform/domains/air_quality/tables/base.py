"""What the tables share: their schema, and the types of values, means and instants."""

from typing import Any

from sqlalchemy import Column, MetaData, Numeric

from txplatform.columns import text

SCHEMA = "air_quality"
metadata = MetaData(schema=SCHEMA)
VALUE = Numeric(12, 6)
MEAN = Numeric(12, 4)
PERCENT = Numeric(5, 2)


def station_and_parameter() -> list[Column[Any]]:
    """Of which station and which parameter a row is."""
    return [
        text("station_id", "The network's number of the station."),
        text(
            "parameter",
            "co (mg/m3), no2, o3, pm10, pm25 (ug/m3), rh (%), t_ext (degrees C) or "
            "t_int_raw (raw counts of the box's own sensor).",
        ),
    ]
