"""Customers by recency, frequency and value; how active they are; and what became of cohorts.

The population is the identified customers with an order before `as_of`.
"""

import polars as pl

from txplatform.domains.commerce.transforms.arithmetic import class_of, half_up, ratio
from txplatform.domains.commerce.transforms.calendar import calendar
from txplatform.domains.commerce.transforms.lines import ANONYMOUS, UNKNOWN
from txplatform.domains.commerce.transforms.sales import COUNTS, Window, finished_measures

SCORES = 5
SEGMENTS = {
    1: ("Hibernating", "Hibernating", "At risk", "At risk", "Can't lose"),
    2: ("Hibernating", "Hibernating", "At risk", "At risk", "Can't lose"),
    3: ("About to sleep", "About to sleep", "Need attention", "Loyal", "Loyal"),
    4: ("Promising", "Potential loyalist", "Potential loyalist", "Loyal", "Loyal"),
    5: ("New", "Potential loyalist", "Potential loyalist", "Champions", "Champions"),
}
"""Names by score of recency, then of frequency 1 to 5."""
PROSPECT = "Prospect"
STATUSES = {"active": 0, "at risk": 31, "inactive": 91, "churned": 181}
"""Days since the last order from which on a customer has a status."""
SHARE_DAYS = (30, 60, 90, 180, 365)


def clients_of(
    customer_days: pl.DataFrame,
    known: pl.DataFrame,
    countries: pl.DataFrame,
    products: pl.DataFrame,
) -> pl.DataFrame:
    """Every customer, with or without order, and `(anonymous)` where there are such sales.

    Args:
        customer_days: what each customer bought on each day.
        known: rows of the customer file: name, email, registered_on, country.
        countries: country of each customer's last line.
        products: number of products of each customer.
    """
    ordered = pl.when(pl.col("order_count") > 0).then(pl.col("day"))
    summed = customer_days.group_by("customer_id").agg(
        pl.col(*COUNTS).sum(),
        ordered.min().alias("first_order"),
        ordered.max().alias("last_order"),
        pl.col("sale_count").sum(),
    )
    everybody = pl.concat([known["customer_id"], countries["customer_id"]]).unique()
    joined = pl.DataFrame({"customer_id": everybody})
    by_line = countries.rename({"country": "last_country"})
    for other in (summed, known, by_line, products):
        joined = joined.join(other, on="customer_id", how="left")
    is_nobody = pl.col("customer_id") == ANONYMOUS
    counts = pl.col(*COUNTS, "product_count").fill_null(0)
    bought = (pl.col("sale_count").fill_null(0) > 0) & ~is_nobody
    filled = joined.with_columns(counts, customer_count=bought.cast(pl.Int64))
    own = pl.when(pl.col("country") != UNKNOWN).then(pl.col("country"))
    return (
        finished_measures(filled)
        .with_columns(
            is_anonymous=is_nobody,
            country=pl.coalesce(own, "last_country", pl.lit(UNKNOWN)),
        )
        .sort("customer_id")
    )


