"""Columns that tables of several domains have, and the types of any column in Arrow. No I/O."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    Numeric,
    Text,
)


def instant(name: str, comment: str, is_optional: bool = False, **options: Any) -> Column[Any]:
    """A column that holds a moment in time."""
    kind = DateTime(timezone=True)
    return Column(name, kind, nullable=is_optional, comment=comment, **options)


def stamps() -> list[Column[Any]]:
    """When and by which run a row was written."""
    return [
        instant("computed_at", "When the row was written."),
        Column("run_id", Text, nullable=False, comment="The run that wrote the row."),
    ]


def arrow_schema(columns: Iterable[Any]) -> pa.Schema:
    """The Arrow types of declared columns; money stays decimal of the declared width."""
    return pa.schema([(column.name, _arrow_type(column)) for column in columns])


def _arrow_type(column: Column[Any]) -> pa.DataType:
    match column.type:
        case Numeric(precision=int(precision), scale=int(scale)):
            return pa.decimal128(precision, scale)
        case DateTime(timezone=has_zone):
            return pa.timestamp("us", tz="UTC" if has_zone else None)
        case Date():
            return pa.date32()
        case Boolean():
            return pa.bool_()
        case Float():
            return pa.float64()
        case BigInteger():
            return pa.int64()
        case Integer():
            return pa.int32()
        case _:
            return pa.string()
