"""Writing the alerts of a week: raised once, refreshed, superseded, raised again, never deleted.

An alert is its `alert_id` (hash of rule, version and purchases): a recomputation that finds the
same one leaves it and its decisions alone. The statements name the tables of `tables.alerts`.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pyarrow as pa
from sqlalchemy import Connection, Engine, func, text
from sqlalchemy.dialects.postgresql import insert

from txplatform.connectors import postgres
from txplatform.connectors.lake import metadata_of
from txplatform.domains.spend import tables

LOCK = "spend.alerts"
STAGING = "staged_alerts"
STAMPS = ("fingerprint", "rules_version")
"""What a week's alerts were found with; travels with its table as schema metadata."""

IDENTITY = ("alert_id", "rule", "rule_version", "transaction_ids")
FACTS = (
    "severity",
    "week_start",
    "transaction_date",
    "department",
    "division",
    "merchant",
    "category",
    "transaction_count",
    "amount_at_risk",
    "evidence",
    "sentence",
    "case_id",
    "case_amount_at_risk",
)
"""What may change of an alert that stays the same: a purchase was corrected under its own id."""
WRITTEN = (*IDENTITY, *FACTS, "risk")
"""Its risk changes with all others': see `ranking`."""


class AlertChanges(NamedTuple):
    """What publishing a week did to the alerts.

    Attributes:
        raised: found for the first time.
        returned: had been superseded, and their facts are back.
        refreshed: the same alerts with other facts, such as their sentence.
        superseded: their facts are gone.
        unchanged: found again as they were.
    """

    raised: int
    returned: int
    refreshed: int
    superseded: int
    unchanged: int


def publish_alerts(
    engine: Engine, weeks: Mapping[date, pa.Table], run_id: str
) -> dict[date, AlertChanges]:
    """Make the alerts of weeks those found, each week in one transaction under its lock.

    Args:
        engine: PostgreSQL.
        weeks: by Monday, the week's alerts as `alerting.find` returns them.
        run_id: the run that writes.

    Returns:
        By Monday, what became of its alerts.
    """
    done = {}
    with engine.connect() as connection:
        _stage(connection, pa.concat_tables(weeks.values()).replace_schema_metadata())
        connection.commit()
        for week in sorted(weeks):
            with connection.begin():
                done[week] = _publish_week(connection, week, weeks[week], run_id)
    return done


def _stage(connection: Connection, alerts: pa.Table) -> None:
    """COPY the alerts of all weeks into a table that only this connection sees."""
    columns = [tables.alerts.c[name] for name in WRITTEN]
    declared = ", ".join(f"{c.name} {postgres.sql_type(c)}" for c in columns)
    connection.execute(text(f"DROP TABLE IF EXISTS {STAGING}"))
    connection.execute(text(f"CREATE TEMPORARY TABLE {STAGING} ({declared})"))
    postgres.copy(connection, STAGING, alerts.select([column.name for column in columns]))
    connection.execute(text(f"CREATE INDEX ON {STAGING} (week_start)"))
    connection.execute(text(f"ANALYZE {STAGING}"))


def _publish_week(
    connection: Connection, week: date, alerts: pa.Table, run_id: str
) -> AlertChanges:
    postgres.lock_weeks(connection, LOCK, week)
    connection.execute(text(WORDS_TOGETHER))
    values = {"week": week, "run_id": run_id, "now": postgres.now(connection)}
    superseded = refreshed = returned = 0
    if connection.execute(text(LOCK_ALERTS), values).rowcount:
        superseded = connection.execute(text(SUPERSEDE), values).rowcount
        # In this order: another week's run may be superseding an alert that moved to this week,
        # and only a statement that starts after it sees that.
        refreshed, returned = (
            connection.execute(text(REFRESH), {**values, "is_back": is_back}).rowcount
            for is_back in (False, True)
        )
    raised = connection.execute(text(RAISE), values).rowcount
    if raised:
        for about in ABOUT:
            connection.execute(text(POINT_TO_DECIDED.format(**about)), values)
    _note(connection, week, alerts, values)
    unchanged = alerts.num_rows - raised - returned - refreshed
    return AlertChanges(raised, returned, refreshed, superseded, unchanged)


