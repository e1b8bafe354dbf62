"""What customers are worth over the next twelve months: `customer_value`, `value_by_country`."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from txplatform.domains.commerce.models.columns import table_of
from txplatform.domains.commerce.models.fits import Fits
from txplatform.domains.commerce.models.occasions import (
    CENTS,
    DAYS_PER_WEEK,
    Histories,
    Occasions,
    Real,
)
from txplatform.domains.commerce.models.repeat_buying import Forecast
from txplatform.domains.commerce.tables import expectations as tables

MONTHS = 12
WEEKS_PER_MONTH = 365.25 / 84
MONTHLY_DISCOUNT = 0.01


class Valuation(NamedTuple):
    """What turns occasions to come into money of today."""

    kept: float
    """Net of the customers / value of all their occasions: refunds come later, too."""
    monthly_discount: float = MONTHLY_DISCOUNT


def share_kept(net_cents: int, occasions: Occasions) -> float:
    """What stays of the occasions' value once late refunds are off; 1 without a value."""
    value = int(occasions.cents.sum())
    return net_cents / value if value else 1.0


def customer_value(
    occasions: Occasions, known: Histories, fits: Fits, valuation: Valuation
) -> pa.Table:
    """The table `customer_value`, without countries: one row per customer with an occasion."""
    to_come = fits.forecast(known)
    months = monthly_occasions(to_come)
    worth = fits.occasion_values(known)
    means = np.where(known.repeats > 0, known.repeat_cents / np.maximum(known.repeats, 1), np.nan)
    return table_of(
        tables.customer_value,
        {
            "customer_id": occasions.customer_ids.take(pa.array(known.customer)),
            "repeat_count": known.repeats,
            "last_weeks": known.last_days / DAYS_PER_WEEK,
            "observed_weeks": known.days / DAYS_PER_WEEK,
            "mean_value": means / CENTS,
            "alive_probability": to_come.alive(),
            "expected_occasions": months.sum(axis=0),
            "expected_value": worth,
            "clv": present_value(months, worth, valuation),
        },
    )


def monthly_occasions(to_come: Forecast) -> Real:
    """Occasions expected in each of the next twelve months (rows) of each customer (columns)."""
    until = [to_come.expected(month * WEEKS_PER_MONTH) for month in range(MONTHS + 1)]
    return np.diff(np.stack(until), axis=0)


def present_value(months: Real, worth: Real, valuation: Valuation) -> Real:
    """Money of today: kept E[M] times the occasions of each month m / (1 + discount)^m."""
    discounts = (1 + valuation.monthly_discount) ** -np.arange(1.0, len(months) + 1)
    return np.asarray(valuation.kept * worth * (discounts[:, np.newaxis] * months).sum(axis=0))


def value_by_country(values: pa.Table) -> pa.Table:
    """The table `value_by_country`, from `customer_value` with a column `country`."""
    added_up = values.group_by("country").aggregate(
        [("customer_id", "count"), ("expected_occasions", "sum"), ("clv", "sum")]
    )
    clv = added_up["clv_sum"].cast(pa.float64()).to_numpy()
    total = clv.sum()
    table = table_of(
        tables.value_by_country,
        {
            "country": added_up["country"],
            "customer_count": added_up["customer_id_count"],
            "expected_occasions": added_up["expected_occasions_sum"],
            "clv": added_up["clv_sum"],
            "mean_clv": clv / added_up["customer_id_count"].to_numpy(),
            "share": clv / total if total > 0 else np.full(clv.size, np.nan),
        },
    )
    return table.take(pc.sort_indices(table, [("clv", "descending"), ("country", "ascending")]))
