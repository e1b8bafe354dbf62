"""What the tests of the pages share: an office with purchases, weeks and alerts, and its pages."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from txplatform import embedded
from txplatform.settings import Settings
from txplatform_tests.domains.spend.pages.office import Office, office_of


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit makes its script the main module, which every later child process would import."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


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
