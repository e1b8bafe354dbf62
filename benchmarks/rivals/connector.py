"""MongoDB's own Spark connector, its `$group` pushed down and its schema given.

Its jars (mongo-spark-connector_2.13 10.5.0 with mongodb-driver-sync, mongodb-driver-core, bson and
bson-record-codec of 5.1) lie in benchmarks/jars, or in the folder that `--jars` names.
"""

import json
from datetime import date
from typing import Any

from pyspark.sql import functions as F

from rivals.documents import by_spark
from txplatform.connectors import spark as spark_connector
from txplatform.connectors import spark_config
from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.transforms import pushdown
from txplatform.embedded.java import java_home
from txplatform.orchestration import rehearsal
from txplatform.platform import Platform

SCHEMA = (
    "week_start timestamp, department string, division string, total_amount string, "
    "refund_amount string, transaction_count long"
)
SINGLE = "com.mongodb.spark.sql.connector.read.partitioner.SinglePartitionPartitioner"


def session(platform: Platform, jars: list[str]) -> Any:
    """Spark with the connector on its class path, past its first queries."""
    config = spark_config.session_config(platform.settings)
    config["spark.jars"] = ",".join(jars)
    opened = spark_connector.session(config, lambda: java_home(platform.settings))
    for _ in range(rehearsal.ROUNDS):
        rehearsal.compute(opened)
    return opened


def _pipeline(first: date, last: date) -> list[dict[str, Any]]:
    """The sums of all weeks in one pipeline: the connector takes no more."""
    refund = {"$cond": [{"$lt": ["$amount", 0]}, "$amount", 0]}
    names = {name: f"${name}" for name in ("department", "division")}
    group = {"week_start": pushdown.week_start_of("$transaction_date"), **names}
    sums = {
        "total_amount": {"$sum": "$amount"},
        "refund_amount": {"$sum": refund},
        "transaction_count": {"$sum": 1},
    }
    shown = {"total_amount": {"$toString": "$total_amount"}, "transaction_count": 1}
    shown["refund_amount"] = {"$toString": "$refund_amount"}
    return [
        {"$match": pushdown.in_weeks(first, last)},
        {"$group": {"_id": group, **sums}},
        {"$project": {"_id": 0, **{key: f"$_id.{key}" for key in group}, **shown}},
    ]


def run(platform: Platform, opened: Any) -> str:
    """The sums as the connector reads them, then what Spark does for us too."""
    first, last = measuring.span(platform.database) or (date.min, date.min)
    pipeline = _pipeline(first, last)
    in_json = json.dumps(pipeline, default=lambda day: {"$date": f"{day.isoformat()}Z"})
    found = (
        opened.read.format("mongodb")
        .schema(SCHEMA)
        .option("connection.uri", platform.endpoints.mongo_uri)
        .option("database", platform.database.name)
        .option("collection", tables.TRANSACTIONS)
        .option("aggregation.pipeline", in_json)
        .option("aggregation.allowDiskUse", "true")
        .option("partitioner", SINGLE)
        .load()
    )
    money = {name: F.col(name).cast("decimal(18,2)") for name in ("total_amount", "refund_amount")}
    typed = found.withColumns({"week_start": F.col("week_start").cast("date"), **money})
    return by_spark(platform, typed, "by_connector")
