"""What is usual: percentiles, medians and deviations of a category's purchases, and robust scores.

The population of a week is the 52 weeks before it, without it: never the future. Sources: Iglewicz
and Hoaglin, How to Detect and Handle Outliers (1993), for the modified z-score and the branch
where half of the values are equal.

Spark would sort each purchase anew for each of the 52 weeks that it counts in; here it is sorted
once, and a week takes its part of that order.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform import money
from txplatform.domains.spend.rules.catalogue import DAYS_PER_WEEK, Rulebook

MAD_FACTOR = 0.6745
MEAN_DEVIATION_FACTOR = 1.253314
RANK_DIGITS = 6
ONE_RANK = 10**RANK_DIGITS
CENTRE = [(name, pa.float64()) for name in ("median", "median_deviation", "mean_deviation")]
USUAL = [("usual_amount", pa.decimal128(28, 8)), *CENTRE]
POPULATIONS = pa.schema([("week_start", pa.date32()), ("category", pa.string()), *USUAL])
DEPARTMENT_WEEKS = pa.schema(
    [
        ("week_start", pa.date32()),
        ("department", pa.string()),
        ("net_amount", money.ARROW),
        ("transaction_count", pa.int32()),
        *CENTRE,
    ]
)


class Centre(NamedTuple):
    """The middle of some values, and how far they lie from it."""

    median: float
    median_deviation: float
    mean_deviation: float | None
    """Only where the one before is 0: nothing else asks for it."""


def centre(ordered: NDArray[np.float64]) -> Centre:
    """Median and deviations of ordered values, at least one."""
    median = _middle(ordered)
    deviations = np.sort(np.abs(ordered - median))
    median_deviation = _middle(deviations)
    is_equal = median_deviation == 0
    mean = float(np.cumsum(deviations)[-1] / len(deviations)) if is_equal else None
    return Centre(median, median_deviation, mean)


def _middle(ordered: NDArray[np.float64]) -> float:
    size = len(ordered)
    return float((ordered[(size - 1) // 2] + ordered[size // 2]) / 2)


def category_populations(
    amounts: pa.Table, rules: Rulebook, first_week: date, last_week: date
) -> pa.Table:
    """What is usual in each category over the 52 weeks before each week.

    Args:
        amounts: `category`, `week_start`, `amount` of purchases, without refunds and zeros.
        rules: how many weeks, how many purchases at least, which percentile.
        first_week: Monday of the first week wanted.
        last_week: Monday of the last week wanted, inclusive.

    Returns:
        One row per `week_start` and `category` that has purchases in that week and 30 in the
        population: `usual_amount` (the 90th percentile, linear interpolation, exact decimal), and
        of log10(amount) `median`, `median_deviation` and `mean_deviation`.
    """
    span = DAYS_PER_WEEK * rules.population_weeks
    ends = pa.array([first_week, last_week]).cast(pa.int32()).to_pylist()
    rows = []
    for category, days, cents in _by_category(amounts):
        logarithms = np.log10(cents / 100)
        wanted = np.unique(days[(days >= ends[0]) & (days <= ends[1])])
        for day in wanted.tolist():
            is_before = (days >= day - span) & (days < day)
            if is_before.sum() >= rules.fewest_in_population:
                usual = _usual(cents[is_before], logarithms[is_before], rules)
                rows.append((day, category, *usual))
    return _table(rows, POPULATIONS)


def department_populations(totals: pa.Table, weeks: int) -> pa.Table:
    """The department-weeks of `totals` with what is usual in the `weeks` calendar weeks before.

    Those before which a week has no transactions are left out: they cannot be scored.

    Args:
        totals: `week_start`, `department`, `net_amount`, `transaction_count`.
        weeks: how many.
    """
    known = {(row["department"], row["week_start"].toordinal()): row for row in totals.to_pylist()}
    rows = []
    for (department, day), row in known.items():
        before = [known.get((department, day - DAYS_PER_WEEK * n)) for n in range(1, weeks + 1)]
        values = [float(one["net_amount"]) for one in before if one]
        if len(values) == weeks:
            usual = centre(np.sort(np.array(values)))._asdict()
            rows.append({**row, **usual})
    return pa.Table.from_pylist(rows, DEPARTMENT_WEEKS)


def _by_category(
    amounts: pa.Table,
) -> Iterator[tuple[str, NDArray[np.int32], NDArray[np.int64]]]:
    """Each category with the Mondays of its purchases, as days, and their cents, in order."""
    cents = money.cents(amounts["amount"])
    days = _numbers(amounts["week_start"].cast(pa.int32()))
    encoded = amounts["category"].combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    order = np.lexsort((cents, codes))
    ends = np.searchsorted(codes[order], np.arange(len(encoded.dictionary)), side="right")
    for category, part in zip(encoded.dictionary.to_pylist(), np.split(order, ends), strict=False):
        if len(part):
            yield category, days[part], cents[part]


def _numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    return np.asarray(column.to_numpy())


def _usual(
    cents: NDArray[np.int64], logarithms: NDArray[np.float64], rules: Rulebook
) -> tuple[Decimal, float, float, float | None]:
    percentile = rules["NEW_MERCHANT"].parameters["percentile"]
    return (_percentile(cents, percentile), *centre(logarithms))


def _percentile(ordered: NDArray[np.int64], share: Decimal) -> Decimal:
    """Of ordered cents, by linear interpolation at rank (n - 1) share; exact, as an amount."""
    rank = int(
        money.half_up((len(ordered) - 1) * share, Decimal(1).scaleb(-RANK_DIGITS)) * ONE_RANK
    )
    below, fraction = divmod(rank, ONE_RANK)
    low, high = int(ordered[below]), int(ordered[min(below + 1, len(ordered) - 1)])
    return Decimal(low * ONE_RANK + (high - low) * fraction).scaleb(-RANK_DIGITS - money.SCALE)


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    columns[0] = pa.array(columns[0], pa.int32()).cast(pa.date32())
    return pa.table(columns, schema=schema)


def logarithm(amount: str) -> Column:
    """log10 of an amount, which is what is scored."""
    return F.log10(F.col(amount).cast("double"))


def with_population(purchases: DataFrame, populations: DataFrame) -> DataFrame:
    """Add what is usual to purchases, by week and category or by category alone.

    Purchases of a category without a population are left out: they cannot be scored.
    """
    is_weekly = "week_start" in populations.columns
    keys = ["week_start", "category"] if is_weekly else ["category"]
    return purchases.join(F.broadcast(populations), keys)  # a row for each, never for each purchase


def robust_score(value: Column) -> Column:
    """0.6745 (value - median) / MAD; MAD = 0: (value - median) / (1.253314 mean deviation).

    NULL where both deviations are 0. Reads the columns that `centre` tells.
    """
    distance = value - F.col("median")
    by_median = F.try_divide(MAD_FACTOR * distance, F.col("median_deviation"))
    by_mean = F.try_divide(distance, MEAN_DEVIATION_FACTOR * F.col("mean_deviation"))
    return F.coalesce(by_median, by_mean)
