"""Tables of PostgreSQL that are replaced period by period and keep what they said before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Connection, Table, text

from txplatform.connectors.postgres import copy, now, sql_type


class Replacement(NamedTuple):
    """What replacing a period did to the rows of a table."""

    inserted: int
    removed: int
    unchanged: int


class Grain(NamedTuple):
    """What the columns of such a table are for."""

    period: str
    """Holds the start of the period."""
    key: Sequence[str]
    """Name a row."""
    values: Sequence[str]
    """Are computed; two rows are the same where these are."""
    within: str | None = None
    """By its values a replacement may be limited, such as a station's."""


class PeriodTable:
    """A table that is replaced period by period (a day, a week) and keeps what it said before.

    `staged` is copied once per connection; each `replace` is part of one database transaction of
    the caller, so that readers see a whole period of one computation. Rows that stay the same are
    not touched and leave no trace in `history` (same columns, then `valid_from` and `valid_to`).
    """

    def __init__(self, table: Table, history: Table, grain: Grain) -> None:
        self.name, self.history = table.fullname, history.fullname
        self.staging = f"staged_{table.name}"
        self.key, self.values = tuple(grain.key), tuple(grain.values)
        self.period, self.within = grain.period, grain.within
        self.columns = (*self.key, *self.values)
        self.schema = [table.c[name] for name in self.columns]

    def put(
        self,
        connection: Connection,
        rows: pa.Table,
        periods: Sequence[date],
        run_id: str,
        only: Sequence[str],
    ) -> dict[date, Replacement]:
        """Make rows those of the periods for some values of `within`, whose lock the caller holds.

        Where there is nothing to compare with, they are copied straight into the table.
        """
        limit = f"{self.period} = ANY(:periods) AND {self.within} = ANY(:only)"
        # Counted: for EXISTS the planner hopes to meet a row soon, and reads the whole table.
        there = text(f"SELECT count(*) FROM {self.name} WHERE {limit}")  # noqa: S608 - names of a Table
        if connection.execute(there, {"periods": list(periods), "only": list(only)}).scalar():
            self.stage(connection, rows)
            return self.replace(connection, periods, run_id, only)
        return self._fill(connection, rows, periods, run_id)

    def _fill(
        self, connection: Connection, rows: pa.Table, periods: Sequence[date], run_id: str
    ) -> dict[date, Replacement]:
        days = pa.array(periods, pa.date32())
        wanted = rows.filter(compute.is_in(rows[self.period], value_set=days))
        stamps = (("computed_at", now(connection)), ("run_id", run_id))
        filled = wanted.select(self.columns)
        for name, value in stamps:
            filled = filled.append_column(name, pa.repeat(pa.scalar(value), len(filled)))
        copy(connection, self.name, filled)
        counted = compute.value_counts(wanted[self.period]).to_pylist()
        counts = Counter({each["values"]: each["counts"] for each in counted})
        return {period: Replacement(counts[period], 0, 0) for period in periods}

    def stage(self, connection: Connection, rows: pa.Table) -> None:
        """COPY the rows of all periods into a table that only this connection sees."""
        columns = ", ".join(f'"{column.name}" {sql_type(column)}' for column in self.schema)
        connection.execute(text(f"DROP TABLE IF EXISTS {self.staging}"))
        connection.execute(text(f"CREATE TEMPORARY TABLE {self.staging} ({columns})"))
        copy(connection, self.staging, rows.select(self.columns))
        connection.execute(text(f"ANALYZE {self.staging} ({', '.join(self.key)})"))

    def replace(
        self,
        connection: Connection,
        periods: Sequence[date],
        run_id: str,
        only: Sequence[str] | None = None,
    ) -> dict[date, Replacement]:
        """Make the periods' rows those staged; with `only`, those of some values of `within`.

        Lock the periods first (`postgres.lock_weeks`), in the same transaction.
        """
        stamps = {"periods": list(periods), "run_id": run_id, "now": now(connection)}
        if only is not None:
            stamps["only"] = list(only)
        statements = (
            self._remove_changed(only is not None),
            self._insert_missing(),
            self._count_staged(),
        )
        removed, inserted, staged = (
            self._counts(connection, statement, stamps) for statement in statements
        )
        return {
            period: Replacement(
                inserted[period], removed[period], staged[period] - inserted[period]
            )
            for period in periods
        }

    def _counts(
        self, connection: Connection, statement: str, stamps: Mapping[str, Any]
    ) -> Counter[date]:
        rows = connection.execute(text(statement), stamps)
        return Counter({row.period: row.row_count for row in rows})

    def _same_key(self) -> str:
        return " AND ".join(f"t.{name} = s.{name}" for name in self.key)

    def _remove_changed(self, is_limited: bool) -> str:
        same = (f"s.{name} IS NOT DISTINCT FROM t.{name}" for name in self.values)
        kept = " AND ".join((self._same_key(), *same))
        everything = ", ".join((*self.columns, "computed_at", "run_id"))
        limit = f"AND t.{self.within} = ANY(:only)" if is_limited else ""
        return f"""
            WITH removed AS (
                DELETE FROM {self.name} t WHERE t.{self.period} = ANY(:periods) {limit}
                AND NOT EXISTS (SELECT FROM {self.staging} s WHERE {kept})
                RETURNING {everything}),
            kept AS (
                INSERT INTO {self.history} ({everything}, valid_from, valid_to)
                SELECT {everything}, computed_at, :now FROM removed)
            SELECT {self.period} AS period, count(*) AS row_count FROM removed
            GROUP BY 1"""  # noqa: S608 - names of a Table

    def _insert_missing(self) -> str:
        names = ", ".join(self.columns)
        return f"""
            WITH inserted AS (
                INSERT INTO {self.name} ({names}, computed_at, run_id)
                SELECT {names}, :now, :run_id FROM {self.staging} s
                WHERE s.{self.period} = ANY(:periods) AND NOT EXISTS (
                    SELECT FROM {self.name} t WHERE {self._same_key()})
                RETURNING {self.period})
            SELECT {self.period} AS period, count(*) AS row_count FROM inserted
            GROUP BY 1"""  # noqa: S608 - names of a Table

    def _count_staged(self) -> str:
        return f"""
            SELECT {self.period} AS period, count(*) AS row_count FROM {self.staging}
            WHERE {self.period} = ANY(:periods) GROUP BY 1"""  # noqa: S608 - names of a Table
