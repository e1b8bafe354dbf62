"""Rows of a smaller weekly table: a key, an amount, and a share that may be empty."""

from datetime import date
from decimal import Decimal

import pyarrow as pa

from txplatform.columns import arrow_schema
from txplatform.domains.spend import tables

KEY, VALUES = ("week_start", "department"), ("total_amount", "department_share")


def rows(*lines: tuple[date, str, str, str | None]) -> pa.Table:
    """Rows of (week, department, amount, share), amounts as text."""
    names = (*KEY, *VALUES)
    schema = arrow_schema(tables.weekly_transactions.c[name] for name in names)
    values = [
        (week, department, Decimal(total), share and Decimal(share))
        for week, department, total, share in lines
    ]
    return pa.Table.from_pylist(
        [dict(zip(names, value, strict=True)) for value in values], schema=schema
    )
