"""The one Superset of the tests that need it, and one at the wire for those that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from txplatform import embedded, migrations
from txplatform.bi.client import Client
from txplatform.connectors import postgres
from txplatform_tests.bi import fake_superset
from txplatform_tests.bi.superset import Running, running
from txplatform_tests.conftest import new_database


@pytest.fixture(scope="session")
def superset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Superset with the dashboards of the code, on tables of each domain."""
    with running(tmp_path_factory.mktemp("bi")) as started:
        yield started


@pytest.fixture(scope="session")
def engine(endpoints: embedded.Endpoints) -> Iterator[Engine]:
    """The platform's tables, without a row; migrated once for all tests."""
    with new_database(endpoints) as url:
        opened = postgres.connect(url)
        migrations.upgrade(opened)
        yield opened
        opened.dispose()


@pytest.fixture
def server() -> Iterator[fake_superset.Superset]:
    """A Superset that has nothing yet."""
    with fake_superset.running() as running:
        yield running


@pytest.fixture
def client(server: fake_superset.Superset) -> Iterator[Client]:
    """Its administrator."""
    logged_in = Client(server.address, "admin", fake_superset.PASSWORD)
    yield logged_in
    logged_in.close()


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """Where it is remembered what was applied."""
    return tmp_path / "applied.json"
