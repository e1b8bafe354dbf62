"""Money: exact decimals of two places, one type in the dialects of all who keep it. No I/O."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute as pc
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


def cents(amounts: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Amounts (`ARROW`) as whole cents, to be reckoned with exactly and at once."""
    hundred = pa.scalar(Decimal(100), pa.decimal128(3, 0))
    return np.asarray(pc.multiply(amounts, hundred).cast(pa.int64()).to_numpy())


def of_cents(whole: npt.NDArray[np.int64]) -> pa.Array:
    """The amounts (`ARROW`) of whole cents."""
    unit = pa.scalar(CENT, pa.decimal128(3, 2))
    return pc.multiply(pa.array(whole).cast(pa.decimal128(19, 0)), unit).cast(ARROW)
