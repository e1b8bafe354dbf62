"""Least privilege: each part does its own work with its own logins, and what must fail fails."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pymongo.errors import OperationFailure
from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError

from txplatform import domains, embedded
from txplatform.domains.spend import decisions, publishing, tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure
from txplatform.domains.spend.queries.alert_counts import alert_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.migrations import rights
from txplatform.platform import Platform
from txplatform.serving import tables as serving_tables
from txplatform.serving import tokens
from txplatform.settings import Settings
from txplatform.settings.logins import Component
from txplatform_tests.domains.spend.alert_rows import raise_alerts, seen
from txplatform_tests.domains.spend.test_sign_offs import FIRST, MONDAY, OPEN_WEEK, ROWS
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

INGEST, COMPUTE, READ, DECIDE, BI = Component
PERMISSION_DENIED = "permission denied|must be owner|append-only"


@pytest.fixture(scope="module")
def installation(settings: Settings, endpoints: embedded.Endpoints) -> Iterator[Platform]:
    """The session's embedded servers, as an installation without settings uses them.

    No other test uses these databases: what is left in them disturbs nobody.
    """
    assert endpoints
    owner = Platform(settings)
    yield owner
    owner.close()


def test_each_part_has_a_login_of_its_own(installation: Platform) -> None:
    query = text("SELECT current_user, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles "
                 "WHERE rolname = current_user")  # fmt: skip
    found = {}
    for component in Component:
        with installation.acting(component).engine.connect() as connection:
            name, *powers = connection.execute(query).one()
        found[component] = name
        assert not any(powers)
    status = {
        component: installation.acting(component).database.command("connectionStatus")
        for component in (INGEST, COMPUTE, READ)
    }

    assert found == {component: f"txplatform_{component}" for component in Component}
    assert {
        component: said["authInfo"]["authenticatedUsers"] for component, said in status.items()
    } == {one: [{"user": f"txplatform_{one}", "db": "txplatform"}] for one in status}


def test_each_part_does_its_own_work(installation: Platform) -> None:
    """A week is noted, computed, read, decided on and signed off, each by whose task it is."""
    ingest, compute, read, decide, bi = (installation.acting(one).engine for one in Component)
    raise_alerts(installation.engine, "alert_id\na")
    measure = WeekMeasure(MONDAY, 3, Decimal("105.10"), "a")
    inputs = {"fingerprint": "a", "previous_fingerprint": NO_DOCUMENTS}
    weeks = computed_weeks(f"{ROWS}\n{FIRST}", code_version=CODE_VERSION, **inputs)

    assert publishing.record_measures(ingest, [measure]) == [MONDAY]
    assert publishing.publish(compute, weeks, "a run")[MONDAY].inserted == 2
    decisions.decide(decide, seen("a"), State.IN_REVIEW, None, "Ada")
    assert decisions.sign_off(decide, MONDAY, "Ada", OPEN_WEEK, None).row_count == 2
    made, token = tokens.create(decide, "Ada", tokens.Role.READER)
    tokens.revoke(decide, token.token_id)
    assert tokens.find(decide, made) is None
    with read.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.weekly_transactions, tables.decisions, tables.sign_offs)
        ]
        as_of = text("SELECT count(*) FROM weekly_transactions_as_of(:now)")
        counts.append(connection.execute(as_of, {"now": datetime.now(UTC)}).scalar_one())
    assert counts == [2, 1, 1, 2]
    assert alert_counts(read, AlertFilter()).by_state == {"in_review": 1}, "kept by a trigger"
    with bi.connect() as connection:
        seen_by_bi = select(func.sum(tables.weekly_transactions.c.total_amount))
        assert connection.execute(seen_by_bi).scalar_one() == Decimal("105.10")


@pytest.mark.parametrize(
    ("component", "statement"),
    [
        (READ, "INSERT INTO weekly_transactions DEFAULT VALUES"),
        (READ, "UPDATE alerts SET sentence = 'nothing to see'"),
        (READ, "INSERT INTO decisions DEFAULT VALUES"),
        (READ, "SELECT secret_hash FROM api_tokens"),
        (READ, "CREATE TEMPORARY TABLE mine (a int)"),
        (INGEST, "SELECT secret_hash FROM api_tokens"),
        (INGEST, "SELECT * FROM weekly_transactions"),
        (INGEST, "DELETE FROM source_weeks"),
        (INGEST, "INSERT INTO decisions DEFAULT VALUES"),
        (COMPUTE, "INSERT INTO decisions DEFAULT VALUES"),
        (COMPUTE, "INSERT INTO sign_offs DEFAULT VALUES"),
        (COMPUTE, "SELECT secret_hash FROM api_tokens"),
        (COMPUTE, "DELETE FROM alerts"),
        (COMPUTE, "UPDATE weekly_transactions_history SET total_amount = 0"),
        (COMPUTE, "DELETE FROM weekly_transactions_history"),
        (COMPUTE, "UPDATE weekly_transactions SET total_amount = 0"),
        (DECIDE, "UPDATE decisions SET reason = 'another'"),
        (DECIDE, "DELETE FROM decisions"),
        (DECIDE, "UPDATE sign_offs SET week_amount = 0"),
        (DECIDE, "DELETE FROM weekly_transactions"),
        (DECIDE, "UPDATE alerts SET superseded_at = now()"),
        (DECIDE, "UPDATE alerts SET state = 'abusive'"),
        (DECIDE, "UPDATE alert_counts SET alert_count = 0"),
        (COMPUTE, "INSERT INTO alert_counts DEFAULT VALUES"),
        (DECIDE, "UPDATE api_tokens SET secret_hash = ''"),
        (DECIDE, "UPDATE api_tokens SET expires_at = NULL"),
        (DECIDE, "DELETE FROM api_tokens"),
        (BI, "INSERT INTO weekly_transactions DEFAULT VALUES"),
        (BI, "UPDATE weekly_transactions SET total_amount = 0"),
        (BI, "SELECT * FROM alerts"),
        (BI, "SELECT * FROM decisions"),
        (BI, "SELECT email FROM commerce.clients"),
        (BI, "CREATE TEMPORARY TABLE mine (a int)"),
        (BI, "SELECT 1 INTO TEMPORARY mine"),
        (BI, "COPY weekly_transactions FROM STDIN"),
        (BI, "COPY weekly_transactions TO '/tmp/mine'"),
        (BI, "INSERT INTO air_quality.air_daily DEFAULT VALUES"),
        (BI, "INSERT INTO commerce.kpis DEFAULT VALUES"),
        (BI, "INSERT INTO clickstream.stream_rules DEFAULT VALUES"),
        (BI, "INSERT INTO api_tokens DEFAULT VALUES"),
        (BI, "SELECT * FROM api_tokens"),
        (BI, "DELETE FROM weekly_transactions_history"),
        (BI, "LOCK TABLE weekly_transactions IN EXCLUSIVE MODE"),
        (BI, "SELECT * FROM weekly_transactions FOR UPDATE"),
        (BI, "COMMENT ON TABLE weekly_transactions IS 'mine'"),
        (BI, "CREATE SCHEMA mine"),
        (BI, "CREATE TABLE commerce.mine (a int)"),
        (BI, "CREATE VIEW mine AS SELECT 1"),
        (BI, "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        (BI, "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        (BI, "DO $$ BEGIN DELETE FROM weekly_transactions; END $$"),
        (BI, "SELECT lo_create(0)"),
        (BI, "SELECT lo_creat(-1)"),
        (BI, "SELECT lo_from_bytea(0, 'mine')"),
        (BI, "SELECT lo_import('/etc/hostname')"),
        (BI, "SELECT pg_read_file('/etc/hostname')"),
        (BI, "SELECT pg_advisory_lock(1)"),
        (BI, "SELECT pg_try_advisory_xact_lock_shared(1, 2)"),
        *((one, "TRUNCATE decisions") for one in Component),
        *((one, "DROP TABLE decisions") for one in Component),
        *((one, "ALTER TABLE decisions DISABLE TRIGGER ALL") for one in Component),
        *((one, "CREATE TABLE mine (a int)") for one in Component),
        *((one, "SET ROLE txplatform") for one in Component),
        *((one, "CREATE ROLE mine LOGIN") for one in Component),
        *((one, "COPY (SELECT 1) TO PROGRAM 'true'") for one in Component),
        *((one, "UPDATE txplatform_alembic_version SET version_num = '0'") for one in Component),
    ],
)
def test_postgresql_refuses_what_is_anothers_task(
    installation: Platform, component: Component, statement: str
) -> None:
    with installation.acting(component).engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ WRITE"))  # as whoever is set on it would
        with pytest.raises(ProgrammingError, match=PERMISSION_DENIED):
            connection.execute(text(statement))


def test_who_looks_with_other_tools_does_not_look_for_hours(installation: Platform) -> None:
    with installation.acting(BI).engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "5min"


def test_who_looks_with_other_tools_is_not_even_asked_to_write(installation: Platform) -> None:
    with (
        installation.acting(BI).engine.connect() as connection,
        pytest.raises(InternalError, match="in a read-only transaction"),
    ):
        connection.execute(text("DELETE FROM weekly_transactions"))


@pytest.mark.parametrize("component", Component)
@pytest.mark.parametrize("database", ["dagster", "superset"])
def test_what_dagster_and_superset_keep_is_no_parts_business(
    installation: Platform, component: Component, database: str
) -> None:
    url = make_url(embedded.postgres_url(installation.settings, component))
    engine = create_engine(url.set(database=database))

    assert installation.acting(component).engine
    with pytest.raises(OperationalError, match=f'permission denied for database "{database}"'):
        engine.connect()


MONGO_REFUSES: dict[str, dict[str, Any]] = {
    "insert": {"insert": "transactions", "documents": [{"_id": 1}]},
    "update": {"update": "transactions", "updates": [{"q": {}, "u": {"$set": {"amount": 0}}}]},
    "remove": {"delete": "transactions", "deletes": [{"q": {}, "limit": 0}]},
    "forget": {"delete": "ingestions", "deletes": [{"q": {}, "limit": 0}]},
    "index": {"createIndexes": "transactions", "indexes": [{"key": {"a": 1}, "name": "a"}]},
    "drop": {"drop": "transactions"},
    "user": {"createUser": "mine", "pwd": "x", "roles": []},
    "role": {"grantRolesToUser": "txplatform_read", "roles": ["dbOwner"]},
    "elsewhere": {"insert": "mine", "documents": [{"_id": 1}]},
    "script": {"aggregate": "system.users", "pipeline": [], "cursor": {}},
}
INGESTING = ("insert", "update", "remove", "forget")
"""What taking in and withdrawing do."""


@pytest.mark.parametrize(
    ("component", "task"),
    [
        *((one, task) for one in (COMPUTE, READ) for task in MONGO_REFUSES),
        *((INGEST, task) for task in MONGO_REFUSES if task not in INGESTING),
    ],
)
def test_mongodb_refuses_what_is_anothers_task(
    installation: Platform, component: Component, task: str
) -> None:
    database = installation.acting(component).database

    with pytest.raises(OperationFailure, match="not authorized"):
        database.command(MONGO_REFUSES[task])


def test_every_table_is_written_by_somebody_and_read_by_the_readers() -> None:
    """Catches: a new table that nobody was given rights on; the owner's login hides that."""
    written = {
        table
        for component in Component
        for table, privileges in rights.declared(component)
        if "INSERT" in privileges
    }
    domains_tables = {name for one in domains.modules("tables") for name in one.metadata.tables}

    kept_by_triggers = {tables.alert_counts.name, tables.cases.name}
    assert written == (domains_tables - kept_by_triggers) | set(serving_tables.metadata.tables)
    assert {table for table, _ in rights.declared(READ)} == domains_tables
