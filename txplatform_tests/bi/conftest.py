"""The one Superset of the tests that need it."""

from collections.abc import Iterator

import pytest

from txplatform_tests.bi.superset import Running, running


@pytest.fixture(scope="session")
def superset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Superset with the dashboards of the code, on tables of each domain."""
    with running(tmp_path_factory.mktemp("bi")) as started:
        yield started
