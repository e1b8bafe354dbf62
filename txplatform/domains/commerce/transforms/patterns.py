"""How amounts spread: concentration, seasons, pairs of products, distributions, key figures."""

from decimal import ROUND_HALF_UP, Decimal
from math import ceil

import polars as pl

from txplatform.domains.commerce.transforms.arithmetic import half_up, power_pct, quotient, ratio
from txplatform.domains.commerce.transforms.sales import MONTHS_OF_YEAR, Window

QUANTILES = (1, 5, 25, 50, 75, 90, 95, 99)
BINS = 20
HOURS = 24
SUMMED = ("order_count", "line_count", "quantity", "gross_amount", "refund_amount",
          "net_amount")  # fmt: skip


def concentration_of(dimension: str, rows: pl.DataFrame, key: str) -> dict[str, object]:
    """How unequally net amounts are spread over customers, countries or products."""
    net = pl.col("net_amount")
    values = rows.select(key, x=pl.max_horizontal(net, 0)).sort(
        ["x", key], descending=[True, False]
    )
    ranked, number, total = values["x"].to_list(), values.height, int(values["x"].sum())
    measured = _shares(ranked, total) if total else {}
    return {
        "dimension": dimension,
        "n": number,
        "net_amount": int(rows["net_amount"].sum()),
        "negative_count": int((rows["net_amount"] < 0).sum()),
        **measured,
    }


def _shares(ranked: list[int], total: int) -> dict[str, int | None]:
    """Measures of amounts in descending order, in millionths."""
    number = len(ranked)
    weighted = sum((number - 1 - 2 * place) * value for place, value in enumerate(ranked))
    reached, count = 0, 0
    while reached * 5 < total * 4:
        reached += ranked[count]
        count += 1
    top = {percent: sum(ranked[: ceil(number * percent / 100)]) for percent in (10, 20)}
    return {
        "gini": quotient(weighted, number * total, 6),
        "pareto_k": count,
        "pareto_share": quotient(count, number, 6),
        "top_10_share": quotient(top[10], total, 6),
        "top_20_share": quotient(top[20], total, 6),
    }


def seasonality_of(
    days: pl.DataFrame, hours: pl.DataFrame | None, window: Window
) -> list[dict[str, object]]:
    """Net amount per calendar day of a kind over that of all days; of an hour 24 x its share."""
    total = int(days["net_amount"].sum())
    rows: list[dict[str, object]] = []
    for dimension, column in (("weekday", "weekday"), ("month", "month")):
        kinds = days.group_by(column).agg(pl.col("net_amount").sum(), pl.len().alias("days"))
        for kind in kinds.sort(column).to_dicts():
            index = quotient(kind["net_amount"] * window.days, kind["days"] * total, 6)
            rows.append({"dimension": dimension, "value": kind[column], "index": index,
                         "net_amount": kind["net_amount"], "day_count": kind["days"]})  # fmt: skip
    for hour in hours.to_dicts() if hours is not None else ():
        index = quotient(hour["net_amount"] * HOURS, total, 6)
        rows.append({"dimension": "hour", "value": hour["hour"], "index": index,
                     "net_amount": hour["net_amount"], "day_count": window.days})  # fmt: skip
    return rows


def affinity_of(pairs: pl.DataFrame, baskets: int, basket: str) -> pl.DataFrame:
    """Support, confidence both ways and lift of pairs of products."""
    both, a, b = pl.col("n_ab"), pl.col("n_a"), pl.col("n_b")
    number = pl.lit(baskets, pl.Int64)
    return pairs.with_columns(
        basket=pl.lit(basket),
        basket_count=number,
        support=ratio(both, number, 6),
        confidence_a_to_b=ratio(both, a, 6),
        confidence_b_to_a=ratio(both, b, 6),
        lift=half_up(both * number * 10_000, a * b),
    ).sort("product_a", "product_b")


