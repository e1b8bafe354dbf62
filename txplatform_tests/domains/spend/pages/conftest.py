"""What the tests of the pages share: an office with purchases, weeks and alerts, and its pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from txplatform import embedded
from txplatform.settings import Settings
from txplatform_tests.domains.spend.pages.office import Office, office_of


@pytest.fixture
def office(
    settings: Settings,
    endpoints: embedded.Endpoints,
    mongo_database: Database[dict[str, Any]],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """An empty office: fresh databases that the dashboard finds by its settings."""
    with office_of(monkeypatch, settings, endpoints, mongo_database.name, postgres_url) as office:
        yield office
