"""What a first run would be the first to do, done before it: Spark's first query takes seconds."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from pyspark.sql import SparkSession

from txplatform.connectors import spark, spark_config
from txplatform.domains.spend.transforms.weekly import weekly_transactions
from txplatform.embedded.connect import warm_remote
from txplatform.embedded.java import java_home
from txplatform.settings import load_settings

WEEK = date(2024, 1, 1)
ROUNDS = 3
MONEY = pa.decimal128(18, 2)
SIZES = (1, 2 * spark.INTERPRETED_ROWS)
"""Divisions of a week and of a backfill: their queries run in different ways."""


def rehearse() -> None:
    """Start the warm Spark if runs shall use it, and let it compute a week that nobody keeps."""
    settings = load_settings()
    remote = warm_remote(settings)
    if remote is None:
        return
    config = spark_config.session_config(settings, remote)
    for _ in range(ROUNDS):
        session = spark.session(config, lambda: java_home(settings))
        compute(session)
        spark.give_back(session)


def compute(session: SparkSession) -> list[int]:
    """Let a session compute a week and a backfill that nobody keeps; how many rows they had."""
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
            "total_amount": pa.array(map(Decimal, numbers), MONEY),
            "refund_amount": pa.repeat(Decimal("0.00"), divisions).cast(MONEY),
            "transaction_count": pa.array(numbers),
            "fingerprint": pa.array(numbers),
        }
    )
