"""What the tests of the pages share: an office with purchases, weeks and alerts, and its pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform import embedded
from txplatform.serving.dashboard_platform import installation
from txplatform.settings import Settings
from txplatform_tests.domains.spend.pages.office import Office


@pytest.fixture
def office(
    settings: Settings,
    endpoints: embedded.Endpoints,
    mongo_database: Database[dict[str, Any]],
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """An empty office: fresh databases that the dashboard finds by its settings."""
    variables = {
        "STATE_DIR": settings.state,
        "MONGO_URI": endpoints.mongo_uri,
        "MONGO_DATABASE": mongo_database.name,
        "POSTGRES_URL": postgres_url,
        "LAKE_DIR": tmp_path / "lake",
        "ENGINE": "mongo",
        "LOCAL_USER": "Ada",
        "CURRENCY": "EUR",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"TXPLATFORM_{name}", str(value))
    installation.cache_clear()
    yield Office(installation())
    installation().close()
    installation.cache_clear()
