"""What the tests of the spend domain share: computing weeks of purchases that are written down."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from sqlalchemy import Engine, text

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms import without_spark
from txplatform.domains.spend.transforms.weekly import division_sums, weekly_transactions
from txplatform.periods import monday_of
from txplatform.platform import Platform
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.spend.books import Books
from txplatform_tests.domains.spend.purchases import as_transactions
from txplatform_tests.domains.spend.text_tables import rows_of

Weekly = Callable[..., pa.Table]


@pytest.fixture(scope="session", params=["spark", "mongo"])
def weekly(spark: SparkSession, request: pytest.FixtureRequest) -> Weekly:
    """`weekly(purchases)`: an engine's rows of all their weeks, or from week `first` to `last`."""

    def compute(purchases: str, first: date | None = None, last: date | None = None) -> pa.Table:
        rows = rows_of(purchases)
        mondays = [monday_of(row["date"]) for row in rows]
        transactions = spark.createDataFrame(as_transactions(rows))
        sums, span = division_sums(transactions), (first or min(mondays), last or max(mondays))
        if request.param == "mongo":
            return without_spark.weekly_transactions(sums.toArrow(), *span)
        return weekly_transactions(sums, *span).toArrow()

    return compute


@pytest.fixture
def books(platform: Platform, spark: SparkSession) -> Iterator[Books]:  # noqa: ARG001 - runs find it
    """Empty books; their runs find the session's Spark and are forgotten with the test."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield Books(platform, instance)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty drop folder."""
    path = tmp_path / "drop"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def desk_engine(endpoints: embedded.Endpoints) -> Iterator[Engine]:
    """One database for all tests that write by statements alone; `desk` empties it."""
    with new_database(endpoints) as url:
        engine = postgres.connect(url)
        yield engine
        engine.dispose()


@pytest.fixture
def desk(desk_engine: Engine) -> Iterator[Engine]:
    """A database with the platform's tables, all of them empty: half a second less than `engine`.

    What people decided is append-only, so emptying it takes the owner's right to say otherwise.
    """
    yield desk_engine
    with desk_engine.begin() as connection:
        for table in APPEND_ONLY:
            connection.execute(text(OPEN.format(table)))
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in APPEND_ONLY:
            connection.execute(text(CLOSE.format(table)))


APPEND_ONLY = (tables.decisions, tables.sign_offs)
OPEN = "GRANT UPDATE, DELETE ON {0} TO CURRENT_USER; ALTER TABLE {0} DISABLE TRIGGER USER"
CLOSE = "ALTER TABLE {0} ENABLE TRIGGER USER; REVOKE UPDATE, DELETE ON {0} FROM CURRENT_USER"
