"""PostgreSQL's client: errors in a sentence, exact COPY, and types."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, make_url, select, text

from txplatform.connectors import postgres
from txplatform.domains.spend import tables
from txplatform.embedded.processes import wait_until
from txplatform.errors import ServerError, SettingsError
from txplatform_tests.connectors.weekly_rows import rows

WEEK = date(2026, 11, 16)


@pytest.fixture
def empty_database(empty_postgres_url: str) -> Iterator[Engine]:
    """A database without tables."""
    engine = postgres.connect(empty_postgres_url)
    yield engine
    engine.dispose()


@st.composite
def chunked(draw: st.DrawFn) -> pa.Table:
    """A table of a few rows, cut into chunks anywhere; some are empty."""
    texts = st.text('a,"\n é\\{}', max_size=3)
    lines = draw(st.lists(st.tuples(st.none() | texts, money, st.lists(texts, max_size=3))))
    cuts = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=4)))
    kinds = {"name": pa.string(), "amount": MONEY, "labels": pa.list_(pa.string())}
    columns = [
        pa.array([line[at] for line in lines], kind) for at, kind in enumerate(kinds.values())
    ]
    whole = pa.table(columns, list(kinds))
    ends = [0, *cuts, len(lines)]
    return pa.concat_tables(whole[first:last] for first, last in pairwise(ends))


MONEY = pa.decimal128(18, 2)
money = st.none() | st.decimals(-(10**15), 10**15, places=2)


@given(rows=chunked())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_copied_whatever_their_chunks(empty_database: Engine, rows: pa.Table) -> None:
    """Catches: pyarrow writing NUL bytes for rows after an empty chunk, such as a silent week."""
    columns = "number serial, name text, amount numeric(18, 2), labels text[]"
    with empty_database.connect() as connection:
        connection.execute(text(f"CREATE TEMPORARY TABLE copied ({columns}) ON COMMIT DROP"))
        postgres.copy(connection, "copied", rows)
        found = connection.execute(text("SELECT name, amount, labels FROM copied ORDER BY number"))
        copied = [dict(row) for row in found.mappings()]

    assert copied == rows.to_pylist()


def test_copy_brings_every_digit_and_every_character(engine: Engine) -> None:
    names = ['Roads, "North"', "Line\nbreak", "back\\slash", "'; DROP TABLE x; --", "NULL", "é漢"]
    values = rows(*((WEEK, name, "9999999999999999.99", None) for name in names))
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE t (LIKE weekly_transactions)"))
        for column in tables.weekly_transactions.columns:
            connection.execute(text(f"ALTER TABLE t ALTER {column.name} DROP NOT NULL"))
        postgres.copy(connection, "t", values)
        found = connection.execute(text("SELECT department, total_amount FROM t")).all()

    assert [tuple(row) for row in found] == [
        (name, Decimal("9999999999999999.99")) for name in names
    ]


def test_what_is_read_has_the_declared_types(engine: Engine) -> None:
    with engine.connect() as connection:
        found = postgres.read(connection, select(tables.weekly_transactions))

    assert found.num_rows == 0
    assert {field.name: str(field.type) for field in found.schema} | {} == {
        "week_start": "date32[day]",
        "department": "string",
        "division": "string",
        "total_amount": "decimal128(18, 2)",
        "refund_amount": "decimal128(18, 2)",
        "transaction_count": "int32",
        "department_amount": "decimal128(18, 2)",
        "week_amount": "decimal128(18, 2)",
        "department_share": "decimal128(28, 6)",
        "division_share_of_department": "decimal128(28, 6)",
        "division_share_of_week": "decimal128(28, 6)",
        "department_previous_amount": "decimal128(18, 2)",
        "department_change_pct": "decimal128(28, 4)",
        "computed_at": "timestamp[us, tz=UTC]",
        "run_id": "string",
    }


WAIT = """
from datetime import date
from sys import argv
from txplatform.connectors import postgres
with postgres.connect(argv[1]).connect() as connection:
    postgres.lock_weeks(connection, "spend", date(2026, 11, 16))
"""


def test_a_session_that_waits_does_not_outlive_its_killed_process(
    engine: Engine, postgres_url: str
) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with engine.connect() as holder, engine.connect() as watcher:
        postgres.lock_weeks(holder, "spend", WEEK)
        waiter = subprocess.Popen([sys.executable, "-c", WAIT, postgres_url])
        wait_until(lambda: watcher.exec_driver_sql(waiting).scalar_one() == 1, 60)
        waiter.kill()
        waiter.wait()

        assert wait_until(lambda: watcher.exec_driver_sql(waiting).scalar_one() == 0, 60)


@pytest.mark.parametrize("address", ["not an address", "postgres", ""])
def test_what_is_no_address_names_the_setting(address: str) -> None:
    with pytest.raises(SettingsError, match="TXPLATFORM_POSTGRES_URL is not a PostgreSQL address"):
        postgres.connect(address)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(ServerError, match=r"PostgreSQL at 127\.0\.0\.1") as refused:
        postgres.connect("postgresql://user:MARKER@127.0.0.1:1/spend")

    assert "TXPLATFORM_POSTGRES_URL" in str(refused.value)
    assert "MARKER" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wrong_password_is_one_sentence(postgres_url: str) -> None:
    wrong = make_url(postgres_url).set(password="MARKER").render_as_string(hide_password=False)

    with pytest.raises(ServerError, match="password authentication failed") as refused:
        postgres.connect(wrong)

    assert "MARKER" not in str(refused.value)


def test_a_bare_address_takes_the_installed_driver() -> None:
    assert postgres.address_of("postgresql://host/spend").drivername == "postgresql+psycopg2"
