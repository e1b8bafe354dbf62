"""One migrated database per file of tests, emptied for each test: making one takes longer."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.clickstream import shop


@pytest.fixture(scope="module")
def kept_engine(endpoints: embedded.Endpoints) -> Iterator[Engine]:
    """A database of the file's own with the platform's tables."""
    with new_database(endpoints) as url:
        engine = postgres.connect(url)
        yield engine
        engine.dispose()


@pytest.fixture
def engine(kept_engine: Engine) -> Engine:
    """The file's database without events, and with the rules as they come."""
    shop.empty(kept_engine)
    return kept_engine
