"""Ways for which every document leaves MongoDB: SQL, pandas, and Spark as beginners use it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import text

from rivals.results import DEFINITION, FIELDS, copied, copy
from txplatform.connectors import spark as spark_connector
from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.transforms import weekly, without_spark
from txplatform.platform import Platform

SQL = """
INSERT INTO {target}
WITH divisions AS (
    SELECT date_trunc('week', day)::date AS week_start, department, division,
           sum(amount) AS total_amount, sum(least(amount, 0)) AS refund_amount,
           count(*) AS transaction_count
    FROM {documents} GROUP BY 1, 2, 3),
totals AS (
    SELECT *, sum(total_amount) OVER (PARTITION BY week_start, department) AS department_amount,
           sum(total_amount) OVER (PARTITION BY week_start) AS week_amount FROM divisions),
changes AS (
    SELECT *, max(department_amount) OVER (PARTITION BY department ORDER BY week_start
        RANGE BETWEEN '7 days' PRECEDING AND '7 days' PRECEDING) AS previous FROM totals)
SELECT week_start, department, division, total_amount, refund_amount, transaction_count,
       department_amount, week_amount,
       CASE WHEN week_amount > 0 THEN round(department_amount / week_amount, 6) END,
       CASE WHEN department_amount > 0 THEN round(total_amount / department_amount, 6) END,
       CASE WHEN week_amount > 0 THEN round(total_amount / week_amount, 6) END, previous,
       CASE WHEN previous > 0 THEN round((department_amount - previous) * 100 / previous, 4) END
FROM changes"""


def sql(platform: Platform, _: Any) -> str:
    """pymongo, COPY, and window functions in PostgreSQL."""
    found = platform.database[tables.TRANSACTIONS].find({}, FIELDS, batch_size=20_000)
    rows = (
        [one["transaction_date"].date(), one["department"], one["division"], one["amount"]]
        for one in found
    )
    with platform.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS documents"))
        connection.execute(
            text(
                "CREATE UNLOGGED TABLE documents "
                "(day date, department text, division text, amount numeric(18,2))"
            )
        )
        copy(connection, "documents", rows)
    return tabulated(platform, "documents", "by_sql")


def tabulated(platform: Platform, documents: str, target: str) -> str:
    """The weekly table `target` from a table of documents, which goes; in PostgreSQL's SQL."""
    with platform.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {target}"))
        connection.execute(text(f"CREATE UNLOGGED TABLE {target} ({DEFINITION})"))
        connection.execute(text(SQL.format(documents=documents, target=target)))
        connection.execute(text(f"DROP TABLE {documents}"))
    return target


def pandas(platform: Platform, _: Any) -> str:
    """All documents in one DataFrame; sums in whole cents, quotients in plain Python."""
    import pandas as pd

    frame = pd.DataFrame(list(platform.database[tables.TRANSACTIONS].find({}, FIELDS)))
    day = frame["transaction_date"]
    frame["week_start"] = (day - pd.to_timedelta(day.dt.weekday, unit="D")).dt.date
    frame["total_amount"] = [amount.to_decimal() for amount in frame["amount"]]
    frame["refund_amount"] = frame["total_amount"].where(frame["total_amount"] < 0, Decimal(0))
    frame["transaction_count"] = 1
    added = ["total_amount", "refund_amount", "transaction_count"]
    sums = frame.groupby(list(tables.WEEKLY_KEY), as_index=False)[added].sum()
    schema = pa.schema(list(without_spark.SCHEMA)[:6])
    parts = pa.Table.from_pandas(sums[schema.names], schema, preserve_index=False)
    rows = without_spark.weekly_transactions(parts, date.min, date.max)
    return copied(platform, "by_pandas", (row.values() for row in rows.to_pylist()))


def beginners_spark(platform: Platform, session: Any) -> str:
    """A list of documents into createDataFrame, as most tutorials have it."""
    from pyspark.sql.types import StructType

    documents = [
        (
            one["transaction_date"].date(),
            one["department"],
            one["division"],
            one["amount"].to_decimal(),
            0,
        )
        for one in platform.database[tables.TRANSACTIONS].find({}, FIELDS)
    ]
    schema = StructType.fromDDL(
        "transaction_date date, department string, division string, amount decimal(18,2), "
        "fingerprint long"
    )
    frame = session.createDataFrame(documents, schema)
    return by_spark(platform, weekly.division_sums(frame), "by_beginner")


def scan(platform: Platform, session: Any) -> str:
    """The whole collection as Arrow into Spark, which does everything."""
    from pymongoarrow.api import Schema, aggregate_arrow_all

    project = {**FIELDS, "amount": {"$toString": "$amount"}, "fingerprint": 1}
    read = pa.schema(
        [
            ("transaction_date", pa.timestamp("ms")),
            ("department", pa.string()),
            ("division", pa.string()),
            ("amount", pa.string()),
            ("fingerprint", pa.int64()),
        ]
    )
    fields = Schema({field.name: field.type for field in read})
    collection = platform.database[tables.TRANSACTIONS]
    found = aggregate_arrow_all(collection, [{"$project": project}], schema=fields)
    typed = pa.schema(
        [
            ("transaction_date", pa.date32()),
            ("department", pa.string()),
            ("division", pa.string()),
            ("amount", pa.decimal128(18, 2)),
            ("fingerprint", pa.int64()),
        ]
    )
    frame = spark_connector.frame(session, found.cast(typed))
    return by_spark(platform, weekly.division_sums(frame), "by_scan")


def by_spark(platform: Platform, sums: Any, name: str) -> str:
    """Sums per week, department and division, in Spark, become the table `name`."""
    first, last = measuring.span(platform.database) or (date.min, date.min)
    rows = weekly.weekly_transactions(sums, first, last).toArrow().to_pylist()
    return copied(platform, name, (row.values() for row in rows))
