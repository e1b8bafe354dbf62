"""A week and a backfill that nobody keeps: Spark has met their queries before the first run."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from pyspark.sql import SparkSession

from txplatform import money
from txplatform.connectors import spark
from txplatform.domains.spend.transforms.weekly import weekly_transactions

WEEK = date(2024, 1, 1)
SIZES = (1, 2 * spark.INTERPRETED_ROWS)
"""Divisions of a week and of a backfill: their queries run in different ways."""


def rehearse(session: SparkSession) -> list[int]:
    """Let a session compute a week and a backfill; how many rows they had."""
    return [_rows(session, _sums(size)) for size in SIZES]


def _rows(session: SparkSession, sums: pa.Table) -> int:
    with spark.sized(session, sums.num_rows):
        found = weekly_transactions(spark.frame(session, sums), WEEK, WEEK).toArrow()
    return int(found.num_rows)


def _sums(divisions: int) -> pa.Table:
    numbers = range(1, divisions + 1)
    return pa.table(
        {
            "week_start": pa.repeat(WEEK, divisions),
            "department": pa.repeat("Parks", divisions),
            "division": list(map(str, numbers)),
            "total_amount": pa.array(map(Decimal, numbers), money.ARROW),
            "refund_amount": pa.repeat(Decimal("0.00"), divisions).cast(money.ARROW),
            "transaction_count": pa.array(numbers),
            "fingerprint": pa.array(numbers),
        }
    )
