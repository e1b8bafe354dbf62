"""The stations of an installation: who they are, where they stand, in which zone their days lie."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from txplatform.errors import UsageError
from txplatform.ingestion.declared import Declared, read, validated

SHIPPED = Path(__file__).with_name("stations.toml")
EARTH_KM = 6371.0
FAR_KM = 1.0
MOST_DEGREES = 180
FILES = "files"
"""The provider of stations that nobody is asked for: their hours are imported."""


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


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(f"{name!r:.60} is no IANA zone such as Africa/Abidjan") from None
    return name


def _degrees(written: object) -> Decimal:
    try:
        degrees = Decimal(str(written))
        if abs(degrees) <= MOST_DEGREES:
            return degrees
    except InvalidOperation:
        pass
    raise ValueError(f"{written!r:.60} is no number of degrees")


Zone = Annotated[str, AfterValidator(_zone)]
Degrees = Annotated[Decimal, BeforeValidator(_degrees)]


class DeclaredDeployment(Declared):
    """A deployment as the stations file has it; without a zone `from` is local."""

    since: datetime = Field(alias="from")
    place: str
    zone: Zone | None = None


class Declaration(Declared):
    """A station as the stations file has it; without a name it is called by its id."""

    name: str = ""
    provider: Literal["airqino", "files"]
    place: str
    zone: Zone
    label_zone: Zone = "UTC"
    latitude: Degrees
    longitude: Degrees
    deployments: list[DeclaredDeployment] = Field([])


def load_stations(file: Path | None = None) -> dict[str, Station]:
    """Read the stations, by id.

    Raises:
        UsageError: the file cannot be used; the sentence names it, the station and the key.
    """
    path = file or SHIPPED
    tables = read(path, "The file of stations")
    stations = {name: _station(name, table, path) for name, table in tables.items()}
    called = Counter(name for each in stations.values() for name in {each.station_id, each.name})
    if twice := [name for name, count in called.items() if count > 1]:
        raise UsageError(f"Two stations in {path} are called {twice[0]!r}: give each its own name.")
    if not stations:
        raise UsageError(f"{path} declares no station: docs/air_quality.md shows one.")
    return stations


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


def _station(name: str, table: Any, path: Path) -> Station:
    said = validated(Declaration, table, f"Station {name} in {path}", "docs/air_quality.md")
    return Station(
        name,
        said.name or name,
        said.provider,
        said.place,
        said.zone,
        said.label_zone,
        said.latitude,
        said.longitude,
        tuple(sorted(_deployment(each, said.zone) for each in said.deployments)),
    )


def _deployment(said: DeclaredDeployment, zone: str) -> Deployment:
    own = said.zone or zone
    since = said.since if said.since.tzinfo else said.since.replace(tzinfo=ZoneInfo(own))
    return Deployment(since.astimezone(UTC), said.place, own)
