"""Which client speaks to which network, and with which manners."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr

from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.provider import Provider, provider_of
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import SettingsError, SourceError, UsageError
from txplatform.settings import load_settings
from txplatform_tests.domains.air_quality.network import Network, Reply, hours, record

GOOD = hours(record("2023-12-06 16:00:00", pm25=6.5))


def given(**changes: object) -> AirQualitySettings:
    """The defaults with some changes."""
    settings = load_settings().having(AirQualitySettings, **changes)
    return settings.of(AirQualitySettings)


@pytest.fixture
def of_test(network: Network) -> AirQualitySettings:
    """Settings that lead to the network on this machine."""
    return given(
        airqino_url=f"{network.url}/",
        airqino_token_url=f"{network.url}/token",
        contact="https://example.org/air",
        wait_seconds=(0.01,),
    )


@pytest.fixture
def provider(of_test: AirQualitySettings, station: Station) -> Iterator[Provider]:
    """The client of a station's network."""
    found = provider_of(station, of_test)
    yield found
    found.close()


def test_the_client_names_itself_and_whom_to_ask(
    network: Network, provider: Provider, station: Station
) -> None:
    network.will_say(GOOD)

    found = provider.hourly(station, None)

    assert found.records[0].values == {"pm25": Decimal("6.5")}
    agent = network.asked[0].headers["User-Agent"]
    assert agent.startswith("txplatform/")
    assert agent.endswith("(+https://example.org/air)")
    assert network.asked[0].path == "/v3/getStationHourlyAvg/283164601"


def test_the_waits_are_those_of_the_settings(
    network: Network, provider: Provider, station: Station
) -> None:
    network.will_say(Reply("busy", 503))

    with pytest.raises(SourceError, match="2 times"):
        provider.hourly(station, None)

    assert len(network.asked) == 2


def test_without_a_user_nobody_logs_in(
    network: Network, provider: Provider, station: Station
) -> None:
    network.will_say(GOOD)

    provider.hourly(station, None)

    assert "Authorization" not in network.asked[0].headers


def test_with_a_user_the_client_logs_in_first(
    network: Network, of_test: AirQualitySettings, station: Station
) -> None:
    network.will_say('{"access_token": "abc"}', GOOD)
    with_user = of_test.model_copy(
        update={"airqino_user": SecretStr("officer"), "airqino_password": SecretStr("s3cret")}
    )

    client = provider_of(station, with_user)
    client.hourly(station, None)
    client.close()

    token, answer = network.asked
    assert (token.path, token.form["username"]) == ("/token", "officer")
    assert answer.headers["Authorization"] == "Bearer abc"


def test_a_station_that_is_filled_from_files_has_no_network(
    of_test: AirQualitySettings, station: Station
) -> None:
    with pytest.raises(UsageError, match="its hours come from files"):
        provider_of(station._replace(provider="files"), of_test)


def test_secrets_are_shown_nowhere() -> None:
    settings = given(airqino_password=SecretStr("s3cret"))

    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.model_dump())


def test_the_defaults_are_polite() -> None:
    settings = given()

    assert settings.wait_seconds == (2.0, 8.0, 30.0)
    assert timedelta(minutes=settings.minutes_between_fetches) == timedelta(minutes=10)
    assert settings.airqino_url.startswith("https://")
    assert settings.airqino_user is None


def test_every_setting_says_what_it_does() -> None:
    fields = AirQualitySettings.model_fields

    assert [name for name, field in fields.items() if not field.description] == []
    assert AirQualitySettings.model_config["env_prefix"] == "TXPLATFORM_AIR_QUALITY_"


@pytest.mark.parametrize(
    ("name", "value"),
    [("minutes_between_fetches", -1), ("first_day", "yesterday"), ("wait_seconds", "soon")],
)
def test_a_setting_that_cannot_be_used_names_its_variable(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"TXPLATFORM_AIR_QUALITY_{name.upper()}"):
        given(**{name: value})
