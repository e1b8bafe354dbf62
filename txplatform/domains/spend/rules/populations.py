"""What is usual: percentiles, medians and deviations of a category's purchases, and robust scores.

The population of a week is the 52 weeks before it, without it: never the future. Sources: Iglewicz
and Hoaglin, How to Detect and Handle Outliers (1993), for the modified z-score and the branch
where half of the values are equal.
"""

from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from txplatform.domains.spend.rules.catalogue import Rulebook

MAD_FACTOR = 0.6745
MEAN_DEVIATION_FACTOR = 1.253314
MONEY = DecimalType(18, 2)
WHOLE = DecimalType(18, 0)
INTERPOLATED = DecimalType(28, 8)


def category_populations(
    transactions: DataFrame, rules: Rulebook, first_week: date, last_week: date
) -> DataFrame:
    """What is usual in each category over the 52 weeks before each week.

    Args:
        transactions: `category`, `week_start`, `amount`; refunds and zeros do not count.
        rules: how many weeks, how many purchases at least, which percentile.
        first_week: Monday of the first week wanted.
        last_week: Monday of the last week wanted, inclusive.

    Returns:
        One row per `week_start` and `category` that has purchases in that week and 30 in the
        population: `usual_amount` (the 90th percentile, linear interpolation, exact decimal), and
        of log10(amount) `median`, `median_deviation` and `mean_deviation` (double).
    """
    weekly = _samples(transactions, "category", "week_start")
    day_number = F.unix_date("week_start")
    days = 7 * rules.population_weeks
    before = Window.partitionBy("category").orderBy(day_number).rangeBetween(-days, -7)
    with_past = weekly.withColumns(
        {name: F.flatten(F.collect_list(name).over(before)) for name in ("cents", "values")}
    )
    wanted = with_past.where(F.col("week_start").between(F.lit(first_week), F.lit(last_week)))
    return _usual(wanted, rules).select("week_start", "category", *USUAL_COLUMNS)


def whole_population(transactions: DataFrame, rules: Rulebook) -> DataFrame:
    """The same with all transactions as the one population of all weeks: a row per `category`."""
    return _usual(_samples(transactions, "category"), rules).select("category", *USUAL_COLUMNS)


def _samples(transactions: DataFrame, *keys: str) -> DataFrame:
    """The purchases of each key as arrays: `cents`, whole, and `values`, log10 of the amounts.

    Arrays of numbers sort many times faster than of decimals, and a purchase in 52 populations
    has its logarithm taken once.
    """
    cents = (F.col("amount") * 100).cast("long")
    value = logarithm("amount")
    return (
        transactions.where("amount > 0")
        .groupBy(*keys)
        .agg(F.collect_list(cents).alias("cents"), F.collect_list(value).alias("values"))
    )


def logarithm(amount: str) -> Column:
    """log10 of an amount, which is what is scored."""
    return F.log10(F.col(amount).cast("double"))


USUAL_COLUMNS = ("usual_amount", "median", "median_deviation", "mean_deviation")


def with_population(purchases: DataFrame, populations: DataFrame) -> DataFrame:
    """Add what is usual to purchases, by week and category or by category alone.

    Purchases of a category without a population are left out: they cannot be scored.
    """
    is_weekly = "week_start" in populations.columns
    keys = ["week_start", "category"] if is_weekly else ["category"]
    return purchases.join(F.broadcast(populations), keys)  # a row for each, never for each purchase


def centre(samples: DataFrame) -> DataFrame:
    """Add `median`, `median_deviation` and `mean_deviation` of the array `values` (double).

    The last one only where the one before is 0: nothing else asks for it.
    """
    deviations = (
        "transform(values, value -> abs(value - nvl(median, 0D)))"  # boxes what may be NULL
    )
    total = "aggregate(deviations, 0D, (done, one) -> done + one)"
    return (
        samples.withColumn("values", F.sort_array("values"))
        .selectExpr("*", f"{_median('values')} AS median")
        .selectExpr("*", f"sort_array({deviations}) AS deviations")
        .selectExpr("*", f"{_median('deviations')} AS median_deviation")
        .selectExpr(
            "*",
            f"IF(median_deviation = 0, {total} / size(deviations), NULL) AS mean_deviation",
        )
    )


def robust_score(value: Column) -> Column:
    """0.6745 (value - median) / MAD; MAD = 0: (value - median) / (1.253314 mean deviation).

    NULL where both deviations are 0. Reads the columns that `centre` adds.
    """
    distance = value - F.col("median")
    by_median = F.try_divide(MAD_FACTOR * distance, F.col("median_deviation"))
    by_mean = F.try_divide(distance, MEAN_DEVIATION_FACTOR * F.col("mean_deviation"))
    return F.coalesce(by_median, by_mean)


def department_totals(transactions: DataFrame) -> DataFrame:
    """Net total and number of transactions per `week_start` and `department`."""
    return transactions.groupBy("week_start", "department").agg(
        F.sum("amount").cast(MONEY).alias("net_amount"),
        F.count("*").cast("int").alias("transaction_count"),
    )


def _usual(samples: DataFrame, rules: Rulebook) -> DataFrame:
    """From `_samples`, the columns that `category_populations` describes."""
    percentile = rules["NEW_MERCHANT"].parameters["percentile"]
    enough = samples.where(F.size("cents") >= rules.fewest_in_population)
    ordered = enough.withColumn("cents", F.sort_array("cents"))
    return centre(ordered.withColumn("usual_amount", _percentile("cents", percentile)))


def _median(ordered: str) -> str:
    """The middle of an ordered array, in SQL; NULL of an empty one.

    `get` and not `element_at`, which fails where Spark looks into an array before a filter on its
    size has left the empty ones out.
    """
    low = f"get({ordered}, CAST((size({ordered}) - 1) / 2 AS int))"
    high = f"get({ordered}, CAST(size({ordered}) / 2 AS int))"
    return f"({low} + {high}) / 2"


def _percentile(ordered: str, share: Decimal) -> Column:
    """Of ordered cents, by linear interpolation at rank (n - 1) share; exact, as an amount."""
    last = F.size(ordered) - 1
    rank = (last.cast("decimal(10,0)") * F.lit(share)).cast(DecimalType(16, 6))
    below = F.floor(rank).cast("int")
    low, high = F.get(ordered, below), F.get(ordered, F.least(below + 1, last))
    fraction = (rank - below.cast("decimal(10,0)")).cast(DecimalType(7, 6))
    cents = low.cast(WHOLE) + ((high - low).cast(WHOLE) * fraction)
    return (cents * F.lit(Decimal("0.01"))).cast(INTERPOLATED)
