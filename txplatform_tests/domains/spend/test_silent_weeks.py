"""On calendars with holes, whatever the weeks of a run are, tables say what the purchases say.

Examples are calendars of some weeks of which any may be silent, computed in parts that begin and
end anywhere, then computed again in other parts after some weeks lost their purchases. The next
example is computed over the last one's tables.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import hypothesis
import pytest
from bson.decimal128 import Decimal128
from hypothesis import example, given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from sqlalchemy import text

from txplatform.domains.spend import alerting, computation, publishing, tables
from txplatform.domains.spend.alerting.benford import find_benford
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.transforms.pushdown import at_midnight
from txplatform.orchestration.partitions import key_of
from txplatform.periods import WEEK, mondays
from txplatform.platform import Platform
from txplatform_tests.domains.spend import oracle
from txplatform_tests.domains.spend.books import without_stamps
from txplatform_tests.domains.spend.oracle import Purchase

FIRST = date(2026, 6, 1)
WEEKS = 6
ONE_PLATFORM_FOR_ALL = [hypothesis.HealthCheck.function_scoped_fixture]


class Calendar(NamedTuple):
    """How many purchases each week has, which weeks lose theirs, and where runs begin."""

    counts: tuple[int, ...]
    lost: tuple[bool, ...]
    cuts: frozenset[int]
    later_cuts: frozenset[int]

    @property
    def mondays(self) -> list[date]:
        """The weeks, silent ones included."""
        return mondays(FIRST, FIRST + WEEK * (WEEKS - 1))

    def parts(self, cuts: frozenset[int]) -> Iterator[Sequence[date]]:
        """The weeks of each run."""
        return (self.mondays[first:last] for first, last in pairwise([0, *sorted(cuts), WEEKS]))

    def purchases(self, *, is_after_the_loss: bool = False) -> list[Purchase]:
        """Round amounts on Tuesdays."""
        counts = [
            0 if is_after_the_loss and lost else count
            for count, lost in zip(self.counts, self.lost, strict=True)
        ]
        return [
            Purchase(monday + timedelta(days=1), "Roads", f"Division {number}", 30_000)
            for monday, count in zip(self.mondays, counts, strict=True)
            for number in range(count)
        ]


runs_begin = st.frozensets(st.integers(1, WEEKS - 1), max_size=2)
calendars = st.builds(
    Calendar,
    counts=st.tuples(*[st.sampled_from([0, 0, 1, 2])] * WEEKS),
    lost=st.tuples(*[st.booleans()] * WEEKS),
    cuts=runs_begin,
    later_cuts=runs_begin,
)
KEPT, WHOLE = (False,) * WEEKS, frozenset[int]()
SILENT_FIRST = Calendar((0, 1, 0, 0, 0, 1), KEPT, WHOLE, frozenset({2}))
EMPTIED_FIRST = Calendar((1, 1, 0, 2, 0, 1), (True, *KEPT[1:]), frozenset({1}), WHOLE)


@pytest.fixture(params=["spark", "mongo"])
def of_engine(platform: Platform, request: pytest.FixtureRequest) -> Platform:
    """A platform that computes with one of the engines."""
    platform.settings = platform.settings.having(SpendSettings, engine=request.param)
    return platform


@hypothesis.settings(max_examples=5, suppress_health_check=ONE_PLATFORM_FOR_ALL)
@given(calendar=calendars)
@example(SILENT_FIRST)
@example(EMPTIED_FIRST)
def test_the_table_is_that_of_the_purchases(
    of_engine: Platform, spark: SparkSession, calendar: Calendar
) -> None:
    def compute(part: Sequence[date]) -> None:
        computed = computation.compute(of_engine, lambda: spark, part)
        for week, rows in computed.items():
            of_engine.lake.write("weekly_aggregates", key_of(week), rows)
        kept = {week: of_engine.lake.read("weekly_aggregates", key_of(week)) for week in computed}
        publishing.publish(of_engine.engine, kept, "a run")

    for purchases in _twice(of_engine, calendar, compute):
        rows = weekly_rows(of_engine.engine, None, None).to_pylist()
        assert without_stamps(rows) == oracle.weekly_rows(purchases)


@hypothesis.settings(max_examples=1, suppress_health_check=ONE_PLATFORM_FOR_ALL)
@given(calendar=calendars)
@example(EMPTIED_FIRST)
def test_alerts_and_digits_are_those_of_the_purchases(
    platform: Platform, spark: SparkSession, calendar: Calendar
) -> None:
    def look(part: Sequence[date]) -> None:
        for found in alerting.find(platform, spark, part):
            publishing.publish_alerts(platform.engine, found, "a run")
        for tested in find_benford(platform, spark, part):
            publishing.publish_benford(platform.engine, tested, "a run")

    for purchases in _twice(platform, calendar, look):
        assert _select(
            platform,
            "SELECT week_start, sum(transaction_count) FROM alerts "
            "WHERE rule = 'ROUND' AND superseded_at IS NULL GROUP BY 1 ORDER BY 1",
        ) == _counted(purchases)
        assert _select(
            platform,
            "SELECT week_start, purchase_count FROM benford_tests "
            "WHERE test = 'first_digit' AND department = '' ORDER BY 1",
        ) == _so_far(purchases, calendar.mondays)


def _twice(
    platform: Platform, calendar: Calendar, compute: Callable[[Sequence[date]], None]
) -> Iterator[list[Purchase]]:
    """The purchases that stand in MongoDB once they are computed: all, then without the lost."""
    computations = ((calendar.cuts, False), (calendar.later_cuts, True))
    for cuts, is_after_the_loss in computations:
        purchases = calendar.purchases(is_after_the_loss=is_after_the_loss)
        _put(platform, purchases)
        for part in calendar.parts(cuts):
            compute(part)
        yield purchases


def _put(platform: Platform, purchases: Sequence[Purchase]) -> None:
    collection = platform.database[tables.TRANSACTIONS]
    collection.delete_many({})
    documents = [
        {
            "_id": f"{one.day} {one.division}",
            **{name: getattr(one, name) for name in ("department", "division")},
            "merchant": f"Shop {one.division}",
            "category": "Hardware",
            "transaction_date": at_midnight(one.day),
            "amount": Decimal128(Decimal(one.cents).scaleb(-2)),
            tables.FINGERPRINT_FIELD: one.day.toordinal(),
        }
        for one in purchases
    ]
    if documents:
        collection.insert_many(documents)


def _select(platform: Platform, query: str) -> dict[date, int]:
    with platform.engine.connect() as connection:
        return {week: int(count) for week, count in connection.execute(text(query))}


def _counted(purchases: Sequence[Purchase]) -> dict[date, int]:
    mondays = [one.week_start for one in purchases]
    return {monday: mondays.count(monday) for monday in mondays}


def _so_far(purchases: Sequence[Purchase], mondays: Sequence[date]) -> dict[date, int]:
    """By week the purchases up to it: the calendar is shorter than the tests look back."""
    until = {week: sum(one.week_start <= week for one in purchases) for week in mondays}
    return {week: count for week, count in until.items() if count}
