"""What the rules look at: the purchases of some weeks, what came before, and what is usual.

One object serves one week and all weeks alike: every frame is keyed by week, and each week meets
the population of its own past. Building it reads nothing; the frames come from the caller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.merchant_keys import UNKNOWN, store_number_pattern
from txplatform.domains.spend.rules.populations import category_populations, department_totals

TRANSACTION_COLUMNS = (
    "transaction_id",
    "department",
    "division",
    "merchant",
    "category",
    "transaction_date",
    "amount",
    "card",
)
"""What a caller hands over: text, but for `transaction_date` (date) and `amount` (decimal(18,2));
`card` is NULL where the source has none."""

APART = "\x1f"
"""Ingestion drops control characters, so no name holds one."""


@dataclass(frozen=True)
class Scope:
    """Which weeks are wanted, and since when there are data.

    Attributes:
        first_week: Monday of the first week whose alerts are wanted.
        last_week: Monday of the last one, inclusive.
        data_begins: day of the very first transaction; REFUND_UNMATCHED waits its look-back.
        busy_from: Monday of the first week of all data with `busy_week_transactions` (a
            parameter of NEW_MERCHANT) transactions; None: there was none yet.
    """

    first_week: date
    last_week: date
    data_begins: date
    busy_from: date | None

    def has(self, week: str) -> Column:
        """Whether the column `week` is one of the weeks wanted."""
        return F.col(week).between(F.lit(self.first_week), F.lit(self.last_week))


@dataclass(frozen=True)
class Purchases:
    """The named frames that the rules read.

    Attributes:
        scope: which weeks are wanted.
        transactions: `TRANSACTION_COLUMNS` with `week_start`, `merchant_key` (NULL: unknown) and
            `buyer`; the weeks wanted and their look-back (`Rulebook.history_weeks` before).
        wanted: of these, the purchases of the weeks wanted; refunds and zeros are left out. Most
            rules read nothing else, so that one week is cheap.
        department_totals: `week_start`, `department`, `net_amount` (decimal(18,2)),
            `transaction_count`; the weeks wanted and the look-back of SPIKE.
        first_days: `merchant_key`, `first_day`: the organisation's first day ever at a merchant.
        populations: per `week_start` and `category` (or per category alone: then the same for all
            weeks) what is usual, see `populations.category_populations`.
    """

    scope: Scope
    transactions: DataFrame
    wanted: DataFrame
    department_totals: DataFrame
    first_days: DataFrame
    populations: DataFrame

    @property
    def positive(self) -> DataFrame:
        """The purchases of the weeks wanted and of the look-back, without refunds and zeros."""
        return self.transactions.where("amount > 0")

    @property
    def is_wanted(self) -> Column:
        """Whether a row belongs to the weeks wanted; reads `week_start`."""
        return self.scope.has("week_start")


def as_it_is(frame: DataFrame) -> DataFrame:
    """A frame that nobody keeps: Spark computes it anew wherever it is read."""
    return frame


def kept(frame: DataFrame) -> DataFrame:
    """A frame computed once, in Spark's memory until nobody holds it.

    As a checkpoint: Spark would plan how it came about anew for every rule, which takes longer
    than a week's alerts themselves.
    """
    return frame.localCheckpoint()


def prepare(
    transactions: DataFrame,
    first_days: DataFrame,
    scope: Scope,
    rules: Rulebook,
    keep: Callable[[DataFrame], DataFrame] = as_it_is,
) -> Purchases:
    """The purchases of the weeks wanted, with a population of 52 weeks for each.

    Args:
        transactions: `TRANSACTION_COLUMNS` of the weeks wanted and of `rules.history_weeks`
            calendar weeks before them, refunds too.
        first_days: `merchant` (as the source names it) and `first_day` (date): its first purchase
            ever, refunds and zeros left out, in all data up to the last week at least.
        scope: which weeks are wanted.
        rules: parameters, aliases and limits.
        keep: what to do with the frames that several rules read: `kept` or `as_it_is`.
    """
    known = keep(with_keys(transactions, rules))
    wanted = known.where(scope.has("week_start") & (F.col("amount") > 0))
    is_mostly_past = scope.last_week - scope.first_week < timedelta(weeks=rules.history_weeks)
    return Purchases(
        scope=scope,
        transactions=known,
        wanted=keep(wanted) if is_mostly_past else wanted,  # else in memory nearly twice
        department_totals=department_totals(known),
        first_days=first_days_by_key(first_days, rules),
        populations=keep(category_populations(known, rules, scope.first_week, scope.last_week)),
    )


def with_keys(transactions: DataFrame, rules: Rulebook) -> DataFrame:
    """Add `week_start` (the Monday), `merchant_key` and `buyer` (the card, else the division).

    A key is made once for each merchant: it takes longer than all else that a purchase needs.
    """
    division = F.concat_ws(APART, "department", "division")
    merchants = transactions.select("merchant").distinct()
    keys = merchants.withColumn("merchant_key", merchant_key(rules))
    return transactions.join(F.broadcast(keys), "merchant", "left").withColumns(
        {
            "week_start": F.trunc("transaction_date", "week"),
            "buyer": F.coalesce(F.concat(F.lit(APART), F.col("card")), division),
        }
    )


def first_days_by_key(first_days: DataFrame, rules: Rulebook) -> DataFrame:
    """The first day per `merchant_key` of the first days per `merchant`."""
    keyed = first_days.withColumn("merchant_key", merchant_key(rules))
    return keyed.groupBy("merchant_key").agg(F.min("first_day").alias("first_day"))


def merchant_key(rules: Rulebook) -> Column:
    """The key of `merchant`: `merchant_keys.merchant_key` in Spark. Ingestion made it NFC."""
    key = normalised_name("merchant")
    if pattern := store_number_pattern(rules.store_numbers):
        key = F.regexp_replace(key, pattern, "$1")
    if rules.merchant_aliases:
        pairs = [F.lit(part) for pair in rules.merchant_aliases.items() for part in pair]
        key = F.coalesce(F.try_element_at(F.create_map(*pairs), key), key)
    return F.when((F.col("merchant") != UNKNOWN) & (key != ""), key)


def normalised_name(column: str) -> Column:
    """Upper case, one space for whatever is neither a letter nor a digit, trimmed."""
    return F.trim(F.regexp_replace(F.upper(F.col(column)), r"[^\p{L}\p{Nd}]+", " "))
