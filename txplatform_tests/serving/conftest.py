"""One running API for the tests of who comes in and what surrounds a request."""

from collections.abc import Iterator

import httpx
import pytest
from pymongo import MongoClient
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.serving.tables import api_tokens
from txplatform.settings import Settings, load_settings
from txplatform_tests.conftest import new_database
from txplatform_tests.serving.running import calling


@pytest.fixture(scope="package")
def served(settings: Settings, endpoints: embedded.Endpoints) -> Iterator[Platform]:
    """An empty platform; a test's tokens are gone after it."""
    with new_database(endpoints) as url:
        platform = Platform(
            load_settings(
                state_dir=settings.state,
                mongo_uri=endpoints.mongo_uri,
                mongo_database="test_serving",
                postgres_url=url,
            )
        )
        try:
            yield platform
        finally:
            platform.close()
    with MongoClient[dict[str, object]](endpoints.mongo_uri) as client:
        client.drop_database("test_serving")


@pytest.fixture
def engine(served: Platform) -> Iterator[Engine]:
    """The platform's database without any token."""
    yield served.engine
    with served.engine.begin() as connection:
        connection.execute(api_tokens.delete())


@pytest.fixture
def http(served: Platform, engine: Engine) -> Iterator[httpx.Client]:  # noqa: ARG001 - it empties
    """A client of a running API, without any token."""
    with calling(build(served)) as client:
        yield client
