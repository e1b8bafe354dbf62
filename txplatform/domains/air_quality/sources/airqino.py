"""The AirQino network's API: hourly averages of one station, open or with a login (OAuth2)."""

import json
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from txplatform.connectors.http import Http, Patience, StatusError
from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.records import Answer
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import SourceError

HOURLY = "/v3/getStationHourlyAvg"
TIME = "%Y%m%d-%H%M"
UNAUTHORIZED = 401
NAME = "airqino"


class Login(NamedTuple):
    """A login at the network's token service (password grant)."""

    token_url: str
    client_id: str
    user: str
    password: SecretStr


class AirQino:
    """One session with the API; asks for one station at a time."""

    def __init__(
        self,
        url: str,
        user_agent: str,
        login: Login | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._url, self._login = url.rstrip("/"), login
        self._http = Http(user_agent, patience)
        self._token: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def hourly(self, station: Station, since: datetime | None) -> Answer:
        """The hours of a station from an instant on; None: all that the API gives (365 days).

        Raises:
            SourceError: no usable answer came; the sentence says what did.
        """
        zone = ZoneInfo(station.label_zone)
        asked = {"start_date": since.astimezone(zone).strftime(TIME)} if since else {}
        text = self._get(f"{self._url}{HOURLY}/{station.station_id}", asked)
        return read_answer(text, station, datetime.now(UTC))

    def _get(self, url: str, asked: dict[str, str]) -> str:
        """Ask; a token that is not taken any more is renewed once."""
        try:
            return self._http.get(url, asked, self._headers())
        except StatusError as error:
            if error.status != UNAUTHORIZED or self._login is None:
                raise
        self._token = None
        return self._http.get(url, asked, self._headers())

    def _headers(self) -> dict[str, str]:
        if self._login is None:
            return {}
        self._token = self._token or self._new_token(self._login)
        return {"Authorization": f"Bearer {self._token}"}

    def _new_token(self, login: Login) -> str:
        form = {
            "grant_type": "password",
            "client_id": login.client_id,
            "username": login.user,
            "password": login.password.get_secret_value(),
        }
        try:
            token = json.loads(self._http.post(login.token_url, form))["access_token"]
        except (ValueError, KeyError, TypeError):
            sentence = f"{login.token_url} gave no token for the login."
            raise SourceError(sentence, "no_token") from None
        return str(token)
