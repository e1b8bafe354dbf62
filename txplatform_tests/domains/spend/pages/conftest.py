"""What the tests of the pages share: an office with purchases, weeks and alerts, and its pages."""

from collections.abc import Iterator

import pytest

from txplatform.platform import Platform
from txplatform_tests.domains.spend.pages.office import Office, office_of


@pytest.fixture
def office(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An empty office: fresh databases that the dashboard finds by its settings."""
    with office_of(platform, monkeypatch) as office:
        yield office
