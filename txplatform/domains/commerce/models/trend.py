"""Months taken apart into trend, season and what remains: STL.

Source: Cleveland and others, STL: A Seasonal-Trend Decomposition Procedure Based on Loess, Journal
of Official Statistics 6 (1990).
"""

import numpy as np
import polars as pl

from txplatform.domains.commerce.models.maximum import one_thread

MONTHS, LEAST_YEARS = 12, 2


def trend_of(growth: pl.DataFrame) -> pl.DataFrame:
    """Complete months in cents, taken apart; none where they are fewer than two whole years."""
    months = growth.select("month", "net_amount")
    if months.height < LEAST_YEARS * MONTHS:
        return months.clear()
    from statsmodels.tsa.seasonal import STL  # it takes a second, which young shops need not wait

    with one_thread():
        found = STL(months["net_amount"].to_numpy().astype(np.float64), period=MONTHS).fit()
    parts = months.with_columns(
        pl.Series(name, np.rint(part).astype(np.int64))
        for name, part in (("trend", found.trend), ("season", found.seasonal))
    )
    rest = pl.col("net_amount") - pl.col("trend") - pl.col("season")
    return parts.with_columns(remainder=rest)
