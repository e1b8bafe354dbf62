"""Columns that tables of several domains have, and the types of any column in Arrow. No I/O."""

from collections.abc import Iterable
from typing import Any, Protocol

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

from txplatform import money


class Declares(Protocol):
    """Declares a column of one type; every row has a value unless it is optional."""

    def __call__(
        self, name: str, comment: str, is_optional: bool = ..., **options: Any
    ) -> Column[Any]:
        """A column of a name, with what it means."""


def of_kind(kind: Any, are_optional: bool = False) -> Declares:
    """What declares columns of a type; unless one says otherwise, they are optional or not."""

    def declare(
        name: str, comment: str, is_optional: bool = are_optional, **options: Any
    ) -> Column[Any]:
        is_nullable = is_optional and not options.get("primary_key")
        return Column(name, kind, nullable=is_nullable, comment=comment, **options)

    return declare


text, flag, day = of_kind(Text), of_kind(Boolean), of_kind(Date)
instant, amount = of_kind(DateTime(timezone=True)), of_kind(money.SQL)


def stamps() -> list[Column[Any]]:
    """When and by which run a row was written."""
    return [
        instant("computed_at", "When the row was written."),
        text("run_id", "The run that wrote the row."),
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
