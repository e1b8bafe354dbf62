"""The Benford tests of a week: per department, and the digits behind each."""

from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, func, select

from txplatform.connectors import postgres
from txplatform.domains.spend.tables import benford_digits, benford_tests

ORGANISATION = ""
"""The department that stands for all of them."""


def benford_of_week(
    engine: Engine, week: date | None = None, department: str | None = None
) -> pa.Table:
    """The tests over the 52 weeks that end with a week, sorted by department and test.

    Args:
        engine: PostgreSQL.
        week: its Monday; None: the newest week with tests.
        department: only this one; `ORGANISATION`: all purchases together.
    """
    return _of_week(engine, benford_tests, [benford_tests.c.test], week, department)


def digits_of_week(
    engine: Engine, week: date | None = None, department: str = ORGANISATION
) -> pa.Table:
    """Observed and expected shares of the digits of a department, sorted by test and digits."""
    order = [benford_digits.c.test, benford_digits.c.digits]
    return _of_week(engine, benford_digits, order, week, department)


def _of_week(
    engine: Engine, table: Any, order: list[Any], week: date | None, department: str | None
) -> pa.Table:
    newest = select(func.max(benford_tests.c.week_start)).scalar_subquery()
    statement = select(table).where(table.c.week_start == (newest if week is None else week))
    if department is not None:
        statement = statement.where(table.c.department == department)
    with engine.connect() as connection:
        return postgres.read(
            connection, statement.order_by(table.c.department.collate("C"), *order)
        )
