"""Between whole units, as frames have them, and the decimals, days and instants of tables.

Exact and without a detour through doubles or texts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from pyarrow import compute as pc
from sqlalchemy import Table

from txplatform.columns import arrow_schema
from txplatform.money import of_whole_units, whole_units

SECOND_US = 1_000_000


def schema_of(table: Table) -> pa.Schema:
    """The Arrow schema of a declared table, comments included."""
    comments = ({"comment": column.comment or ""} for column in table.columns)
    kinds = zip(arrow_schema(table.columns), comments, strict=True)
    return pa.schema([field.with_metadata(comment) for field, comment in kinds])


def of_rows(table: Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows in whole units as the table that they belong to; what a row lacks is NULL."""
    schema = schema_of(table)
    is_plain = {pa.string(), pa.bool_()}
    units = [(one.name, one.type if one.type in is_plain else pa.int64()) for one in schema]
    return finished(pa.Table.from_pylist([*rows], pa.schema(units)), schema)


def finished(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, in its order, whole units turned into its types."""
    columns = [of_units(rows[field.name].combine_chunks(), field.type) for field in schema]
    return pa.table(columns, schema=schema)


def of_units(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    """A column in whole units as the type that it stands for; another one is cast."""
    if not pa.types.is_integer(column.type):
        return column.cast(wanted)
    units = column.cast(pa.int64())
    if pa.types.is_decimal(wanted):
        return of_whole_units(units, wanted)
    if pa.types.is_timestamp(wanted):
        return pc.multiply(units, SECOND_US).cast(wanted)
    return units.cast(pa.int32()).cast(wanted) if pa.types.is_date(wanted) else units.cast(wanted)


def in_units(rows: pa.Table) -> pa.Table:
    """Decimals, days and instants as whole units: what `finished` takes."""
    return pa.table([_unit(column) for column in rows.columns], names=rows.column_names)


def _unit(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_decimal(kind):
        return whole_units(column)
    if pa.types.is_date(kind):
        return column.cast(pa.int32()).cast(pa.int64())
    if pa.types.is_timestamp(kind):
        return pc.divide(column.cast(pa.timestamp("us")).cast(pa.int64()), SECOND_US)
    return column
