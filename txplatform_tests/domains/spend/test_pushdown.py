"""What MongoDB sums next to its index is what Spark would have summed from the documents."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pymongo.database import Database
from pyspark.sql import SparkSession

from txplatform.connectors import mongo
from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.transforms import pushdown
from txplatform.domains.spend.transforms.weekly import division_sums
from txplatform_tests.domains.spend.purchases import documents_of, transactions_of
from txplatform_tests.domains.spend.text_tables import assert_rows

EVERY_DAY = [date(2010, 1, 4) + timedelta(days=n) for n in range(26 * 365)]
PURCHASES = """
    date       | department | division       | amount
    2009-12-31 | Roads      | Bridges        | 0.01
    2024-12-29 | Roads      | Bridges        | 0.02
    2024-12-30 | Roads      | Bridges        | 10000000000000.00
    2025-01-05 | Roads      | Bridges        | 0.01
    2025-01-05 | Roads      | Bridges        | 0.01
    2024-12-31 | Parks      | Administration | 12.50
    2024-12-31 | Roads      | Administration | -12.50
    2025-01-01 | Roads      | Administration | 12.50
    2025-01-02 | (unknown)  | (unknown)      | -7.00
    2025-01-06 | Parks      | Administration | 0.00
    """


def test_mongodb_sums_what_spark_sums(mongo_database: Database[Any], spark: SparkSession) -> None:
    """Catches: another week, refunds added as positive, a sum of zero that loses its type."""
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    in_spark = division_sums(spark.createDataFrame(transactions_of(PURCHASES))).toArrow()

    in_mongodb = measuring.division_sums(mongo_database, date(2009, 12, 28), date(2025, 1, 6), 2)

    assert _added(in_mongodb) == _added(in_spark)


def test_the_sums_are_exact(mongo_database: Database[Any]) -> None:
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))

    assert_rows(
        _added(measuring.division_sums(mongo_database, date(2024, 12, 30), date(2025, 1, 6), 2)),
        """
        week_start | department | division       | total_amount      | refund_amount | transaction_count
        2024-12-30 | (unknown)  | (unknown)      | -7.00             | -7.00         | 1
        2024-12-30 | Parks      | Administration | 12.50             | 0.00          | 1
        2024-12-30 | Roads      | Administration | 0.00              | -12.50        | 2
        2024-12-30 | Roads      | Bridges        | 10000000000000.02 | 0.00          | 3
        2025-01-06 | Parks      | Administration | 0.00              | 0.00          | 1
        """,  # noqa: E501 - one line per row
    )


@pytest.mark.parametrize("parallel", [1, 2, 7])
def test_refunds_are_rows_that_count_nothing_else(
    mongo_database: Database[Any], parallel: int
) -> None:
    """Catches: a refund counted twice, in the week's measure or in none; zero as a refund."""
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    first, last = date(2024, 12, 23), date(2025, 1, 6)

    sums = measuring.division_sums(mongo_database, first, last, parallel)

    refunds = sums.filter(pc.not_equal(sums["refund_amount"], 0))
    assert_rows(
        refunds,
        """
        week_start | department | division       | total_amount | refund_amount | transaction_count
        2024-12-30 | (unknown)  | (unknown)      | 0.00         | -7.00         | 0
        2024-12-30 | Roads      | Administration | 0.00         | -12.50        | 0
        """,
    )
    assert refunds["fingerprint"].to_pylist() == [0, 0]


def test_every_day_from_2010_to_2035_is_in_the_week_of_its_monday(
    mongo_database: Database[Any], spark: SparkSession
) -> None:
    """Catches: an anchor that is no Monday or lies among the data, Sundays, years of 53 weeks."""
    days = _one_purchase_a_day(EVERY_DAY)
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(days))
    in_spark = division_sums(spark.createDataFrame(transactions_of(days))).toArrow()

    in_mongodb = measuring.division_sums(mongo_database, EVERY_DAY[0], EVERY_DAY[-1], 2)

    expected = {str(day): day - timedelta(days=day.weekday()) for day in EVERY_DAY}
    for found in (in_mongodb, in_spark):
        weeks_by_day = zip(
            found["division"].to_pylist(), found["week_start"].to_pylist(), strict=True
        )
        assert dict(weeks_by_day) == expected


def test_the_documents_of_a_week_lie_between_two_mondays(mongo_database: Database[Any]) -> None:
    days = [date(2026, 11, 15), date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 23)]
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(_one_purchase_a_day(days)))

    week = pushdown.in_weeks(date(2026, 11, 16), date(2026, 11, 16))

    found = mongo_database[tables.TRANSACTIONS].find(week).distinct("division")
    assert found == ["2026-11-16", "2026-11-22"]


MONDAY = date(2024, 12, 30)


@pytest.mark.parametrize(
    ("pipeline", "only", "keys"),
    [
        (pushdown.division_sums(MONDAY), None, 7),
        (pushdown.week_sums(MONDAY), None, 7),
        (pushdown.refund_sums(MONDAY, MONDAY), tables.REFUNDS, 2),
        (pushdown.left_out_of_sums(MONDAY, MONDAY)[0], tables.AS_TEXT, 0),
        (pushdown.left_out_of_sums(MONDAY, MONDAY)[1], tables.NO_AMOUNT, 0),
    ],
    ids=["divisions", "weeks", "refunds", "texts", "none"],
)
def test_mongodb_answers_from_an_index_alone(
    mongo_database: Database[Any], pipeline: Any, only: Any, keys: int
) -> None:
    """Catches: a field or a filter outside of the index, for which documents are fetched."""
    mongo.ensure_indexes(mongo_database, tables.INDEXES)
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    command = {"aggregate": tables.TRANSACTIONS, "pipeline": pipeline, "cursor": {}}

    plan = mongo_database.command("explain", command, verbosity="executionStats")

    assert set(_values_of("totalDocsExamined", plan)) == {0}
    assert set(_values_of("totalKeysExamined", plan)) == {keys}
    used = mongo_database[tables.TRANSACTIONS].index_information()[_index_of(plan)]
    assert used.get("partialFilterExpression") == only


def _one_purchase_a_day(days: Sequence[date]) -> str:
    header = "date | department | division | amount"
    return "\n".join([header, *(f"{day} | Roads | {day} | 1.00" for day in days)])


def _added(sums: pa.Table) -> list[dict[str, Any]]:
    """The sums by key: those of refunds are rows of their own."""
    names = [name for name in sums.column_names if name not in tables.WEEKLY_KEY]
    added = sums.group_by(list(tables.WEEKLY_KEY)).aggregate([(name, "sum") for name in names])
    ordered = added.sort_by([(name, "ascending") for name in tables.WEEKLY_KEY])
    return [dict(row) for row in ordered.rename_columns([*tables.WEEKLY_KEY, *names]).to_pylist()]


def _index_of(plan: Any) -> str:
    """The index that the plan chosen reads, which is the first one named."""
    return str(next(iter(_values_of("indexName", plan))))


def _values_of(name: str, plan: Any) -> Iterable[Any]:
    """Every value under a key, at any depth."""
    if isinstance(plan, dict):
        for key, value in plan.items():
            yield from [value] if key == name else _values_of(name, value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _values_of(name, value)
