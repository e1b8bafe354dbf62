"""One installation with a small shop, computed and copied, for all who read it."""

import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from txplatform import embedded
from txplatform.platform import Platform
from txplatform.serving.dashboard.installation import installation
from txplatform.serving.dashboard.links import address
from txplatform.settings import Settings, load_settings
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.commerce.small_shop import filled


@pytest.fixture(scope="package")
def served(
    settings: Settings, endpoints: embedded.Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The platform that the pages read."""
    folder = tmp_path_factory.mktemp("shop")
    with new_database(endpoints) as url, MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        platform = Platform(
            load_settings(
                state_dir=settings.state,
                lake_dir=folder / "lake",
                mongo_uri=endpoints.mongo_uri,
                mongo_database=f"test_{uuid4().hex}",
                postgres_url=url,
            )
        )
        try:
            filled(platform, folder)
            yield platform
        finally:
            platform.close()
            client.drop_database(platform.settings.mongo_database)


@pytest.fixture
def shown(served: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens a page of the shop by its path, with parameters of the address."""
    settings = served.settings
    variables = {
        "STATE_DIR": settings.state,
        "LAKE_DIR": settings.lake,
        "MONGO_URI": served.endpoints.mongo_uri,
        "MONGO_DATABASE": settings.mongo_database,
        "POSTGRES_URL": served.endpoints.postgres_url,
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"TXPLATFORM_{name}", str(value))
    # Streamlit makes its script the main module, which every later child process would import.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    installation.cache_clear()
    yield _open
    installation().close()
    installation.cache_clear()


def _open(path: str, role: str = "reader", **parameters: str) -> AppTest:
    app = AppTest.from_function(_script, default_timeout=60, kwargs={"role": role})
    app._page_hash = calc_hash(address("commerce", path))
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def _script(role: str) -> None:
    """What AppTest runs, on its own: the shell after the door."""
    from txplatform.serving.dashboard import app as dashboard_app
    from txplatform.serving.tokens import Person, Role

    dashboard_app.show(Person("Ada", Role(role)), "en_US", is_signed_in=False)
