"""What the rules look at: the purchases of some weeks, what came before, and what is usual.

One object serves one week and all weeks alike: every frame is keyed by week, and each week meets
the population of its own past. Building it reads nothing; the frames come from the caller.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Self

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.look_back import (
    LookBack,
    merchant_keys,
    with_keys,
    with_weeks,
)
from txplatform.domains.spend.rules.populations import (
    category_populations,
    department_populations,
)

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

KEYED_COLUMNS = (*TRANSACTION_COLUMNS, "week_start", "merchant_key", "buyer")
"""These, with `merchant_key` (NULL: unknown) and `buyer` (see `look_back.with_keys`)."""

KEYS = {
    "merchant_key": ("merchant_key",),
    "buyer": ("buyer",),
    "division_key": ("department", "division"),
}
"""What Spark groups and joins by: numbers, equal where these names are. Text takes it some times as
long."""


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


@dataclass(frozen=True)
class Purchases:
    """The named frames that the rules read.

    Attributes:
        scope: which weeks are wanted.
        transactions: the weeks wanted, and of the weeks before the purchases that one of them may
            belong to (`LookBack.before`), without id, merchant and category. `TRANSACTION_COLUMNS`
            without the card; `KEYS` (int); `is_first_day` (boolean), whether the organisation first
            bought at the merchant then; `days_before` (int), how long before the first week wanted
            each was, 0 and less in it. What has its merchant in common is in one partition.
        wanted: of these, the purchases of the weeks wanted; refunds and zeros are left out.
        department_weeks: `populations.DEPARTMENT_WEEKS` of the weeks wanted.
        categories: of the weeks wanted.
        populations: per `week_start` and `category` (or per category alone: then the same for all
            weeks) what is usual, see `populations.category_populations`.
    """

    scope: Scope
    transactions: DataFrame
    wanted: DataFrame
    department_weeks: DataFrame
    categories: Sequence[str]
    populations: DataFrame

    @property
    def positive(self) -> DataFrame:
        """The purchases of the weeks wanted and of the look-back, without refunds and zeros."""
        return self.transactions.where("amount > 0")

    @property
    def is_wanted(self) -> Column:
        """Whether a row belongs to the weeks wanted; reads `days_before`."""
        return F.col("days_before") <= 0


def as_it_is(frame: DataFrame) -> DataFrame:
    """A frame that nobody keeps: Spark computes it anew wherever it is read."""
    return frame


def kept(frame: DataFrame) -> DataFrame:
    """A frame computed once, in Spark's memory until nobody holds it.

    As a checkpoint: Spark would plan how it came about anew for every rule, which takes longer
    than a week's alerts themselves.
    """
    return frame.localCheckpoint()


class Known(NamedTuple):
    """What `prepare` makes frames of.

    Attributes:
        transactions: of the weeks wanted, as `look_back.with_keys` returns them, refunds too.
        look_back: of these weeks and of `rules.history_weeks` calendar weeks before them.
        first_days: `merchant` (as the source names it) and `first_day` (date): its first purchase
            ever, refunds and zeros left out, in all data up to the last week at least.
    """

    transactions: pa.Table
    look_back: LookBack
    first_days: pa.Table

    @classmethod
    def of(
        cls, transactions: pa.Table, first_days: pa.Table, scope: Scope, rules: Rulebook
    ) -> Self:
        """Of transactions (`TRANSACTION_COLUMNS`) of the weeks wanted and of those before."""
        keyed = with_keys(with_weeks(transactions.select(TRANSACTION_COLUMNS)), rules)
        wanted = _between(keyed, "week_start", scope.first_week, scope.last_week)
        return cls(wanted, LookBack.of(keyed), first_days)


def prepare(
    frame: Callable[[pa.Table], DataFrame],
    known: Known,
    scope: Scope,
    rules: Rulebook,
    keep: Callable[[DataFrame], DataFrame] = as_it_is,
) -> Purchases:
    """The purchases of the weeks wanted, with a population of 52 weeks for each.

    Args:
        frame: makes a frame of a table.
        known: the purchases, and what is known of the weeks before.
        scope: which weeks are wanted.
        rules: parameters, aliases and limits.
        keep: what to do with the frames that several rules read: `kept` or `as_it_is`.
    """
    first, last = scope.first_week, scope.last_week
    wanted = known.transactions.select(KEYED_COLUMNS)
    before = known.look_back.before(wanted, first, rules)
    both = pa.concat_tables([wanted, before], promote_options="default")
    prepared = _with_days_before(numbered(_with_first_day(both, known.first_days, rules)), first)
    transactions = keep(frame(prepared).repartition("merchant_key"))
    totals = department_populations(known.look_back.totals, rules["SPIKE"].parameters["weeks"])
    return Purchases(
        scope=scope,
        transactions=transactions,
        wanted=transactions.where("days_before <= 0 AND amount > 0"),
        department_weeks=frame(_between(totals, "week_start", first, last)),
        categories=wanted["category"].unique().drop_null().to_pylist(),
        populations=frame(category_populations(known.look_back.amounts, rules, first, last)),
    )


def _with_days_before(transactions: pa.Table, first_week: date) -> pa.Table:
    """Add `days_before`, which conditions ask for.

    A date in them would be one in the code that Spark makes of them, and compiles for each part of
    a run anew.
    """
    days = pc.days_between(transactions["transaction_date"], pa.scalar(first_week))
    return transactions.append_column("days_before", days.cast(pa.int32()))


def _between(table: pa.Table, name: str, first: date, last: date) -> pa.Table:
    ends = pc.field(name) >= pa.scalar(first), pc.field(name) <= pa.scalar(last)
    return table.filter(ends[0] & ends[1])


def _with_first_day(transactions: pa.Table, first_days: pa.Table, rules: Rulebook) -> pa.Table:
    """Add `is_first_day`, by the first days per `merchant` as the source names it."""
    keys = merchant_keys(first_days["merchant"], rules)
    keyed = pa.table({"merchant_key": keys, "first_day": first_days["first_day"]})
    earliest = keyed.filter(pc.is_valid(keys)).group_by("merchant_key")
    found = earliest.aggregate([("first_day", "min")])
    merchants = transactions["merchant_key"].combine_chunks().dictionary_encode()
    first = found["first_day_min"].take(pc.index_in(merchants.dictionary, found["merchant_key"]))
    is_first = pc.equal(transactions["transaction_date"], first.take(merchants.indices))
    return transactions.append_column("is_first_day", is_first)


def numbered(transactions: pa.Table) -> pa.Table:
    """The names of `KEYS` as numbers, in place of what nobody reads as text."""
    numbers = {key: _number(transactions.select(names)) for key, names in KEYS.items()}
    bare = transactions.drop_columns(["card", "merchant_key", "buyer"])
    for key, number in numbers.items():
        bare = bare.append_column(key, number)
    return bare


def _number(names: pa.Table) -> pa.Array:
    """A number per row, the same where all names are; NULL where one is."""
    number = pa.scalar(0)
    for column in names.columns:
        encoded = column.combine_chunks().dictionary_encode()
        codes = encoded.indices.cast(pa.int64())
        number = pc.add(pc.multiply(number, len(encoded.dictionary)), codes)
    return number
