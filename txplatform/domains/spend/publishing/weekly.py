"""Writing what MongoDB holds of each week, and the rows of `weekly_transactions`."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from txplatform.connectors import postgres
from txplatform.connectors.lake import metadata_of
from txplatform.connectors.period_tables import Grain, PeriodTable, Replacement
from txplatform.domains.spend import tables
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure

LOCK = "spend.weekly_transactions"
INPUTS = ("fingerprint", "previous_fingerprint", "code_version")
"""What a week was computed from; travels with its table as schema metadata."""

CONNECTIONS = 2
WEEKS_TOGETHER = 52
"""Whoever signs a week off waits for as long as a transaction of this many takes."""

WEEKLY = PeriodTable(
    tables.weekly_transactions,
    tables.weekly_transactions_history,
    Grain("week_start", tables.WEEKLY_KEY, tables.WEEKLY_VALUES),
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


def publish(engine: Engine, weeks: Mapping[date, pa.Table], run_id: str) -> dict[date, Replacement]:
    """Replace weeks of `weekly_transactions`, each in one transaction under its lock.

    Up to `WEEKS_TOGETHER` share a transaction: one each would wait for the disk as often. Two
    transactions are written side by side.

    Args:
        engine: PostgreSQL.
        weeks: by Monday, the week's rows with `INPUTS` as schema metadata.
        run_id: the run that writes.

    Returns:
        By Monday, how many rows were written, removed and left alone.
    """
    mondays = sorted(weeks)
    starts = range(0, len(mondays), WEEKS_TOGETHER)
    parts = ([(week, weeks[week]) for week in mondays[at : at + WEEKS_TOGETHER]] for at in starts)
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        done = pool.map(lambda part: _publish_together(engine, dict(part), run_id), parts)
        return {week: replacement for part in done for week, replacement in part.items()}


def _publish_together(
    engine: Engine, weeks: Mapping[date, pa.Table], run_id: str
) -> dict[date, Replacement]:
    mondays = list(weeks)
    with engine.begin() as connection:
        WEEKLY.stage(connection, pa.concat_tables(weeks.values()).replace_schema_metadata())
        postgres.lock_weeks(connection, LOCK, *mondays)
        done = WEEKLY.replace(connection, mondays, run_id)
        rows = [_computed(week, weeks[week], run_id) for week in mondays]
        new = insert(tables.computed_weeks).values(rows)
        others = {name: new.excluded[name] for name in rows[0] if name != "week_start"}
        connection.execute(new.on_conflict_do_update(index_elements=["week_start"], set_=others))
    return done


def _computed(week: date, rows: pa.Table, run_id: str) -> dict[str, Any]:
    return {
        "week_start": week,
        **{name: metadata_of(rows)[name] for name in INPUTS},
        "row_count": rows.num_rows,
        "total_amount": compute.sum(rows["total_amount"], min_count=0).as_py(),
        "computed_at": func.clock_timestamp(),
        "run_id": run_id,
    }