def population_of(clients: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """Identified customers with an order, and the days since the last one."""
    found = clients.filter(~pl.col("is_anonymous") & (pl.col("order_count") > 0))
    return found.with_columns(
        recency_days=pl.lit(as_of) - pl.col("last_order"),
        frequency=pl.col("order_count"),
        monetary=pl.col("net_amount"),
    )


def rfm_of(population: pl.DataFrame) -> pl.DataFrame:
    """Scores 1 to 5 of recency, frequency and value, and the segment of the first two."""
    scored = population.with_columns(
        r_score=_score(-pl.col("recency_days")),
        f_score=_score(pl.col("frequency")),
        m_score=_score(pl.col("monetary")),
    )
    by_frequency = pl.col("r_score").replace_strict(SEGMENTS, return_dtype=pl.List(pl.String))
    segment = by_frequency.list.get(pl.col("f_score") - 1)
    return scored.with_columns(segment=segment).sort("customer_id")


def _score(value: pl.Expr) -> pl.Expr:
    """Where a value stands among all: equal values get equal scores, all equal the middle one."""
    below = value.rank("min").cast(pl.Int64) - 1
    score = pl.min_horizontal(pl.lit(SCORES), 1 + below * SCORES // pl.len().cast(pl.Int64))
    return pl.when(value.n_unique() == 1).then(3).otherwise(score).cast(pl.Int64)


def segments_of(rfm: pl.DataFrame, customer_count: int) -> pl.DataFrame:
    """Size and means of each segment; sizes add up to all customers."""
    size = pl.len().cast(pl.Int64)
    grouped = rfm.group_by("segment").agg(
        size.alias("customer_count"),
        half_up(pl.col("recency_days").sum() * 100, size).alias("mean_recency_days"),
        half_up(pl.col("frequency").sum() * 100, size).alias("mean_frequency"),
        half_up(pl.col("monetary").sum(), size).alias("mean_monetary"),
        pl.col("monetary").sum().alias("monetary"),
    )
    prospects = pl.DataFrame(
        {"segment": [PROSPECT], "customer_count": [customer_count - rfm.height], "monetary": [0]}
    )
    return pl.concat([grouped, prospects], how="diagonal").sort("segment")


def activity_of(population: pl.DataFrame) -> pl.DataFrame:
    """Each customer's status by the days since the last order."""
    status = class_of(pl.col("recency_days"), STATUSES)
    return population.with_columns(status=status).sort("customer_id")


def activity_summary_of(activity: pl.DataFrame) -> pl.DataFrame:
    """How many customers have which status, were active within which days, and came again."""
    number = pl.lit(activity.height, pl.Int64)
    counts = {
        f"{name.replace(' ', '_')}_count": (pl.col("status") == name).sum() for name in STATUSES
    }
    shares = {f"share_{days}_days": (pl.col("recency_days") <= days).sum() for days in SHARE_DAYS}
    repeats = (pl.col("frequency") >= 2).sum()
    return activity.select(
        customer_count=number,
        **counts,
        **{name: ratio(count.cast(pl.Int64), number, 6) for name, count in shares.items()},
        repeat_rate=ratio(repeats.cast(pl.Int64), number, 6),
    )


def cohorts_of(customer_days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Customers by month of their first order, and how many of them order at which age in months.

    A cell whose month has not begun is a row of NULLs.
    """
    facts = calendar(window.first_day - 31, window.as_of + 31)
    dated = customer_days.lazy().join(facts.lazy().select("day", "month_number"), on="day")
    identified = dated.filter(pl.col("customer_id") != ANONYMOUS)
    # By month at once: of ten million lines the days with all their columns are a gigabyte.
    months = identified.group_by("customer_id", "month_number").agg(
        pl.col("order_count").sum(), pl.col("gross").sum().alias("gross_amount")
    )
    cohort = pl.col("month_number").filter(pl.col("order_count") > 0).min().over("customer_id")
    born = months.collect().with_columns(cohort_number=cohort).drop_nulls("cohort_number")
    age = pl.max_horizontal(pl.col("month_number") - pl.col("cohort_number"), 0)
    placed = born.select("customer_id", "cohort_number", "order_count", "gross_amount", age=age)
    active = placed.filter(pl.col("order_count") > 0)
    sums = placed.group_by("cohort_number", "age").agg(pl.col("order_count", "gross_amount").sum())
    counts = active.group_by("cohort_number", "age").agg(pl.len().cast(pl.Int64).alias("active"))
    found = _grid(placed, facts, window)
    for cells in (sums, counts, _rolling(active)):
        found = found.join(cells, on=["cohort_number", "age"], how="left")
    return _rated(found)


def _grid(placed: pl.DataFrame, facts: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Every cohort at every age that the window has, with the months' bounds."""
    bounds = facts.group_by("month_number").agg(
        pl.col("month_start").first(), pl.col("day").max().alias("month_end")
    )
    inside = facts.filter(pl.col("day").is_between(window.first_day, window.as_of - 1))
    span = inside["month_number"].n_unique()
    sizes = placed.group_by("cohort_number").agg(
        pl.col("customer_id").n_unique().cast(pl.Int64).alias("size")
    )
    starts = bounds.rename({"month_number": "cohort_number", "month_start": "cohort"})
    ends = starts.select("cohort_number", "cohort", pl.col("month_end").alias("cohort_end"))
    sized = sizes.join(ends, on="cohort_number")
    ages = pl.DataFrame({"age": pl.Series(range(span), dtype=pl.Int64)})
    cells = sized.join(ages, how="cross").with_columns(
        month_number=pl.col("cohort_number") + pl.col("age")
    )
    placed_cells = cells.join(bounds, on="month_number", how="left")
    has_begun = (pl.col("month_start") < window.as_of).fill_null(False)
    is_complete = (
        (pl.col("month_end") < window.as_of)
        & (pl.col("cohort_end") < window.as_of)
        & (pl.col("cohort") >= window.first_day)
    ).fill_null(False)
    return placed_cells.with_columns(has_begun=has_begun, is_complete=is_complete)


def _rolling(active: pl.DataFrame) -> pl.DataFrame:
    """How many customers of a cohort order at an age or later."""
    last = active.group_by("cohort_number", "customer_id").agg(pl.col("age").max())
    counted = last.group_by("cohort_number", "age").agg(pl.len().cast(pl.Int64).alias("leaving"))
    oldest = max(active["age"].to_list(), default=0)
    every_age = pl.DataFrame({"age": pl.Series(range(oldest + 1), dtype=pl.Int64)})
    ages = active.select("cohort_number").unique().join(every_age, how="cross")
    filled = ages.join(counted, on=["cohort_number", "age"], how="left").sort("age")
    leaving = pl.col("leaving").fill_null(0)
    return filled.with_columns(
        rolling_active=leaving.cum_sum(reverse=True).over("cohort_number")
    ).drop("leaving")


def _rated(cells: pl.DataFrame) -> pl.DataFrame:
    """Rates of the cells that have begun; NULL in the others, never 0."""
    begun = pl.when(pl.col("has_begun"))
    names = ("active", "rolling_active", "order_count", "gross_amount")
    known = cells.with_columns(begun.then(pl.col(name).fill_null(0)).alias(name) for name in names)
    return known.with_columns(
        retention=ratio(pl.col("active"), pl.col("size"), 6),
        rolling_retention=ratio(pl.col("rolling_active"), pl.col("size"), 6),
    ).sort("cohort", "age")


def cohort_totals_of(cohorts: pl.DataFrame) -> pl.DataFrame:
    """Each cohort's orders and gross amount, and what a customer of it brought."""
    totals = cohorts.group_by("cohort").agg(
        pl.col("size").first(), pl.col("order_count", "gross_amount").sum()
    )
    return totals.with_columns(
        amount_per_customer=half_up(pl.col("gross_amount"), pl.col("size"))
    ).sort("cohort")
