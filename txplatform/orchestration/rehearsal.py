"""What a first run would be the first to do, done before it: Spark's first query takes seconds."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from pyspark.sql import SparkSession

from txplatform.connectors import spark
from txplatform.domains.spend.transforms.weekly import weekly_transactions
from txplatform.embedded.connect import warm_remote
from txplatform.embedded.java import java_home
from txplatform.settings import load_settings

WEEK = date(2024, 1, 1)
ROUNDS = 3
MONEY = pa.decimal128(18, 2)
ONE_DIVISION = pa.table(
    {
        "week_start": pa.array([WEEK]),
        "department": ["Parks"],
        "division": ["Trees"],
        "total_amount": pa.array([Decimal("1.00")], MONEY),
        "refund_amount": pa.array([Decimal("0.00")], MONEY),
        "transaction_count": [1],
        "fingerprint": [1],
    }
)


def rehearse() -> None:
    """Start the warm Spark if runs shall use it, and let it compute a week that nobody keeps."""
    settings = load_settings()
    remote = warm_remote(settings)
    if remote is None:
        return
    config = spark.session_config(settings, remote)
    for _ in range(ROUNDS):
        session = spark.session(config, lambda: java_home(settings))
        compute(session)
        session.stop()


def compute(session: SparkSession) -> None:
    """Let a session compute a week that nobody keeps."""
    weekly_transactions(spark.frame(session, ONE_DIVISION), WEEK, WEEK).toArrow()
