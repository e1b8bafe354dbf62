"""From doubles to the columns of declared tables: money with 2 decimals, probabilities with 6."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Table

from txplatform.domains.commerce.tables.arrow import schema_of


def table_of(declared: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Some columns of a table as it declares them: a double that is a decimal there is rounded."""
    schema = schema_of(declared)
    made = {name: _column(values, schema.field(name).type) for name, values in columns.items()}
    return pa.table(made)


def table_of_rows(declared: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The same of rows; a column that a row lacks is NULL."""
    names = declared.columns.keys()
    return table_of(declared, {name: [row.get(name) for row in rows] for name in names})


def decimals(values: Iterable[float | None], places: int) -> list[Decimal | None]:
    """Exact decimals of doubles, rounded half away from zero; NaN is None."""
    given = np.asarray(list(values), np.float64)
    is_number = np.isfinite(given)
    sizes = np.floor(np.abs(np.where(is_number, given, 0.0)) * 10**places + 0.5)
    whole = np.copysign(sizes, given).astype(np.int64).tolist()
    numbers = (Decimal(number).scaleb(-places) for number in whole)
    return [n if is_one else None for n, is_one in zip(numbers, is_number, strict=True)]


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(kind)
    return pa.array(decimals(values, kind.scale) if pa.types.is_decimal(kind) else values, kind)
