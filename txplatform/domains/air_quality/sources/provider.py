"""What every network of stations offers, and which client speaks to which network."""

from datetime import datetime
from typing import Protocol

from txplatform import __version__
from txplatform.connectors.http import Patience
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources import airqino
from txplatform.domains.air_quality.sources.airqino import AirQino, Login
from txplatform.domains.air_quality.sources.records import Answer
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import UsageError


class Provider(Protocol):
    """A network: asked for the hours of one station at a time."""

    def hourly(self, station: Station, since: datetime | None) -> Answer:
        """The hours from an instant on; None: all that the network gives."""

    def close(self) -> None:
        """Close the connections."""


def provider_of(station: Station, settings: AirQualitySettings) -> Provider:
    """A client of a station's network.

    Raises:
        UsageError: there is none to be asked.
    """
    if station.provider != airqino.NAME:
        raise UsageError(
            f"No network is asked for the station {station.name}: its hours come from files "
            "(`txplatform air-quality import`)."
        )
    agent = f"txplatform/{__version__} (+{settings.contact})"
    return AirQino(settings.airqino_url, agent, _login(settings), Patience(settings.wait_seconds))


def _login(settings: AirQualitySettings) -> Login | None:
    if settings.airqino_user is None or settings.airqino_password is None:
        return None
    return Login(
        settings.airqino_token_url,
        settings.airqino_client,
        settings.airqino_user.get_secret_value(),
        settings.airqino_password,
    )
