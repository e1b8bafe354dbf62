"""The stations of an installation: who they are, where they stand, in which zone their days lie."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from txplatform.errors import SettingsError, UsageError

SHIPPED = Path(__file__).with_name("stations.toml")
EARTH_KM = 6371.0
FAR_KM = 1.0


class Deployment(NamedTuple):
    """Since when a station stands where."""

    since: datetime
    place: str
    zone: str


class Station(NamedTuple):
    """One station as its operator declares it; what the source says of its place counts nothing."""

    station_id: str
    name: str
    provider: str
    place: str
    zone: str
    label_zone: str
    latitude: Decimal
    longitude: Decimal
    deployments: tuple[Deployment, ...] = ()

    @property
    def figures_since(self) -> datetime | None:
        """The start of the newest deployment: figures are of this place only."""
        return self.deployments[-1].since if self.deployments else None

    @property
    def figures_zone(self) -> str:
        """The zone in which its local days lie."""
        return self.deployments[-1].zone if self.deployments else self.zone

    def km_from(self, latitude: float, longitude: float) -> float:
        """Distance from a place, over the globe."""
        lat, lon = radians(float(self.latitude)), radians(float(self.longitude))
        other, across = radians(latitude), radians(longitude) - lon
        half = sin((other - lat) / 2) ** 2 + cos(lat) * cos(other) * sin(across / 2) ** 2
        return 2 * EARTH_KM * asin(sqrt(min(half, 1.0)))


def load_stations(file: Path | None = None) -> dict[str, Station]:
    """Read the stations, by id.

    Raises:
        SettingsError: the file cannot be used; the sentence names it and the station.
    """
    path = file or SHIPPED
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"The stations in {path} cannot be read: {error!s:.200}.") from None
    return {name: _station(name, table, path) for name, table in tables.items()}


def station_of(stations: Mapping[str, Station], wanted: str) -> Station:
    """A station by its id or its name.

    Raises:
        UsageError: there is none; the sentence names those that are there.
    """
    for station in stations.values():
        if wanted in {station.station_id, station.name}:
            return station
    known = ", ".join(f"{each.station_id} ({each.name})" for each in stations.values())
    raise UsageError(f"There is no station {wanted!r}: known are {known or 'none'}.")


def _station(name: str, table: dict[str, Any], path: Path) -> Station:
    try:
        station = Station(
            name,
            table.get("name", name),
            table["provider"],
            table["place"],
            table["zone"],
            table.get("label_zone", "UTC"),
            Decimal(table["latitude"]),
            Decimal(table["longitude"]),
            tuple(sorted(_deployment(entry, table) for entry in table.get("deployments", []))),
        )
        for zone in (station.zone, station.label_zone, station.figures_zone):
            ZoneInfo(zone)
    except (KeyError, TypeError, ValueError, InvalidOperation, ZoneInfoNotFoundError) as error:
        raise SettingsError(
            f"The station {name} in {path} cannot be used ({error!r:.120}): it needs provider, "
            "place, zone (an IANA name), latitude and longitude as text."
        ) from None
    return station


def _deployment(entry: dict[str, Any], table: dict[str, Any]) -> Deployment:
    since: datetime = entry["from"]
    zone = entry.get("zone", table["zone"])
    aware = since if since.tzinfo else since.replace(tzinfo=ZoneInfo(zone))
    return Deployment(aware.astimezone(UTC), entry["place"], zone)
