"""The client of AirQino against a server with good manners and bad ones, in a real socket."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from txplatform.connectors.http import LONGEST_ASKED, Patience
from txplatform.domains.air_quality.sources.airqino import AirQino, Login
from txplatform.domains.air_quality.sources.records import Answer
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import SourceError
from txplatform_tests.domains.air_quality.network import Network, Reply, hours, record

QUICK = Patience(waits=(0.01, 0.02, 0.03), connect=1, read=1)
HOUR = record("2023-12-06 16:00:00", co=-0.43255, pm25=6.5)
GOOD = hours(HOUR)
SINCE = datetime(2023, 12, 4, 16, tzinfo=UTC)


@pytest.fixture
def client(network: Network) -> Iterator[AirQino]:
    """A client without a login."""
    client = AirQino(network.url, "txplatform/test (+https://example.org)", patience=QUICK)
    yield client
    client.close()


def test_decimals_arrive_as_they_were_written(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(hours(record("2022-12-07 14:00:00", co=0.28331247, t_int=292.04166)))

    (found,) = client.hourly(station, None).records

    assert found.hour_start == datetime(2022, 12, 7, 14, tzinfo=UTC)
    assert found.values == {"co": Decimal("0.28331247"), "t_int_raw": Decimal("292.04166")}


def test_it_asks_politely_and_only_for_what_is_new(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(GOOD)

    client.hourly(station, SINCE)

    (asked,) = network.asked
    assert asked.path == "/v3/getStationHourlyAvg/283164601"
    assert asked.parameters == {"start_date": "20231204-1600"}
    assert asked.headers["User-Agent"] == "txplatform/test (+https://example.org)"


def test_the_first_time_it_asks_for_everything(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(GOOD)

    client.hourly(station, None)

    assert network.asked[0].parameters == {}


def test_labels_are_read_in_the_zone_of_the_source(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(hours(record("2023-07-01 12:00:00", pm25=1.5)))

    (found,) = client.hourly(station._replace(label_zone="Europe/Rome"), None).records

    assert found.hour_start == datetime(2023, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply("<html>Maintenance</html>"), "is HTML; it begins '<html>"),
        (Reply(GOOD[:40]), "no complete JSON"),
        (Reply('{"header": {}, "data": []}'), "no hour at all"),
        (Reply('{"header": {}}'), "no list of hours"),
        (Reply('{"raw_data": [{"utc_timestamp": "2023-12-06 16:00:00"}]}'), "raw readings"),
        (Reply('{"data": [{"timestamp": "2023-12-06 16:00:00", "CO": NaN}]}'), "no complete JSON"),
        (Reply("{}", status=401), r"wants a login \(401\)"),
        (Reply("not here", status=404), r"refuses the request \(404\)"),
        (Reply("", status=302, headers=(("Location", "/login"),)), r"\(302\)"),
        (
            Reply(hours(*[record(f"2023-12-06 1{n}:00:00", co=400) for n in range(5)])),
            "UNIT_SUSPEC",
        ),
    ],
)
def test_what_is_no_answer_fails_in_a_sentence_and_at_once(
    network: Network, client: AirQino, station: Station, reply: Reply, sentence: str
) -> None:
    network.will_say(reply)

    with pytest.raises(SourceError, match=sentence):
        client.hourly(station, None)

    assert len(network.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_may_pass_is_tried_again(
    network: Network, client: AirQino, station: Station, status: int
) -> None:
    busy = Reply("busy", status=status)
    network.will_say(busy, busy, busy, GOOD)

    assert len(client.hourly(station, None).records) == 1
    assert len(network.asked) == 4


def test_after_four_tries_it_gives_up(network: Network, client: AirQino, station: Station) -> None:
    network.will_say(Reply("busy", status=503))

    with pytest.raises(SourceError, match=r"a fault of its own \(503\), 4 times"):
        client.hourly(station, None)

    assert len(network.asked) == 4


def test_a_network_that_says_when_to_come_back_is_obeyed(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(Reply("later", 429, (("Retry-After", "1"),)), GOOD)

    begun = time.monotonic()
    client.hourly(station, None)

    assert 0.95 < time.monotonic() - begun < 10


def test_a_date_to_come_back_at_is_obeyed_too(
    network: Network, client: AirQino, station: Station
) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    network.will_say(Reply("later", 503, (("Retry-After", at),)), GOOD)

    begun = time.monotonic()
    client.hourly(station, None)

    assert time.monotonic() - begun > 0.5


def test_who_asks_for_too_long_a_wait_is_asked_another_time(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(Reply("later", 429, (("Retry-After", str(int(LONGEST_ASKED) + 1)),)))

    with pytest.raises(SourceError, match="too often"):
        client.hourly(station, None)

    assert len(network.asked) == 1


def test_a_network_that_never_answers_is_left_after_four_tries(
    network: Network, station: Station
) -> None:
    def sleep(_: object) -> Reply:
        time.sleep(0.5)
        return Reply(GOOD)

    network.answer = sleep
    client = AirQino(network.url, "test", patience=Patience((0.01, 0.01, 0.01), read=0.1))

    with pytest.raises(SourceError, match="did not answer in time, 4 times"):
        client.hourly(station, None)

    assert len(network.asked) == 4


def test_an_answer_that_breaks_off_is_a_failure(
    network: Network, client: AirQino, station: Station
) -> None:
    network.will_say(Reply(GOOD, cut_at=30))

    with pytest.raises(SourceError, match="broke off: peer closed connection"):
        client.hourly(station, None)


def test_nobody_there_is_a_sentence_that_names_the_host(station: Station) -> None:
    client = AirQino("http://127.0.0.1:9", "test", patience=QUICK)

    with pytest.raises(SourceError, match=r"127\.0\.0\.1/v3/.* cannot be reached"):
        client.hourly(station, None)


class Locked:
    """A network that wants a token, and takes each for so many requests."""

    def __init__(self, network: Network, good_for: int) -> None:
        self.given, self.left, self.good_for = 0, 0, good_for
        network.answer = self._answer

    def _answer(self, asked: object) -> Reply:
        path, headers = asked.path, asked.headers  # type: ignore[attr-defined]
        if path == "/token":
            self.given, self.left = self.given + 1, self.good_for
            return Reply(f'{{"access_token": "token{self.given}", "expires_in": 300}}')
        if headers.get("Authorization") != f"Bearer token{self.given}" or not self.left:
            return Reply("{}", status=401)
        self.left -= 1
        return Reply(GOOD)


def with_login(network: Network) -> AirQino:
    login = Login(f"{network.url}/token", "airqino", "officer", SecretStr("s3cret"))
    return AirQino(network.url, "test", login, QUICK)


def asked_twice(client: AirQino, station: Station) -> list[Answer]:
    return [client.hourly(station, None) for _ in range(2)]


def test_a_login_gets_a_token_and_keeps_it(network: Network, station: Station) -> None:
    lock = Locked(network, good_for=9)

    asked_twice(with_login(network), station)

    assert lock.given == 1
    assert network.asked[0].form == {
        "grant_type": "password",
        "client_id": "airqino",
        "username": "officer",
        "password": "s3cret",
    }


def test_a_token_that_is_taken_no_more_is_renewed_once(network: Network, station: Station) -> None:
    lock = Locked(network, good_for=1)

    asked_twice(with_login(network), station)

    assert lock.given == 2


def test_a_new_token_that_is_not_taken_either_is_the_end(
    network: Network, station: Station
) -> None:
    lock = Locked(network, good_for=0)

    with pytest.raises(SourceError, match="wants a login") as caught:
        with_login(network).hourly(station, None)

    assert lock.given == 2
    assert "s3cret" not in str(caught.value)


def test_a_token_service_without_a_token_is_a_sentence(network: Network, station: Station) -> None:
    network.will_say('{"error": "invalid_grant"}')

    with pytest.raises(SourceError, match="gave no token"):
        with_login(network).hourly(station, None)
