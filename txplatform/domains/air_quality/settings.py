"""What an installation says about its stations: which, where from, how they are judged."""

from datetime import date
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from txplatform.settings import DomainSettings


class AirQualitySettings(DomainSettings):
    """Every setting of air quality, its default and what it does."""

    model_config = SettingsConfigDict(env_prefix="TXPLATFORM_AIR_QUALITY_")

    stations: Path | None = Field(
        None, description="File of the stations (TOML); unset, the two shipped ones in Abidjan."
    )
    rules: Path | None = Field(
        None, description="File with the parameters of the flags; unset, the shipped rules.toml."
    )
    levels: Path | None = Field(
        None, description="File of the levels days are held against; unset, the shipped one."
    )
    mappings: Path | None = Field(
        None, description="File with further mappings of hourly files (TOML), beside the shipped."
    )
    first_day: date = Field(
        date(2020, 1, 1),
        description="First day with a partition; of earlier hours nothing is computed.",
    )
    spark_from_station_days: int = Field(
        20_000,
        ge=1,
        description="So many days of stations in one run are computed by Spark; fewer are quicker "
        "in process.",
    )
    airqino_url: str = Field(
        "https://airqino-api.magentalab.it", description="Address of AirQino's API."
    )
    airqino_token_url: str = Field(
        "https://airqino-auth.magentalab.it/realms/airqino/protocol/openid-connect/token",
        description="Address of AirQino's token service, used where there is a user.",
    )
    airqino_client: str = Field("airqino", description="Client id at the token service.")
    airqino_user: SecretStr | None = Field(
        None, description="User at AirQino; unset, the API is asked without a login."
    )
    airqino_password: SecretStr | None = Field(None, description="Password of that user.")
    contact: str = Field(
        "https://github.com/txplatform",
        description="Address that the client names to the networks it asks (User-Agent).",
    )
    minutes_between_fetches: float = Field(
        10, ge=0, description="A station is asked at most once in so many minutes."
    )
    wait_seconds: tuple[float, ...] = Field(
        (2.0, 8.0, 30.0), description="Waits before each further try of a request."
    )
