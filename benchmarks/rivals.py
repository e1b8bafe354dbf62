"""The ways to fill the weekly table, each as its users would write it: ours and the rivals.

Every one takes the same documents and must leave the contract's columns in PostgreSQL. `prepare`
is what a running service has behind it (imports, a session); what `run` does is timed.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import create_engine, text

from txplatform.connectors import spark as spark_connector
from txplatform.domains.spend import computation, planning, publishing, tables, weeks
from txplatform.domains.spend.transforms import weekly, without_spark
from txplatform.embedded.java import java_home
from txplatform.orchestration import runs
from txplatform.orchestration.rehearsal import ONE_DIVISION, WEEK
from txplatform.platform import Platform

COLUMNS = (*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES)
DEFINITION = ", ".join(
    f"{column.name} {column.type}"
    for column in tables.weekly_transactions.columns
    if column.name in COLUMNS
)
FIELDS = {"_id": 0, "transaction_date": 1, "department": 1, "division": 1, "amount": 1}


class Rival(NamedTuple):
    """One way: what it is, up to which size it is worth waiting for, and how it is done."""

    title: str
    largest: int
    prepare: Callable[[Platform], Any]
    run: Callable[[Platform, Any], str]
    """Fills a table and returns its name."""


def _session(platform: Platform) -> Any:
    config = spark_connector.session_config(platform.settings)
    session = spark_connector.session(config, lambda: java_home(platform.settings))
    for _ in range(2):  # as `up --ui` does: a service has had its first query
        warm = weekly.weekly_transactions(spark_connector.frame(session, ONE_DIVISION), WEEK, WEEK)
        warm.toArrow()
    return session


def _ours(platform: Platform, session: Any) -> str:
    """The product: the sums of a range of weeks, the engine, one transaction per week."""
    for first, last in runs.ranges(planning.all_weeks(platform), platform.settings.weeks_per_run):
        computed = computation.compute(platform, lambda: session, weeks.mondays(first, last))
        publishing.publish(platform.engine, computed, "benchmark")
    return "weekly_transactions"


def _without_spark(platform: Platform) -> None:
    platform.settings = platform.settings.model_copy(update={"engine": "mongo"})


# --- MongoDB alone ----------------------------------------------------------------------------


def _mongo_quotient(numerator: Any, denominator: str, digits: int) -> dict[str, Any]:
    """Half up, away from zero; MongoDB's own $round goes to the even digit."""
    size = {"$abs": {"$multiply": [numerator, Decimal128(10**digits)]}}
    doubled = {"$add": [{"$multiply": [size, 2]}, denominator]}
    floored = {"$floor": {"$divide": [doubled, {"$multiply": [denominator, 2]}]}}
    shifted = {"$divide": [floored, Decimal128(10**digits)]}
    signed = {"$cond": [{"$lt": [numerator, 0]}, {"$multiply": [shifted, -1]}, shifted]}
    return {"$cond": [{"$gt": [denominator, 0]}, signed, None]}


def Decimal128(number: int) -> Any:  # noqa: N802 - it is bson's
    """A whole number as BSON decimal."""
    from bson import Decimal128 as Decimal_

    return Decimal_(str(number))


def _window_pipeline() -> list[dict[str, Any]]:
    total, department, week = "$total_amount", "$department_amount", "$week_amount"
    previous = "$department_previous_amount"
    change = {"$multiply": [{"$subtract": [department, previous]}, 100]}
    refund = {"$cond": [{"$lt": ["$amount", 0]}, "$amount", Decimal128(0)]}
    truncated = {"$dateTrunc": {"date": "$transaction_date", "unit": "week", "startOfWeek": "mon"}}
    week_before = {"range": [-7, -7], "unit": "day"}
    return [
        {
            "$group": {
                "_id": {"week_start": truncated, "department": "$department", "d": "$division"},
                "total_amount": {"$sum": "$amount"},
                "refund_amount": {"$sum": refund},
                "transaction_count": {"$sum": 1},
            }
        },
        {
            "$set": {
                "week_start": "$_id.week_start",
                "department": "$_id.department",
                "division": "$_id.d",
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": {"week": "$week_start", "department": "$department"},
                "output": {"department_amount": {"$sum": total}},
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": "$week_start",
                "output": {"week_amount": {"$sum": total}},
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": "$department",
                "sortBy": {"week_start": 1},
                "output": {
                    "department_previous_amount": {"$max": department, "window": week_before}
                },
            }
        },
        {
            "$project": {
                "_id": 0,
                "week_start": 1,
                "department": 1,
                "division": 1,
                "transaction_count": 1,
                **{
                    name: {"$toString": value}
                    for name, value in {
                        "total_amount": total,
                        "refund_amount": "$refund_amount",
                        "department_amount": department,
                        "week_amount": week,
                        "department_share": _mongo_quotient(department, week, 6),
                        "division_share_of_department": _mongo_quotient(total, department, 6),
                        "division_share_of_week": _mongo_quotient(total, week, 6),
                        "department_previous_amount": previous,
                        "department_change_pct": _mongo_quotient(change, previous, 4),
                    }.items()
                },
            }
        },
    ]


def _windows(platform: Platform, _: Any) -> str:
    found = platform.database[tables.TRANSACTIONS].aggregate(_window_pipeline(), allowDiskUse=True)
    rows = ({**row, "week_start": row["week_start"].date()} for row in found)
    return _copied(platform, "by_windows", ([row.get(name) for name in COLUMNS] for row in rows))


