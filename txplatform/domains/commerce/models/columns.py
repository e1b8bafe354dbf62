"""From doubles to the columns of declared tables: money with 2 decimals, probabilities with 6."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Table

from txplatform.domains.commerce.tables.arrow import of_units, schema_of


def table_of(declared: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Some columns of a table as it declares them: a double that is a decimal there is rounded."""
    schema = schema_of(declared)
    made = {name: _column(values, schema.field(name).type) for name, values in columns.items()}
    return pa.table(made)


def table_of_rows(declared: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The same of rows; a column that a row lacks is NULL."""
    names = declared.columns.keys()
    return table_of(declared, {name: [row.get(name) for row in rows] for name in names})


def whole_units(values: Any, places: int) -> pa.Array:
    """Doubles in units of their last decimal, rounded half away from zero; NaN is NULL."""
    given = np.asarray(values, np.float64)
    is_number = np.isfinite(given)
    sizes = np.floor(np.abs(np.where(is_number, given, 0.0)) * 10**places + 0.5)
    return pa.array(np.copysign(sizes, given).astype(np.int64), mask=~is_number)


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(kind)
    if pa.types.is_decimal(kind):
        return of_units(whole_units(values, kind.scale), kind)
    return pa.array(values, kind)
