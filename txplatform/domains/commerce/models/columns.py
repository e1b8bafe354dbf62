"""From doubles to the columns of tables: money with 2 decimals, probabilities with 6."""

from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pyarrow as pa

from txplatform.domains.commerce.models.occasions import Real, Whole
from txplatform.money import ARROW

SHARE = pa.decimal128(18, 6)


def money(amounts: Real) -> pa.Array:
    """A column of amounts, rounded half up; NaN is NULL."""
    return _decimals(amounts, ARROW)


def shares(values: Real) -> pa.Array:
    """A column of probabilities, shares or counts that need not be whole; NaN is NULL."""
    return _decimals(values, SHARE)


def amount(value: float | None) -> Decimal | None:
    """One amount."""
    return None if value is None else decimals([value], 2)[0]


def share(value: float | None) -> Decimal | None:
    """One probability, share or ratio."""
    return None if value is None else decimals([value], 6)[0]


def decimals(values: Iterable[float], places: int) -> list[Decimal | None]:
    """Exact decimals of doubles, rounded half away from zero; NaN is None."""
    given = np.asarray(list(values), np.float64)
    is_number = np.isfinite(given)
    whole = _half_up(np.where(is_number, given, 0.0), places).tolist()
    numbers = (Decimal(number).scaleb(-places) for number in whole)
    return [n if is_one else None for n, is_one in zip(numbers, is_number, strict=True)]


def _decimals(values: Real, kind: pa.Decimal128Type) -> pa.Array:
    return pa.array(decimals(values, kind.scale), kind)


def _half_up(values: Real, places: int) -> Whole:
    whole = np.floor(np.abs(values) * 10**places + 0.5)
    return np.asarray(np.sign(values) * whole, np.int64)
