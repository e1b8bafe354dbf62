"""What the rules know of the weeks before: not every purchase, but what each of them asks for.

So weeks can follow each other part by part, each read once: a year of history is some numbers per
purchase, and Spark is handed the few old purchases that a new one may belong to.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from typing import NamedTuple, Self

import pyarrow as pa
from pyarrow import compute as pc

from txplatform import money
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.periods import WEEK, monday_of

APART = "\x1f"
"""Ingestion drops control characters, so no name holds one."""
NAMES = ("department", "division", "merchant_key", "buyer")
NEAR = ("week_start", "transaction_date", *NAMES, "amount")
NOTHING = pa.scalar(Decimal("0.00"), money.ARROW)


def with_weeks(transactions: pa.Table) -> pa.Table:
    """Add `week_start`, the Monday of `transaction_date`."""
    mondays = pc.floor_temporal(transactions["transaction_date"], unit="week")
    return transactions.append_column("week_start", mondays.cast(pa.date32()))


def with_keys(transactions: pa.Table, rules: Rulebook) -> pa.Table:
    """Add `merchant_key` and `buyer` (the card, else the division).

    A key is made once for each merchant: it takes longer than all else that a purchase needs.

    Args:
        transactions: `purchases.TRANSACTION_COLUMNS`.
        rules: how merchants are told apart.
    """
    place = (transactions["department"], transactions["division"])
    cards = pc.binary_join_element_wise("", transactions["card"], APART)
    buyers = pc.coalesce(cards, pc.binary_join_element_wise(*place, APART))
    keyed = transactions.append_column("buyer", buyers)
    return keyed.append_column("merchant_key", merchant_keys(transactions["merchant"], rules))


def merchant_keys(merchants: pa.ChunkedArray, rules: Rulebook) -> pa.Array:
    """The key of each merchant; NULL: never grouped."""
    encoded = merchants.combine_chunks().dictionary_encode()
    keys = [rules.merchant_key(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(keys, pa.string()).take(encoded.indices)


class LookBack(NamedTuple):
    """What is known of some weeks, those that are wanted themselves among them.

    Attributes:
        near: `NEAR` of the purchases of the weeks that REFUND_UNMATCHED and REPEAT look back to.
        amounts: `category`, `week_start`, `amount` of all purchases; refunds and zeros left out.
        totals: `week_start`, `department`, `net_amount`, `transaction_count`, refunds too.
    """

    near: pa.Table
    amounts: pa.Table
    totals: pa.Table

    @classmethod
    def of(cls, transactions: pa.Table) -> Self:
        """What is known of transactions, as `with_keys` returns them."""
        is_bought = pc.greater(transactions["amount"], NOTHING)
        priced = ["category", "week_start", "amount"]
        return cls(
            _encoded(transactions.select(NEAR), NAMES).filter(is_bought),
            _encoded(transactions.select(priced), ["category"]).filter(is_bought),
            _totals(transactions),
        )

    def and_then(self, later: "LookBack", first_week: date, rules: Rulebook) -> "LookBack":
        """What is known with later weeks, as far back as the rules look from `first_week`."""
        since: Mapping[str, date] = {
            "near": first_week - timedelta(days=rules.near_days),
            "amounts": first_week - WEEK * rules.population_weeks,
            "totals": first_week - WEEK * rules["SPIKE"].parameters["weeks"],
        }
        return LookBack(
            *(
                _since(pa.concat_tables([old, new]).unify_dictionaries(), since[name])
                for name, old, new in zip(self._fields, self, later, strict=True)
            )
        )

    def before(self, wanted: pa.Table, first_week: date, rules: Rulebook) -> pa.Table:
        """The purchases before `first_week` that a transaction of `wanted` may belong to.

        Those of the days that REPEAT looks at, and those at the places of refunds.
        """
        longest = rules["REPEAT"].parameters["longest_step_days"]
        refunds = wanted.filter(pc.less(wanted["amount"], NOTHING))
        day = self.near["transaction_date"]
        is_old = pc.less(self.near["week_start"], pa.scalar(first_week))
        is_near = pc.greater_equal(day, pa.scalar(first_week - timedelta(days=2 * longest)))
        is_asked = pc.or_(is_near, _is_one_of(self.near, refunds, NAMES[:3]))
        found = self.near.filter(pc.and_(is_old, is_asked))
        return found.cast(pa.schema([wanted.schema.field(name) for name in NEAR]))


def _is_one_of(purchases: pa.Table, others: pa.Table, names: Sequence[str]) -> pa.Array:
    """Whether each name (encoded) of a purchase is one of the others'; not all of one, maybe."""
    is_known = []
    for name in names:
        codes = purchases[name].combine_chunks()
        known = pc.is_in(codes.dictionary, others[name].combine_chunks(), skip_nulls=True)
        is_known.append(pc.fill_null(known.take(codes.indices), fill_value=False))
    return reduce(pc.and_, is_known)


def _encoded(table: pa.Table, names: Sequence[str]) -> pa.Table:
    for name in names:
        position = table.schema.get_field_index(name)
        table = table.set_column(position, name, table[name].dictionary_encode())
    return table


def _since(table: pa.Table, first_day: date) -> pa.Table:
    kept = table.filter(pc.greater_equal(table["week_start"], pa.scalar(monday_of(first_day))))
    return kept.combine_chunks()


def _totals(transactions: pa.Table) -> pa.Table:
    sums = transactions.group_by(["week_start", "department"]).aggregate(
        [("amount", "sum"), ([], "count_all")]
    )
    named = sums.rename_columns(["week_start", "department", "net_amount", "transaction_count"])
    return named.set_column(2, "net_amount", named["net_amount"].cast(money.ARROW))
