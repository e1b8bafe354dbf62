"""Exact arithmetic on whole numbers, the same on every engine: no decimals, no doubles."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from txplatform.errors import ReconciliationError

LARGEST = (1 << 63) - 1
WIDEST_FACTOR = 2_000_000
"""A share of six digits doubles and scales its numerator: totals are bounded by it."""


def half_up(numerator: Any, denominator: Any) -> Any:
    """A quotient rounded once, half away from zero; the denominator is above 0.

    For narwhals and for Polars expressions alike: `//` of whole numbers is exact in both.
    """
    size = (numerator.abs() * 2 + denominator) // (denominator * 2)
    return size * sign(numerator)


def sign(value: Any) -> Any:
    """1 or -1."""
    flag = value < 0
    if isinstance(value, nw.Expr):
        return 1 - flag.cast(nw.Int64) * 2
    return 1 - flag.cast(pl.Int64) * 2


def ratio(numerator: pl.Expr, denominator: pl.Expr, digits: int) -> pl.Expr:
    """A quotient as whole units of its last digit; NULL where the denominator is not above 0."""
    safe = pl.when(denominator > 0).then(denominator)
    rounded: pl.Expr = half_up(numerator * 10**digits, safe)
    return rounded


def class_of(value: pl.Expr, least: Mapping[str, int]) -> pl.Expr:
    """The class of a value by name: the last whose least value it reaches, else the first."""
    names = [*least]
    reached = ((value >= least[name]).cast(pl.Int64) for name in names[1:])
    place: pl.Expr = sum(reached, value * 0)
    return place.replace_strict(dict(enumerate(names)), return_dtype=pl.String)


def require_countable(size_cents: int) -> None:
    """Refuse amounts whose shares would not fit into 64 bits: an engine may wrap silently.

    Sales and refunds may leave little of each other: what counts is what they add up to without
    their signs.

    Raises:
        ReconciliationError: they are too large.
    """
    if size_cents * WIDEST_FACTOR > LARGEST:
        raise ReconciliationError(
            f"Sales and refunds add up to {size_cents / 100:,.2f}: above 46 billion shares are not "
            "exact. Take back the file whose amounts are wrong: `txplatform commerce withdraw` "
            "lists the files."
        )


def quotient(numerator: int, denominator: int, digits: int) -> int | None:
    """A quotient of whole numbers in units of its last digit, half up; None where undefined."""
    if denominator <= 0:
        return None
    scale: int = 10**digits
    size = (abs(numerator) * scale * 2 + denominator) // (denominator * 2)
    return -size if numerator < 0 else size


def power_pct(last: int, first: int, steps: float) -> int | None:
    """(last / first) ^ steps - 1 in ten-thousandths of a per cent; None where undefined."""
    if first <= 0 or last <= 0:
        return None
    factor: float = (last / first) ** steps
    return round((factor - 1) * 1_000_000)