def _note(
    connection: Connection, week: date, alerts: pa.Table, stamps: Mapping[str, object]
) -> None:
    """Keep what the week's alerts were found with, by which a later change is noticed."""
    values = {
        **{name: metadata_of(alerts)[name] for name in STAMPS},
        "alert_count": alerts.num_rows,
        "computed_at": func.clock_timestamp(),
        "run_id": stamps["run_id"],
    }
    statement = insert(tables.alert_weeks).values(week_start=week, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["week_start"], set_=values))


WORDS_TOGETHER = "SET LOCAL gin_pending_list_limit = '32MB'"
"""The words of so many alerts are sorted into their indexes at once: with the usual 4 MB that is a
sixth of what PostgreSQL does."""

STAGED = f"{STAGING} s WHERE s.week_start = :week"

LOCK_ALERTS = f"""
    SELECT FROM alerts a
    WHERE a.alert_id IN (
        SELECT w.alert_id FROM alerts w WHERE w.week_start = :week
        UNION SELECT s.alert_id FROM {STAGED})
    ORDER BY a.alert_id FOR NO KEY UPDATE OF a"""  # noqa: S608 - constants
"""In the order in which decisions lock them (migration 0004): none waits for the other in a circle.
Each is looked up: with an OR in the condition every week would read the whole table.
"""

SUPERSEDE = f"""
    UPDATE alerts a
    SET superseded_at = :now, case_id = a.alert_id, case_amount_at_risk = a.amount_at_risk
    WHERE a.week_start = :week AND a.superseded_at IS NULL
        AND NOT EXISTS (SELECT FROM {STAGED} AND s.alert_id = a.alert_id)"""  # noqa: S608 - constants
"""It leaves its case, and its case goes on without it."""

REFRESH = f"""
    UPDATE alerts a
    SET superseded_at = NULL, {", ".join(f"{name} = s.{name}" for name in FACTS)}
    FROM {STAGED} AND s.alert_id = a.alert_id
        AND (a.superseded_at IS NOT NULL) = :is_back
        AND (:is_back OR ({", ".join(f"a.{name}" for name in FACTS)})
            IS DISTINCT FROM ({", ".join(f"s.{name}" for name in FACTS)}))"""  # noqa: S608 - constants
"""By id and not by week: a purchase that moved to this week takes its alert along."""

RAISE = f"""
    INSERT INTO alerts ({", ".join(WRITTEN)}, raised_at, run_id)
    SELECT {", ".join(f"s.{name}" for name in WRITTEN)}, :now, :run_id
    FROM {STAGED} ON CONFLICT (alert_id) DO NOTHING"""  # noqa: S608 - constants

POINT_TO_DECIDED = """
    UPDATE alerts a SET overlaps_alert_id = (
        SELECT d.alert_id FROM alerts d
        WHERE d.rule = a.rule AND d.alert_id <> a.alert_id AND d.state <> 'open'
            AND {is_about_the_same}
        ORDER BY d.decided_at DESC, d.alert_id LIMIT 1)
    WHERE a.week_start = :week AND a.raised_at = :now AND {is_of_its_kind}
        AND EXISTS (SELECT FROM decisions)"""
"""A new alert points to the one decided last that has a purchase and the rule in common with it:
one of an older version, or of other facts. Asked alert by alert, of the index on purchases: there
may be many decisions, but few about the same."""

ABOUT = (
    {
        "is_of_its_kind": "cardinality(a.transaction_ids) > 0",
        "is_about_the_same": "d.transaction_ids && a.transaction_ids",
    },
    {
        "is_of_its_kind": "cardinality(a.transaction_ids) = 0",
        "is_about_the_same": "cardinality(d.transaction_ids) = 0 "
        "AND d.week_start = a.week_start AND d.department = a.department",
    },
)
"""An alert without purchases (SPIKE) is about its department and week."""
