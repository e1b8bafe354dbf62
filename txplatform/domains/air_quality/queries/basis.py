"""The stations, rules and levels of an installation, for those who read."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from txplatform.domains.air_quality.rules import Level, Rules, load_levels, load_rules
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.stations import Station, load_stations, station_of
from txplatform.platform import Platform


class Basis(NamedTuple):
    """What every figure of an installation starts from."""

    stations: Mapping[str, Station]
    rules: Rules
    levels: tuple[Level, ...]

    @property
    def versions(self) -> dict[str, str]:
        """By station, what changes when its figures would: rules, levels, where it stands."""
        return {key: self.version_of(station) for key, station in self.stations.items()}

    def version_of(self, station: Station) -> str:
        """The rules' version and a digest of everything that judges a station's hours."""
        place = (station.figures_since, station.figures_zone)
        text = repr((self.rules, self.levels, place))
        return f"{self.rules.version}-{sha256(text.encode()).hexdigest()[:12]}"


def basis_of(platform: Platform) -> Basis:
    """The stations, rules and levels that the settings name."""
    settings = platform.settings.of(AirQualitySettings)
    stations = load_stations(settings.stations)
    return Basis(stations, load_rules(settings.rules), load_levels(settings.levels))


def station_named(platform: Platform, wanted: str) -> Station:
    """A station by id or name.

    Raises:
        UsageError: there is none.
    """
    return station_of(basis_of(platform).stations, wanted)
