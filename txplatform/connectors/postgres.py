"""PostgreSQL: connecting with a clear error, COPY, rows as Arrow, and locks of periods."""

import re
from contextlib import closing, suppress
from datetime import date, datetime
from io import BytesIO
from typing import Any

import psycopg2
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv
from sqlalchemy import (
    URL,
    Column,
    Connection,
    DateTime,
    Engine,
    Select,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ArgumentError, OperationalError

from txplatform.columns import arrow_schema
from txplatform.connectors import tls
from txplatform.errors import ServerError, SettingsError

DRIVER = "postgresql+psycopg2"
OLDEST_VERSION = 14_00_00
CONNECT_SECONDS = 5
ROWS_AT_ONCE = 100_000
MOST_CONNECTIONS = 15
"""Of an engine, and all are kept: one that is opened anew for a request takes longer than it."""
TRUST = (
    "name the authority of its certificate (sslrootcert=FILE), or say which TLS you want "
    "(sslmode=...), in"
)
CLIENT_CHECK_MS = 2_000
"""How often the server looks, during a statement, whether whoever asked is still there."""
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def connect(url: str) -> Engine:
    """An engine whose server has answered once.

    Raises:
        SettingsError: the address is malformed or the server older than PostgreSQL 14.
        ServerError: the server does not answer or refuses the password.
    """
    address = address_of(url)
    engine = create_engine(
        address,
        pool_pre_ping=True,
        pool_size=MOST_CONNECTIONS,
        max_overflow=0,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )
    # A session that waits for a lock would otherwise outlive its killed process, and then take it.
    _set_on_connect(engine, "client_connection_check_interval", CLIENT_CHECK_MS)
    try:
        with engine.connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    except OperationalError as error:
        reason = _reason(error)
        remedy = TRUST if re.search("certificate|SSL", reason) else "check that it runs and"
        raise ServerError(
            f"PostgreSQL at {address.host or 'localhost'} does not let us in ({reason}): {remedy} "
            "TXPLATFORM_POSTGRES_URL."
        ) from None
    if version < OLDEST_VERSION:
        raise SettingsError(
            f"PostgreSQL {version // 10_000} is too old: {OLDEST_VERSION // 10_000} or newer "
            "is needed."
        )
    return engine


def limit_statements(engine: Engine, seconds: float) -> None:
    """Let the server cancel whatever a new connection of this engine asks for longer."""
    engine.dispose()
    _set_on_connect(engine, "statement_timeout", round(seconds * 1000))


def _set_on_connect(engine: Engine, parameter: str, milliseconds: int) -> None:
    """Set a parameter in every new session, where the server's version and system know it."""

    @event.listens_for(engine, "connect")
    def set_parameter(connection: Any, _: object) -> None:
        with closing(connection.cursor()) as cursor, suppress(psycopg2.Error):
            cursor.execute("SELECT set_config(%s, %s, false)", (parameter, str(milliseconds)))
        connection.commit()


def address_of(url: str) -> URL:
    """Parse an address, give it our driver and, beyond this machine, TLS that is verified.

    A bare postgresql:// would mean psycopg 3 to SQLAlchemy, which is not installed.
    """
    try:
        address = make_url(url).set(drivername=DRIVER)
    except (ArgumentError, ValueError):
        address = None
    if address is None or "@" in (address.host or ""):  # a part of the password
        raise SettingsError(
            "TXPLATFORM_POSTGRES_URL is not a PostgreSQL address such as "
            "postgresql://user:password@host/database; in a password, @ : / are %40 %3A %2F."
        )
    return tls.verified(address)


def _reason(error: OperationalError) -> str:
    lines = str(error.orig).strip().splitlines()
    return re.sub(r"^connection to server .*? failed: ", "", lines[0]) if lines else "no reason"


def copy(connection: Connection, table: str, rows: pa.Table) -> None:
    """COPY `rows` into `table`, columns by name; decimals, NULL, lists of texts arrive exactly."""
    with closing(connection.connection.cursor()) as cursor:
        copy_through(cursor, table, rows)


def copy_through(cursor: Any, table: str, rows: pa.Table) -> None:
    """Do what `copy` does, for who has a cursor of psycopg; some rows at a time are text."""
    target = ".".join(f'"{part}"' for part in table.split("."))
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    for start in range(0, rows.num_rows, ROWS_AT_ONCE):
        part = rows.slice(start, ROWS_AT_ONCE)
        buffer = BytesIO()
        flat = pa.table([_as_arrays(column) for column in part.columns], rows.column_names)
        # pyarrow 25 writes NUL bytes for a first chunk without rows, such as a silent week.
        batches = [batch for batch in flat.to_batches() if batch.num_rows]
        filled = pa.Table.from_batches(batches, flat.schema)
        csv.write_csv(filled, buffer, csv.WriteOptions(include_header=False))
        buffer.seek(0)
        cursor.copy_expert(f"COPY {target} ({columns}) FROM STDIN (FORMAT csv)", buffer)


def _as_arrays(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Lists of texts as PostgreSQL writes arrays, in quotes; CSV has no lists."""
    if not pa.types.is_list(column.type):
        return column
    lists = column.combine_chunks()
    texts = pc.list_flatten(lists)
    for sign in ("\\", '"'):
        texts = pc.replace_substring(texts, sign, f"\\{sign}")
    quoted = pc.binary_join_element_wise('"', texts, '"', "")
    begins = pc.subtract(lists.offsets, lists.offsets[0])  # of a slice they do not begin at 0
    joined = pc.binary_join(pa.ListArray.from_arrays(begins, quoted), ",")
    return pc.binary_join_element_wise("{", joined, "}", "")


def read(connection: Connection, statement: Select[Any]) -> pa.Table:
    """The rows of a query as Arrow, in the types that the tables declare."""
    schema = arrow_schema(column for column in statement.selected_columns)
    rows = connection.execute(statement).all()
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table([list(column) for column in columns], schema=schema)


def sql_type(column: Column[Any]) -> str:
    """The type of a declared column as PostgreSQL writes it, such as `numeric(18, 2)`."""
    return str(column.type.compile(dialect=POSTGRESQL)).lower()


def now(connection: Connection) -> datetime:
    """The server's clock at this moment.

    `now()` would be the start of the transaction, which may lie before the commit of another
    run whose lock this one had waited for.
    """
    return connection.execute(
        select(func.clock_timestamp(type_=DateTime(timezone=True)))
    ).scalar_one()


def lock_weeks(connection: Connection, domain: str, *weeks: date) -> None:
    """Wait for the advisory lock of each week; they are held until the transaction ends.

    They are taken in week order, so that runs of several weeks cannot block each other for ever.
    """
    statement = text("SELECT pg_advisory_xact_lock(hashtext(:domain), day) FROM unnest(:days) day")
    days = [week.toordinal() for week in sorted(weeks)]
    connection.execute(statement, {"domain": domain, "days": days})
