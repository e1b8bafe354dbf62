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


def whole_units(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Decimals as whole units of their last digit, such as cents; exact, of 64 bits."""
    scale = values.type.scale
    factor = pa.scalar(Decimal(10**scale), pa.decimal128(scale + 1, 0))
    return pc.multiply(values, factor).cast(pa.int64())


def of_whole_units(units: pa.Array, kind: pa.DataType) -> pa.Array:
    """Decimals of a type from whole units of its last digit."""
    unit = pa.scalar(Decimal(1).scaleb(-kind.scale), pa.decimal128(kind.scale + 1, kind.scale))
    return pc.multiply(units.cast(pa.decimal128(19, 0)), unit).cast(kind)


def cents(amounts: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Amounts (`ARROW`) as whole cents, to be reckoned with exactly and at once."""
    return np.asarray(whole_units(amounts).to_numpy())


def of_cents(whole: npt.NDArray[np.int64]) -> pa.Array:
    """The amounts (`ARROW`) of whole cents."""
    return of_whole_units(pa.array(whole), ARROW)
