"""What the files share: a migrated database each, emptied for each test, and one Kafka for all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform.embedded import kafka
from txplatform.settings import Settings, load_settings
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


@pytest.fixture(scope="session")
def broker_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A state folder of the broker's own, with a blank in its path."""
    folder = tmp_path_factory.mktemp("state of kafka") / "with a blank"
    return load_settings(state_dir=folder, kafka_bootstrap=None)


@pytest.fixture(scope="session")
def running_broker(broker_settings: Settings) -> Iterator[kafka.Kafka]:
    """The session's Kafka."""
    with kafka.running(broker_settings):
        yield kafka.Kafka(broker_settings)


@pytest.fixture
def broker(running_broker: kafka.Kafka) -> str:
    """Address of the session's Kafka: a test before may have sent it to another port."""
    return running_broker.bootstrap()
