"""What the tests of air quality share: rules, the published year, a network on this machine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from txplatform.domains.air_quality.rules import Rules, load_rules
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.stations import Station, load_stations
from txplatform.domains.air_quality.transforms.figures import StationFigures, figures_of
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.platform import Platform
from txplatform_tests.domains.air_quality import reference
from txplatform_tests.domains.air_quality.network import Network

NOW = datetime(2023, 12, 6, 17, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The shipped parameters of the flags."""
    return load_rules()


@pytest.fixture(scope="session")
def year(shared_data: Path) -> dict[str, StationHours]:
    """The published year of both stations."""
    return {name: reference.station_hours(shared_data, name) for name in reference.STATIONS}


@pytest.fixture(scope="session")
def figures(year: dict[str, StationHours], rules: Rules) -> dict[str, StationFigures]:
    """Everything that is said of it."""
    return {name: figures_of(hours, rules) for name, hours in year.items()}


@pytest.fixture
def station() -> Station:
    """One of the shipped stations."""
    return load_stations()["283164601"]


@pytest.fixture
def network() -> Iterator[Network]:
    """Somebody else's service on this machine."""
    with Network() as running:
        yield running


@pytest.fixture
def asking(platform: Platform, network: Network) -> Iterator[Platform]:
    """The test's platform, whose stations' network is that on this machine."""
    settings = platform.settings.having(
        AirQualitySettings,
        airqino_url=network.url,
        airqino_token_url=f"{network.url}/token",
        minutes_between_fetches=0,
        wait_seconds=(0.01, 0.01, 0.01),
    )
    opened = Platform(settings)
    yield opened
    opened.close()
