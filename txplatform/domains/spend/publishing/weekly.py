"""Writing what MongoDB holds of each week, and the rows of `weekly_transactions`."""

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from txplatform.connectors import postgres
from txplatform.connectors.lake import metadata_of
from txplatform.connectors.postgres import Replacement
from txplatform.domains.spend import tables
from txplatform.domains.spend.weeks import NO_DOCUMENTS, WeekMeasure

LOCK = "spend.weekly_transactions"
INPUTS = ("fingerprint", "previous_fingerprint", "code_version")
"""What a week was computed from; travels with its table as schema metadata."""

WEEKLY = postgres.WeekTable(
    tables.weekly_transactions,
    tables.weekly_transactions_history,
    tables.WEEKLY_KEY,
    tables.WEEKLY_VALUES,
)


def record_measures(engine: Engine, measures: Iterable[WeekMeasure]) -> list[date]:
    """Note what MongoDB holds of each week; returns the weeks for which that is news.

    A week without documents that never had any is not noted.
    """
    with engine.begin() as connection:
        known = set(connection.execute(select(tables.source_weeks.c.week_start)).scalars())
        rows = [
            {**measure._asdict(), "changed_at": func.clock_timestamp()}
            for measure in measures
            if measure.fingerprint != NO_DOCUMENTS or measure.week_start in known
        ]
        if not rows:
            return []
        new = insert(tables.source_weeks).values(rows)
        statement = new.on_conflict_do_update(
            index_elements=["week_start"],
            set_={name: new.excluded[name] for name in rows[0] if name != "week_start"},
            where=tables.source_weeks.c.fingerprint != new.excluded.fingerprint,
        ).returning(tables.source_weeks.c.week_start)
        return sorted(connection.execute(statement).scalars())


def publish(engine: Engine, weeks: Mapping[str, pa.Table], run_id: str) -> dict[str, Replacement]:
    """Replace weeks of `weekly_transactions`, each in one transaction under its lock.

    Args:
        engine: PostgreSQL.
        weeks: by Monday, the week's rows with `INPUTS` as schema metadata.
        run_id: the run that writes.

    Returns:
        By Monday, how many rows were written, removed and left alone.
    """
    done = {}
    with engine.connect() as connection:
        WEEKLY.stage(connection, pa.concat_tables(weeks.values()).replace_schema_metadata())
        connection.commit()
        for key in sorted(weeks):
            with connection.begin():
                done[key] = _publish_week(connection, key, weeks[key], run_id)
    return done


def _publish_week(connection: Connection, key: str, rows: pa.Table, run_id: str) -> Replacement:
    week = date.fromisoformat(key)
    postgres.lock_week(connection, LOCK, week)
    replacement = WEEKLY.replace(connection, week, run_id)
    values = {
        **{name: metadata_of(rows)[name] for name in INPUTS},
        "row_count": rows.num_rows,
        "total_amount": compute.sum(rows["total_amount"], min_count=0).as_py(),
        "computed_at": func.clock_timestamp(),
        "run_id": run_id,
    }
    statement = insert(tables.computed_weeks).values(week_start=week, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["week_start"], set_=values))
    return replacement
