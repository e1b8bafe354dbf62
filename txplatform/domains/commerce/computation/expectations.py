"""Tables of models: what customers are worth, who may leave, and how far to trust it."""

from datetime import date
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.models.churn import LeakError, churn
from txplatform.domains.commerce.models.churn_report import churn_report, churn_table
from txplatform.domains.commerce.models.customer_values import (
    Valuation,
    customer_value,
    share_kept,
    value_by_country,
)
from txplatform.domains.commerce.models.fits import fit, model_fits
from txplatform.domains.commerce.models.holdout import model_holdout
from txplatform.domains.commerce.models.occasions import Occasions, histories, occasions_of
from txplatform.domains.commerce.tables.arrow import finished, schema_of
from txplatform.domains.commerce.transforms.lines import ANONYMOUS
from txplatform.errors import ReconciliationError


class Bought(NamedTuple):
    """What customers bought, as models see it."""

    occasions: Occasions
    share_kept: float
    """Of the occasions' value, once late refunds are off."""


def bought_of(customer_days: pl.DataFrame) -> Bought:
    """What was bought, from `customer_id`, `day`, `sale_count`, `gross` and `refund` in cents."""
    identified = customer_days.filter(pl.col("customer_id") != ANONYMOUS)
    occasions = occasions_of_days(identified)
    return Bought(occasions, share_kept(net_of_buyers(identified), occasions))


def expectation_tables(
    bought: Bought, clients: pa.Table, as_of: date, monthly_discount: float
) -> dict[str, pa.Table]:
    """The six tables of models.

    Args:
        bought: everything before the midnight of `as_of`, and nothing later.
        clients: `customer_id` and `country`.
        as_of: whose midnight ends what is known.
        monthly_discount: by which next month's money is worth less.

    Raises:
        ReconciliationError: a feature of churn has seen the future.
    """
    occasions = bought.occasions
    known = histories(occasions, as_of)
    fits = fit(known)
    valuation = Valuation(bought.share_kept, monthly_discount)
    values = customer_value(occasions, known, fits, valuation)
    try:
        leaving = churn(occasions, as_of, fits)
    except LeakError as error:
        raise ReconciliationError(str(error)) from error
    chances = churn_table(leaving, occasions)
    customers = _with(_with(values, clients, "country"), chances, "churn_probability")
    made = {
        "customer_value": customers,
        "value_by_country": value_by_country(customers),
        "model_fits": model_fits(fits, known),
        "model_holdout": model_holdout(occasions, as_of),
        "churn": chances,
        "churn_report": churn_report(leaving),
    }
    return {name: finished(rows, schema_of(tables.GOLD[name])) for name, rows in made.items()}


def occasions_of_days(customer_days: pl.DataFrame) -> Occasions:
    """Days with an order, less that day's refunds; a day that its refunds wipe out is none."""
    cents = pl.col("gross") + pl.col("refund")
    is_wiped_out = (pl.col("refund") < 0) & (cents <= 0)
    days = customer_days.filter((pl.col("sale_count") > 0) & ~is_wiped_out)
    chosen = days.select(
        "customer_id", pl.col("day").cast(pl.Int32).cast(pl.Date), cents.alias("cents")
    )
    return occasions_of(chosen.to_arrow())


def net_of_buyers(customer_days: pl.DataFrame) -> int:
    """Cents that customers with an order paid, refunds of any day taken off."""
    buyers = customer_days.filter(pl.col("sale_count") > 0).select("customer_id").unique()
    bought = customer_days.join(buyers, on="customer_id", how="semi")
    return int((bought["gross"] + bought["refund"]).sum())


def _with(values: pa.Table, rows: pa.Table, column: str) -> pa.Table:
    """Customers with a column of other rows; empty where these lack the customer."""
    place = pc.index_in(values["customer_id"], value_set=rows["customer_id"].combine_chunks())
    return values.append_column(column, rows[column].take(place))
