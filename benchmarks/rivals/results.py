"""What every way to fill the weekly table leaves behind, and how it is compared."""

import csv
from contextlib import closing
from io import StringIO
from typing import Any

from sqlalchemy import Connection, create_engine, text

from txplatform.domains.spend import tables
from txplatform.platform import Platform

COLUMNS = (*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES)
DEFINITION = ", ".join(
    f"{column.name} {column.type}"
    for column in tables.weekly_transactions.columns
    if column.name in COLUMNS
)
FIELDS = {"_id": 0, "transaction_date": 1, "department": 1, "division": 1, "amount": 1}
"""What a way that takes whole documents out of MongoDB needs of each."""


def copied(platform: Platform, name: str, rows: Any) -> str:
    """A new table with these rows of the contract's columns; its name."""
    with platform.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        connection.execute(text(f"CREATE UNLOGGED TABLE {name} ({DEFINITION})"))
        copy(connection, name, rows, COLUMNS)
    return name


def copy(connection: Connection, name: str, rows: Any, columns: tuple[str, ...] = ()) -> None:
    """COPY rows into a table."""
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    listed = f"({', '.join(columns)})" if columns else ""
    with closing(connection.connection.cursor()) as cursor:
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