def distribution_of(measure: str, amounts: pl.Series) -> dict[str, object]:
    """Mean, quantiles (linear interpolation) and 20 equal bins of amounts in cents."""
    values = amounts.sort()
    number = values.len()
    if not number:
        return {"measure": measure, "n": 0}
    low, high = int(values[0]), int(values[-1])
    width = max(high - low, 1)
    bins = ((values - low) * BINS // width).clip(0, BINS - 1).value_counts()
    counted = dict(bins.iter_rows())
    return {
        "measure": measure,
        "n": number,
        "mean": quotient(int(values.sum()), number, 0),
        "minimum": low,
        "maximum": high,
        **{f"q{percent:02}": quantile(values, percent) for percent in QUANTILES},
        **{f"bin_{place + 1:02}": counted.get(place, 0) for place in range(BINS)},
    }


def quantile(ascending: pl.Series, percent: int) -> int | None:
    """A quantile by linear interpolation, in whole cents, half up."""
    number = ascending.len()
    if not number:
        return None
    place, rest = divmod((number - 1) * percent, 100)
    low = int(ascending[place])
    high = int(ascending[min(place + 1, number - 1)])
    return quotient(low * 100 + rest * (high - low), 100, 0)


def deviation(values: pl.Series) -> int | None:
    """Sample deviation of amounts in whole cents, from exact sums; None under two values."""
    number = values.len()
    if number < 2:
        return None
    wide = values.cast(pl.Int128)
    total, squares = int(wide.sum()), int((wide * wide).sum())
    variance = Decimal(number * squares - total * total) / Decimal(number * (number - 1))
    return int(variance.sqrt().quantize(Decimal(1), ROUND_HALF_UP))


def compound_growth(growth: pl.DataFrame) -> tuple[int | None, int | None]:
    """Monthly growth from the first to the last complete month, and twelve of them."""
    nets = growth["net_amount"].to_list()
    steps = len(nets) - 1
    if steps < 1:
        return None, None
    has_year = len(nets) >= MONTHS_OF_YEAR
    yearly = power_pct(nets[-1], nets[0], MONTHS_OF_YEAR / steps) if has_year else None
    return power_pct(nets[-1], nets[0], 1 / steps), yearly


def kpis_of(
    days: pl.DataFrame,
    clients: pl.DataFrame,
    growth: pl.DataFrame,
    order_amounts: pl.Series,
    window: Window,
) -> dict[str, object]:
    """The key figures of all days, in one row."""
    buyers = clients.filter(~pl.col("is_anonymous") & (pl.col("order_count") > 0))
    totals = {name: int(days[name].sum()) for name in SUMMED}
    ascending = order_amounts.sort()
    monthly, yearly = compound_growth(growth)
    since = {d: window.as_of - d for d in (30, 90)}
    return {
        **totals,
        "customer_count": int((~clients["is_anonymous"]).sum()),
        "buyer_count": buyers.height,
        "average_order": quotient(totals["gross_amount"], totals["order_count"], 0),
        "median_order": quantile(ascending, 50),
        "minimum_order": ascending.min(),
        "maximum_order": ascending.max(),
        "deviation_order": deviation(ascending),
        "amount_per_customer": quotient(int(buyers["net_amount"].sum()), buyers.height, 0),
        "amount_per_day": quotient(totals["net_amount"], window.days, 0),
        **{
            f"active_{d}_days": int((buyers["last_order"] >= day).sum()) for d, day in since.items()
        },
        **{f"new_{d}_days": int((buyers["first_order"] >= day).sum()) for d, day in since.items()},
        "last_growth_pct": growth["change_pct"][-1] if growth.height else None,
        "last_yoy_pct": growth["yoy_pct"][-1] if growth.height else None,
        "compound_monthly_pct": monthly,
        "compound_annual_pct": yearly,
        "first_day": window.first_day,
        "as_of": window.as_of,
    }
