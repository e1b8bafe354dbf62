"""A pair of servers that these tests alone stop and kill, in a folder with an awkward name."""

from collections.abc import Iterator

import pytest

from txplatform import embedded
from txplatform.settings import Settings
from txplatform_tests.embedded.commands import settings_of


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Their settings; whether they run is up to each test."""
    state = tmp_path_factory.mktemp("own") / "l'été \N{SNOWMAN} of 2026"
    left_by_a_killed_initdb = state / "postgres.draft" / "base"
    left_by_a_killed_initdb.mkdir(parents=True)
    yield settings_of(state)
    embedded.down(settings_of(state))


@pytest.fixture
def started(own: Settings) -> Settings:
    """Their settings, once both servers run."""
    embedded.up(own)
    return own
