"""One installation with the published year of both stations, computed, for all who read it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from txplatform import embedded
from txplatform.domains.air_quality import alerting
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.sources.intake import import_file
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.settings import Settings
from txplatform_tests.conftest import new_platform
from txplatform_tests.domains.air_quality.reference import FOLDER, STATIONS
from txplatform_tests.serving.running import calling


@pytest.fixture(scope="package")
def served(
    settings: Settings,
    endpoints: embedded.Endpoints,
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    """The platform; imported from the saved answers, computed in one go."""
    folder = tmp_path_factory.mktemp("answers")
    with new_platform(settings, endpoints, folder / "lake") as platform:
        _fill(platform, shared_data / FOLDER)
        yield platform


def _fill(platform: Platform, answers: Path) -> None:
    basis = basis_of(platform)
    for station in basis.stations.values():
        import_file(platform, station, answers / STATIONS[station.name], "airqino")
    compute_stale(platform, basis, "the year")
    alerting.note(platform, datetime.now(UTC), basis)


@pytest.fixture(scope="package")
def api(served: Platform) -> Iterator[httpx.Client]:
    """A client on this machine; there are no tokens."""
    with calling(build(served)) as client:
        yield client
