"""What a finished table must be, derived from its declaration and checked before it is written."""

from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa
from pandera import polars as checked
from pandera.errors import SchemaErrors
from sqlalchemy import Column, Table

from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.errors import ReconciliationError

NOT_NEGATIVE = ("gross_amount", "recency_days", "frequency", "n", "size", "active", "checked",
                "passed")  # fmt: skip


def validated(table: Table, rows: pa.Table) -> pa.Table:
    """The rows, if they are what the table declares.

    Raises:
        ReconciliationError: a column has another type, a key is empty or there twice, a count or
            a share is impossible; the sentence names table, column and check.
    """
    if not rows.schema.equals(schema_of(table)):
        raise _refused(table, "its columns or their types are not those that are declared")
    try:
        schema_for(table).validate(pl.DataFrame(rows), lazy=True)
    except SchemaErrors as error:
        case = error.failure_cases.row(0, named=True)
        what = (
            f"{case['column'] or 'its rows'} fails {case['check']} ({case['failure_case']!s:.80})"
        )
        raise _refused(table, what) from None
    return rows


def _refused(table: Table, what: str) -> ReconciliationError:
    return ReconciliationError(f"{table.name} cannot be published: {what}. Nothing was written.")


@cache
def schema_for(table: Table) -> checked.DataFrameSchema:
    """What the values of a declared table must be; their types are those of its Arrow schema."""
    keys = [column.name for column in table.primary_key]
    columns = {column.name: _column(column) for column in table.columns}
    return checked.DataFrameSchema(columns, strict=True, ordered=True, unique=keys or None)


def _column(declared: Column[Any]) -> checked.Column:
    checks = []
    is_count = declared.name.endswith("_count") or declared.name in NOT_NEGATIVE
    if is_count:
        checks.append(checked.Check.ge(0))
    if declared.name.endswith(("retention", "_rate")):
        checks.append(checked.Check.in_range(0, 1))
    return checked.Column(None, checks, nullable=not declared.primary_key)
