"""Money: exact decimals of two places, one type in the dialects of all who keep it. No I/O."""

from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
from sqlalchemy import Numeric

PRECISION, SCALE = 18, 2
CENT = Decimal("0.01")
LARGEST = Decimal(10) ** (PRECISION - SCALE) - CENT
"""The largest amount, in absolute value, that the type holds."""

SQL: Numeric[Decimal] = Numeric(PRECISION, SCALE)
ARROW = pa.decimal128(PRECISION, SCALE)
SPARK = f"decimal({PRECISION},{SCALE})"
"""In Spark's SQL; cast sums to it before they are divided, for Spark would round twice."""


def half_up(value: Decimal, unit: Decimal = CENT) -> Decimal:
    """A decimal rounded once, halves away from zero, to a multiple of `unit` (a power of ten)."""
    return value.quantize(unit, ROUND_HALF_UP)
