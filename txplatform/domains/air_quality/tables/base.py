"""What the tables share: their schema, and the types of values, means and instants."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Numeric, Text

SCHEMA = "air_quality"
metadata = MetaData(schema=SCHEMA)
VALUE = Numeric(12, 6)
MEAN = Numeric(12, 4)
PERCENT = Numeric(5, 2)


def instant(name: str, comment: str, is_optional: bool = False) -> Column[Any]:
    """A column that holds a moment in time."""
    return Column(name, DateTime(timezone=True), nullable=is_optional, comment=comment)


def stamps() -> list[Column[Any]]:
    """When and by which run a row was written."""
    return [
        instant("computed_at", "When the row was written."),
        Column("run_id", Text, nullable=False, comment="The run that wrote the row."),
    ]


def station_and_parameter() -> list[Column[Any]]:
    """Of which station and which parameter a row is."""
    return [
        Column("station_id", Text, nullable=False, comment="The network's number of the station."),
        Column(
            "parameter",
            Text,
            nullable=False,
            comment="co (mg/m3), no2, o3, pm10, pm25 (ug/m3), rh (%), t_ext (degrees C) or "
            "t_int_raw (raw counts of the box's own sensor).",
        ),
    ]
