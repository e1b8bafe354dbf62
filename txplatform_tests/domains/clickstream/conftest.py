"""What the files share: a migrated database each, emptied for each test, and one Kafka for all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform.settings import load_settings
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.brokers import Guarded, certificate_in


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


@pytest.fixture(scope="session")
def running_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The session's Kafka, in a state folder with a blank in its path."""
    folder = tmp_path_factory.mktemp("state of kafka")
    settings = load_settings(state_dir=folder / "with a blank", kafka_bootstrap=None)
    server = Guarded(settings, certificate_in(folder))
    with server.up():
        yield server


@pytest.fixture
def broker(running_broker: Guarded) -> str:
    """Address of the session's Kafka."""
    return running_broker.bootstrap()
