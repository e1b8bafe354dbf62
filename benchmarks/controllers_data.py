"""The alerts and decisions of ten million purchases, for `controllers.py`.

The base's alerts are found by the platform's own rules; PostgreSQL copies them, each with the ids
of its own copy's purchases as `data.py` writes them. Who decided what is a hash of the alert's id.
"""

import sys
from pathlib import Path

import data
from pyspark.sql import SparkSession
from sqlalchemy import Connection, text

from txplatform.connectors import spark, spark_config
from txplatform.domains.spend import (
    alerting,
    computation,
    measuring,
    planning,
    publishing,
    tables,
)
from txplatform.domains.spend.queries.status import table_totals
from txplatform.embedded.java import java_home
from txplatform.platform import Platform

STANDING = ("state", "assignee", "sequence", "decided_by", "decided_at", "concluded_at")
OWN = ("alert_id", "transaction_ids", "raised_at", "run_id", "overlaps_alert_id", *STANDING)
COPIED = [column.name for column in tables.alerts.c if column.name not in OWN]

COPY = f"""
    WITH copies AS (
        SELECT md5(:copy || alert_id) AS id, a.*,
            ARRAY(SELECT 'x' || lpad(to_hex(:copy), 3, '0') || substr(one, 5)
                FROM unnest(a.transaction_ids) one) AS ids,
            (a.week_start + 8)::timestamptz AS raised
        FROM alerts a WHERE run_id = 'base'),
    drawn AS (
        SELECT *, abs(hashtextextended(id, 1) % 1000) AS draw, abs(hashtextextended(id, 2) % 1000)
            AS lot FROM copies),
    decided AS (
        SELECT *, raised + lot * interval '1 hour' AS at, CASE
            WHEN draw >= CASE WHEN risk >= 0.6 THEN 800 ELSE 300 END THEN 'open'
            WHEN lot < 60 THEN 'in_review' WHEN lot < 160 THEN 'abusive'
            WHEN lot < 480 THEN 'justified' ELSE 'dismissed' END AS stands
        FROM drawn)
    INSERT INTO alerts ({", ".join(COPIED)}, {", ".join(OWN)})
    SELECT {", ".join(COPIED)}, id, ids, raised, 'copy', NULL, stands,
        CASE WHEN stands <> 'open' THEN 'controller ' || lot % 7 END,
        CASE stands WHEN 'open' THEN 0 WHEN 'in_review' THEN 1 ELSE 2 END,
        CASE WHEN stands <> 'open' THEN 'controller ' || lot % 7 END,
        CASE WHEN stands <> 'open' THEN at END,
        CASE WHEN stands NOT IN ('open', 'in_review') THEN at END
    FROM decided"""  # noqa: S608 - names of a Table

DECIDE = """
    INSERT INTO decisions
        (alert_id, sequence, kind, state, assignee, reason, decided_by, decided_at)
    SELECT alert_id, n, 'decide', CASE WHEN n = sequence THEN state ELSE 'in_review' END,
        assignee, CASE WHEN n = 2 THEN 'as the invoice says' END, decided_by,
        decided_at - (sequence - n) * interval '1 hour'
    FROM alerts a, generate_series(1, 2) n WHERE run_id = 'copy' AND n <= sequence
        AND NOT EXISTS (SELECT FROM decisions d WHERE d.alert_id = a.alert_id)
    ORDER BY alert_id, n"""


def fill(platform: Platform, size: int, alerts: int, file: Path | None) -> None:
    """Bring purchases, alerts and decisions to their sizes; what is there already stays."""
    if _count(platform, "alerts") == 0:
        data.fill(platform, 0, file)
        _find_base(platform)
    if platform.database[tables.TRANSACTIONS].estimated_document_count() < size * 0.9:
        data.fill(platform, size, file)
    if not table_totals(platform.engine).is_reconciled or _is_unmeasured(platform):
        _compute(platform)
    base = _count(platform, "alerts WHERE run_id = 'base'")
    with platform.engine.connect() as connection:
        for copy in range(1, round(alerts / base)):
            known = "alerts WHERE run_id = 'copy' AND transaction_ids[1] LIKE 'x{:03x}%'"
            if not _count(platform, known.format(copy)):
                connection.execute(text(COPY), {"copy": copy})
                connection.commit()
                sys.stderr.write(f"\r{copy * base:,} alerts copied")
        _decide(connection)
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _find_base(platform: Platform) -> None:
    wanted = planning.all_weeks(platform)
    publishing.note_changes(platform)
    session = _session(platform)
    publishing.publish(
        platform.engine, computation.compute(platform, lambda: session, wanted), "base"
    )
    merchants = alerting.documents.merchants(platform.reading)
    publishing.publish_merchants(platform.engine, merchants, "base")
    for found in alerting.find(platform, session, wanted, merchants):
        publishing.publish_alerts(platform.engine, found, "base")


def _session(platform: Platform) -> SparkSession:
    settings = platform.settings
    return spark.session(spark_config.session_config(settings), lambda: java_home(settings))


def _is_unmeasured(platform: Platform) -> bool:
    known: int = table_totals(platform.engine).source_count
    return known != platform.database[tables.TRANSACTIONS].estimated_document_count()


def _compute(platform: Platform) -> None:
    """The table of the copies too, as the settings' engine computes it: `mongo`, without Spark."""
    wanted = planning.all_weeks(platform)
    measured = measuring.measure(platform.database, wanted[0], wanted[-1], 2)
    publishing.record_measures(platform.engine, measured.values())
    found = computation.compute(platform, lambda: _session(platform), wanted)
    publishing.publish(platform.engine, found, "copies")


def _decide(connection: Connection) -> None:
    """Without the trigger: the copies say already where they stand."""
    connection.execute(text("ALTER TABLE decisions DISABLE TRIGGER decisions_keep_standing"))
    connection.execute(text(DECIDE))
    connection.execute(text("ALTER TABLE decisions ENABLE TRIGGER decisions_keep_standing"))


def _count(platform: Platform, source: str) -> int:
    with platform.engine.connect() as connection:
        found = connection.execute(text(f"SELECT count(*) FROM {source}"))  # noqa: S608 - constants
        return int(found.scalar_one())
