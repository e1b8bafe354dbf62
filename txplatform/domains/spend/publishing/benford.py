"""Writing the Benford tests of a week and the digits behind them: replaced in one transaction."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pyarrow as pa
from sqlalchemy import Connection, Engine, delete

from txplatform.connectors import postgres
from txplatform.domains.spend import tables
from txplatform.domains.spend.publishing.weekly import WEEKS_TOGETHER

LOCK = "spend.benford"


class BenfordWeek(NamedTuple):
    """The Benford tests of a week: columns of `benford_tests` without stamps, `benford_digits`."""

    tests: pa.Table
    digits: pa.Table


def publish_benford(engine: Engine, weeks: Mapping[date, BenfordWeek], run_id: str) -> None:
    """Replace the tests and digits of weeks, each in one transaction under its lock.

    Up to `WEEKS_TOGETHER` share a transaction.

    Args:
        engine: PostgreSQL.
        weeks: by Monday, what is to stand there; empty tables for a week without tests.
        run_id: the run that writes.
    """
    mondays = sorted(weeks)
    with engine.connect() as connection:
        for first in range(0, len(mondays), WEEKS_TOGETHER):
            together = {week: weeks[week] for week in mondays[first : first + WEEKS_TOGETHER]}
            with connection.begin():
                _publish_together(connection, together, run_id)


def _publish_together(
    connection: Connection, weeks: Mapping[date, BenfordWeek], run_id: str
) -> None:
    mondays = list(weeks)
    postgres.lock_weeks(connection, LOCK, *mondays)
    for table in (tables.benford_digits, tables.benford_tests):
        connection.execute(delete(table).where(table.c.week_start.in_(mondays)))
    tests, digits = (pa.concat_tables(kind) for kind in zip(*weeks.values(), strict=True))
    stamped = tests.append_column(
        "computed_at", pa.repeat(pa.scalar(postgres.now(connection)), tests.num_rows)
    ).append_column("run_id", pa.repeat(run_id, tests.num_rows))
    postgres.copy(connection, tables.benford_tests.name, stamped)
    postgres.copy(connection, tables.benford_digits.name, digits)
