"""The published shops, read once per session."""

from datetime import date
from pathlib import Path

import pytest

from txplatform_tests.domains.commerce.models import published_shops
from txplatform_tests.domains.commerce.models.published_shops import Shop


@pytest.fixture(scope="session")
def clients(shared_data: Path) -> Shop:
    return published_shops.clients_achats(shared_data)


@pytest.fixture(scope="session")
def retail(shared_data: Path) -> Shop:
    return published_shops.online_retail(shared_data)


@pytest.fixture(scope="session")
def cdnow(shared_data: Path) -> Shop:
    return published_shops.cdnow(shared_data)


@pytest.fixture(scope="session")
def calibration(shared_data: Path) -> Shop:
    """The 39 weeks of CDNOW that the papers fit."""
    return published_shops.cdnow(shared_data, date(1997, 10, 1))
