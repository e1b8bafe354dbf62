"""On random weeks, the rows of both engines are those of the oracle, cell by cell.

An example holds many worlds of five weeks each, far enough apart not to see each other, so that
one Spark job answers for all of them. `--hypothesis-profile=thorough` looks longer.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

import pyarrow as pa
from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from txplatform.domains.spend.transforms import without_spark
from txplatform.domains.spend.transforms.weekly import division_sums, weekly_transactions
from txplatform.periods import WEEK, monday_of
from txplatform_tests.domains.spend import oracle
from txplatform_tests.domains.spend.oracle import Purchase
from txplatform_tests.domains.spend.purchases import as_transactions

FIRST_DAY = date(2015, 12, 14)
DAYS = 5 * 7
FAR_APART = 8 * WEEK
LARGEST_CENTS = 10**15

World = list[Purchase]

cents = st.one_of(
    st.sampled_from([1, -1, 2, -2, 100, -100, 0]),
    st.integers(-100_000, 1_000_000),
    st.integers(-LARGEST_CENTS, LARGEST_CENTS),
)
purchases = st.builds(
    Purchase,
    day=st.integers(0, DAYS - 1).map(lambda days: FIRST_DAY + timedelta(days=days)),
    department=st.sampled_from(["Parks", "Roads", "(unknown)"]),
    division=st.sampled_from(["Administration", "Bridges", "(unknown)"]),
    cents=cents,
)
worlds = st.lists(st.lists(purchases, min_size=1, max_size=12), min_size=40, max_size=40)


@settings(max_examples=settings().max_examples * 25 // 40)
@given(worlds=worlds, parts=st.integers(1, 3))
@example(worlds=[[Purchase(FIRST_DAY, "Roads", "Bridges", 1)]], parts=1)
def test_both_engines_compute_what_integers_and_fractions_say(
    spark: SparkSession, worlds: Sequence[World], parts: int
) -> None:
    apart = [_moved(world, number) for number, world in enumerate(worlds)]
    everything = list(chain.from_iterable(apart))
    note(f"{len(everything)} purchases in {len(worlds)} worlds")

    expected = oracle.weekly_rows(everything)

    partial = _partial_sums(spark, everything, parts)
    mondays = [monday_of(one.day) for one in everything]
    span = min(mondays), max(mondays)
    assert _sorted(weekly_transactions(partial, *span).toArrow()) == expected
    assert _sorted(without_spark.weekly_transactions(partial.toArrow(), *span)) == expected


def _moved(world: World, number: int) -> World:
    return [one._replace(day=one.day + number * FAR_APART) for one in world]


def _partial_sums(spark: SparkSession, everything: Sequence[Purchase], parts: int) -> DataFrame:
    """The sums of so many parts of the purchases, one below the other."""
    rows = [
        {**one._asdict(), "date": one.day, "amount": Decimal(one.cents).scaleb(-2)}
        for one in everything
    ]
    slices = (rows[number::parts] for number in range(parts))
    sums = [division_sums(spark.createDataFrame(as_transactions(part))) for part in slices]
    partial = sums[0]
    for more in sums[1:]:
        partial = partial.unionByName(more)
    return partial


def _sorted(rows: pa.Table) -> list[dict[str, object]]:
    keys = [(name, "ascending") for name in ("week_start", "department", "division")]
    return [dict(row) for row in rows.sort_by(keys).to_pylist()]
