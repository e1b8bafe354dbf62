"""Migrations bring any database to the declared schema, once, whole or not at all."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import ProgrammingError

from txplatform import domains, migrations
from txplatform.connectors import postgres
from txplatform.domains.spend import decisions, tables
from txplatform.domains.spend.decisions import State
from txplatform.errors import ServerError
from txplatform.serving import tables as serving_tables
from txplatform_tests.domains.spend.alert_rows import raise_alerts, seen, settle


@pytest.fixture
def empty(empty_postgres_url: str) -> Iterator[Engine]:
    engine = postgres.connect(empty_postgres_url)
    yield engine
    engine.dispose()


def test_an_empty_database_has_no_version(empty: Engine) -> None:
    with empty.connect() as connection:
        assert migrations.current(connection) is None


def test_an_upgrade_makes_exactly_the_declared_tables(empty: Engine) -> None:
    modules = (serving_tables, *domains.modules("tables"))
    declared = [module.metadata for module in modules]
    schemas = {table.schema for metadata in declared for table in metadata.sorted_tables}

    migrations.upgrade(empty)

    with empty.connect() as connection:
        options = {
            "version_table": migrations.VERSION_TABLE,
            "compare_type": True,
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, declared) == []  # type: ignore[arg-type]
        assert migrations.current(connection) == migrations.newest()


def test_columns_carry_the_contracts_sentences(engine: Engine) -> None:
    columns = inspect(engine).get_columns("weekly_transactions")

    assert {column["name"]: column["comment"] for column in columns} == {
        column.name: column.comment for column in tables.weekly_transactions.columns
    }


def test_a_second_upgrade_does_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(tables.source_weeks.insert().values(_source_week()))

    migrations.upgrade(engine)

    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(tables.source_weeks)).scalar()


def test_two_upgrades_at_once_wait_for_each_other(empty: Engine) -> None:
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            migrations.upgrade(empty)
        except Exception as error:  # noqa: BLE001 - the test reports whatever it is
            failures.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert inspect(empty).has_table("weekly_transactions")


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Engine) -> None:
    with empty.begin() as connection:
        # The last statement of the first migration then finds its name taken.
        connection.execute(
            text(
                "CREATE FUNCTION weekly_transactions_as_of(instant timestamptz) RETURNS integer "
                "LANGUAGE sql AS 'SELECT 1'"
            )
        )

    with pytest.raises(ProgrammingError, match="already exists"):
        migrations.upgrade(empty)

    assert inspect(empty).get_table_names() == []


def test_the_version_names_the_last_revision_of_every_chain() -> None:
    chains = [folder.parent.name for folder in domains.folders("migrations").values()]
    revisions = migrations.newest().split(", ")

    assert len(revisions) == len(chains) + 1
    assert {one.rpartition("_")[0] for one in revisions} == {"", *chains}


def test_a_database_of_another_txplatform_is_left_alone(engine: Engine) -> None:
    """Catches: Alembic's stack trace where an older program meets a newer schema."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE txplatform_alembic_version SET version_num = '0099' WHERE version_num = :v"
            ),
            {"v": migrations.newest().split(", ")[0]},
        )

    with pytest.raises(ServerError, match=r"is 0099, .* knows no 0099: use the version that made"):
        migrations.upgrade(engine)


def test_it_lives_beside_dagster_in_one_database(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('dagster')"))

    migrations.upgrade(empty)

    with empty.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        assert list(versions) == ["dagster"]


def test_the_table_as_of_an_instant(engine: Engine) -> None:
    """A row of 10.00 since nine, replaced by 12.00 at ten."""
    nine, ten = (datetime(2026, 11, 16, hour, tzinfo=UTC) for hour in (9, 10))
    with engine.begin() as connection:
        connection.execute(
            tables.weekly_transactions_history.insert().values(
                {**_row("10.00", nine), "valid_from": nine, "valid_to": ten}
            )
        )
        connection.execute(tables.weekly_transactions.insert().values(_row("12.00", ten)))

    assert [_as_of(engine, hour) for hour in (8, 9, 10, 11)] == [
        [],
        [Decimal("10.00")],
        [Decimal("12.00")],
        [Decimal("12.00")],
    ]


def test_alerts_that_were_decided_before_say_so_and_are_counted(engine: Engine) -> None:
    raise_alerts(engine, "alert_id | amount_at_risk\na | 10.00\nb | 20.00\nc | 40.00")
    settle(engine, "a", State.DISMISSED)
    settle(engine, "b", State.DISMISSED)
    decisions.undo(engine, seen("b", sequence=2), "too early", "Ada")
    rows = select(tables.alerts).order_by("alert_id")
    counts = select(tables.alert_counts.c.state, func.sum(tables.alert_counts.c.amount_at_risk))
    counts = counts.group_by("state").having(func.sum(tables.alert_counts.c.alert_count) > 0)
    with engine.connect() as connection:
        before = [connection.execute(one).all() for one in (rows, counts.order_by("state"))]

    with engine.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "spend@spend_0002")
    migrations.upgrade(engine)

    with engine.connect() as connection:
        after = [connection.execute(one).all() for one in (rows, counts.order_by("state"))]
    assert after == before
    assert [tuple(row) for row in after[1]] == [
        ("dismissed", Decimal("10.00")),
        ("in_review", Decimal("20.00")),
        ("open", Decimal("40.00")),
    ]


def _as_of(engine: Engine, hour: int) -> list[Decimal]:
    statement = text("SELECT total_amount FROM weekly_transactions_as_of(:instant)")
    instant = datetime(2026, 11, 16, hour, tzinfo=UTC)
    with engine.connect() as connection:
        return list(connection.execute(statement, {"instant": instant}).scalars())


def _row(total: str, computed_at: datetime) -> dict[str, object]:
    amounts = dict.fromkeys(("total_amount", "department_amount", "week_amount"), Decimal(total))
    return {
        "week_start": date(2026, 11, 9),
        "department": "Roads",
        "division": "Bridges",
        "refund_amount": Decimal("0.00"),
        "transaction_count": 1,
        **amounts,
        "computed_at": computed_at,
        "run_id": "run",
    }


def _source_week() -> dict[str, object]:
    return {
        "week_start": date(2026, 11, 9),
        "document_count": 1,
        "total_amount": Decimal("1.00"),
        "fingerprint": "f",
        "changed_at": datetime(2026, 11, 16, tzinfo=UTC),
    }
