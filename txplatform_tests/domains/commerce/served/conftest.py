"""One installation with a small shop, computed and copied, for all who read it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from txplatform import embedded
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform_tests.conftest import new_platform
from txplatform_tests.domains.commerce.small_shop import filled
from txplatform_tests.serving.pages import dashboard_of, opened_page


@pytest.fixture(scope="package")
def served(
    settings: Settings, endpoints: embedded.Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The platform that the pages read."""
    folder = tmp_path_factory.mktemp("shop")
    with new_platform(settings, endpoints, folder / "lake") as platform:
        filled(platform, folder)
        yield platform


@pytest.fixture
def shown(served: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens a page of the shop by its path, with parameters of the address."""
    with dashboard_of(served, monkeypatch):
        yield partial(opened_page, "commerce")
