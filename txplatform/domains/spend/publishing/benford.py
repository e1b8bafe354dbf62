"""Writing the Benford tests of a week and the digits behind them: replaced in one transaction."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Connection, Engine, delete

from txplatform.connectors import postgres
from txplatform.domains.spend import tables

LOCK = "spend.benford"


class BenfordWeek(NamedTuple):
    """The Benford tests of a week: columns of `benford_tests` without stamps, `benford_digits`."""

    tests: pa.Table
    digits: pa.Table


def publish_benford(engine: Engine, weeks: Mapping[str, BenfordWeek], run_id: str) -> None:
    """Replace the tests and digits of weeks, each in one transaction under its lock.

    Args:
        engine: PostgreSQL.
        weeks: by Monday, what is to stand there; empty tables for a week without tests.
        run_id: the run that writes.
    """
    with engine.connect() as connection:
        for key in sorted(weeks):
            with connection.begin():
                _publish_week(connection, date.fromisoformat(key), weeks[key], run_id)


def _publish_week(connection: Connection, week: date, found: BenfordWeek, run_id: str) -> None:
    postgres.lock_weeks(connection, LOCK, week)
    for table in (tables.benford_digits, tables.benford_tests):
        connection.execute(delete(table).where(table.c.week_start == week))
    count = found.tests.num_rows
    stamped = found.tests.append_column(
        "computed_at", pa.repeat(pa.scalar(postgres.now(connection)), count)
    ).append_column("run_id", pa.repeat(run_id, count))
    postgres.copy(connection, tables.benford_tests.name, stamped)
    postgres.copy(connection, tables.benford_digits.name, found.digits)


def totals(found: BenfordWeek) -> tuple[int, int]:
    """How many tests were made of a week, and how many of them failed to conform."""
    is_failed = compute.equal(found.tests["conformity"], "none")
    is_made = compute.is_valid(found.tests["conformity"])
    return compute.sum(is_made).as_py() or 0, compute.sum(is_failed).as_py() or 0