def _bare_group(platform: Platform, _: Any) -> str:
    """Not a rival: mongod's own part, the floor of every way that groups there."""
    first, last = weeks.span(platform.database) or (date.min, date.min)
    weeks.division_sums(platform.database, first, last, platform.settings.mongo_parallel_reads)
    return ""


# --- Every document leaves MongoDB --------------------------------------------------------------

SQL = """
WITH divisions AS (
    SELECT date_trunc('week', day)::date AS week_start, department, division,
           sum(amount) AS total_amount, sum(least(amount, 0)) AS refund_amount,
           count(*) AS transaction_count
    FROM documents GROUP BY 1, 2, 3),
totals AS (
    SELECT *, sum(total_amount) OVER (PARTITION BY week_start, department) AS department_amount,
           sum(total_amount) OVER (PARTITION BY week_start) AS week_amount FROM divisions),
changes AS (
    SELECT *, max(department_amount) OVER (PARTITION BY department ORDER BY week_start
        RANGE BETWEEN '7 days' PRECEDING AND '7 days' PRECEDING) AS previous FROM totals)
INSERT INTO by_sql
SELECT week_start, department, division, total_amount, refund_amount, transaction_count,
       department_amount, week_amount,
       CASE WHEN week_amount > 0 THEN round(department_amount / week_amount, 6) END,
       CASE WHEN department_amount > 0 THEN round(total_amount / department_amount, 6) END,
       CASE WHEN week_amount > 0 THEN round(total_amount / week_amount, 6) END, previous,
       CASE WHEN previous > 0 THEN round((department_amount - previous) * 100 / previous, 4) END
FROM changes"""


def _sql(platform: Platform, _: Any) -> str:
    """pymongo, COPY, and window functions in PostgreSQL."""
    found = platform.database[tables.TRANSACTIONS].find({}, FIELDS, batch_size=20_000)
    rows = (
        [one["transaction_date"].date(), one["department"], one["division"], one["amount"]]
        for one in found
    )
    with platform.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS documents, by_sql"))
        connection.execute(text(f"CREATE UNLOGGED TABLE by_sql ({DEFINITION})"))
        connection.execute(
            text(
                "CREATE UNLOGGED TABLE documents "
                "(day date, department text, division text, amount numeric(18,2))"
            )
        )
        _copy(connection, "documents", rows)
        connection.execute(text(SQL))
        connection.execute(text("DROP TABLE documents"))
    return "by_sql"


def _pandas(platform: Platform, _: Any) -> str:
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
    return _copied(platform, "by_pandas", (row.values() for row in rows.to_pylist()))


def _beginners_spark(platform: Platform, session: Any) -> str:
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
    return _by_spark(platform, weekly.division_sums(frame), "by_beginner")


def _scan(platform: Platform, session: Any) -> str:
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
    return _by_spark(platform, weekly.division_sums(frame), "by_scan")


def _by_spark(platform: Platform, sums: Any, name: str) -> str:
    first, last = weeks.span(platform.database) or (date.min, date.min)
    rows = weekly.weekly_transactions(sums, first, last).toArrow().to_pylist()
    return _copied(platform, name, (row.values() for row in rows))


def _copied(platform: Platform, name: str, rows: Any) -> str:
    with platform.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        connection.execute(text(f"CREATE UNLOGGED TABLE {name} ({DEFINITION})"))
        _copy(connection, name, rows, COLUMNS)
    return name


def _copy(connection: Any, name: str, rows: Any, columns: tuple[str, ...] = ()) -> None:
    import csv

    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    listed = f"({', '.join(columns)})" if columns else ""
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {name} {listed} FROM STDIN (FORMAT csv)", buffer)


def contents(postgres_url: str, table: str) -> tuple[int, str]:
    """Number of rows of a table, and a hash of every digit of the contract's columns."""
    rows = f"SELECT {', '.join(COLUMNS)} FROM {table}"  # noqa: S608 - our own names
    digest = "md5(string_agg(r::text, '|' ORDER BY r::text COLLATE \"C\"))"
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        statement = text(f"SELECT count(*), {digest} FROM ({rows}) r")  # noqa: S608 - as above
        row = connection.execute(statement).one()
    engine.dispose()
    return row[0], row[1]


NOTHING: Callable[[Platform], Any] = lambda platform: None  # noqa: E731
ANY = 10**9
RIVALS = {
    "txplatform": Rival("txplatform, Spark", ANY, _session, _ours),
    "txplatform_mongo": Rival("txplatform, TXPLATFORM_ENGINE=mongo", ANY, _without_spark, _ours),
    "bare_group": Rival("mongod's bare $group (no table; the floor)", ANY, NOTHING, _bare_group),
    "windows": Rival("MongoDB $setWindowFields, COPY", ANY, NOTHING, _windows),
    "sql": Rival("pymongo, COPY, SQL", 2_500_000, NOTHING, _sql),
    "scan": Rival("whole collection as Arrow into Spark", 2_500_000, _session, _scan),
    "pandas": Rival("pandas", 2_500_000, NOTHING, _pandas),
    "beginner": Rival("beginner's createDataFrame", 250_000, _session, _beginners_spark),
}
