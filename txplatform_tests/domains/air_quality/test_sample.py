"""The made-up stations of the demo: seeded, fetched like real ones, with faults that are found."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.sources import sample, sample_network
from txplatform.domains.air_quality.sources.airqino import AirQino
from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.records import Answer
from txplatform.domains.air_quality.sources.stations import Station, load_stations
from txplatform.domains.air_quality.transforms.figures import StationFigures, figures_of
from txplatform.domains.air_quality.transforms.flags import Flag
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform_tests.domains.air_quality.series import hours_of, moves_of

LAST = datetime(2026, 11, 29, 16, tzinfo=UTC)
FILE = sample.__file__.replace("sample.py", "sample_stations.toml")


@pytest.fixture(scope="module")
def stations() -> dict[str, Station]:
    """The stations of the demo."""
    from pathlib import Path

    return load_stations(Path(FILE))


@pytest.fixture(scope="module")
def answers(stations: dict[str, Station]) -> dict[str, Answer]:
    """Their years."""
    return {
        key: read_answer(sample.answer(key, LAST), station, LAST)
        for key, station in stations.items()
    }


@pytest.fixture(scope="module")
def figures(answers: dict[str, Answer]) -> dict[str, StationFigures]:
    """Everything that is said of them."""
    from txplatform.domains.air_quality.rules import load_rules

    return {key: figures_of(_hours(answer), load_rules()) for key, answer in answers.items()}


def _hours(answer: Answer) -> StationHours:
    by_hour = {record.hour_start: record.values for record in answer.records}
    first = min(by_hour)
    axis = [
        first + timedelta(hours=n) for n in range((max(by_hour) - first) // timedelta(hours=1) + 1)
    ]
    names = answer.records[0].values
    columns = {name: [by_hour.get(hour, {}).get(name) for hour in axis] for name in names}
    return hours_of(first.replace(tzinfo=None), "Africa/Abidjan", columns)


def test_the_stations_of_the_file_are_those_that_are_made_up(stations: dict[str, Station]) -> None:
    assert tuple(stations) == sample.STATIONS


def test_a_year_is_the_same_every_time() -> None:
    assert sample.answer("900000001", LAST) == sample.answer("900000001", LAST)
    assert sample.answer("900000001", LAST) != sample.answer("900000002", LAST)


def test_a_year_has_gaps(answers: dict[str, Answer]) -> None:
    gap_hours = sum(length for _, length in sample.GAPS)

    for answer in answers.values():
        assert len(answer.records) == sample.HOURS - gap_hours
        assert answer.refusals == []
        assert answer.records[-1].hour_start == LAST


def test_since_gives_a_part() -> None:
    since = LAST - timedelta(hours=47)

    data = json.loads(sample.answer("900000001", LAST, since))["data"]

    assert len(data) == 48
    assert data[0]["timestamp"] == "2026-11-27 17:00:00"


def test_a_sensor_drifts_below_zero(figures: dict[str, StationFigures]) -> None:
    drift = figures["900000001"].drift["co"]

    assert drift.is_below_zero[-1]
    assert not drift.is_below_zero[:100].any()
    assert not figures["900000002"].drift["co"].is_below_zero.any()


def test_a_sensor_follows_the_boxs_heat(figures: dict[str, StationFigures]) -> None:
    assert figures["900000002"].drift["o3"].follows_heat[-100:].any()
    assert not figures["900000001"].drift["o3"].follows_heat.any()


def test_a_station_was_moved_once(figures: dict[str, StationFigures], rules: Rules) -> None:
    found = {key: moves_of(each.hours, rules) for key, each in figures.items()}

    assert found["900000001"] == []
    (move,) = found["900000002"]
    assert 10 < move.degrees < 12


def test_a_sensor_got_stuck(figures: dict[str, StationFigures]) -> None:
    stuck = (figures["900000002"].flags["pm25"] & Flag.FLAT) != 0

    assert int(stuck.sum()) == sample.STUCK.stop - sample.STUCK.start
    assert not ((figures["900000001"].flags["pm25"] & Flag.FLAT) != 0).any()


def test_most_of_the_year_is_believed(figures: dict[str, StationFigures]) -> None:
    for each in figures.values():
        assert each.believed("pm25").mean() > 0.9


@pytest.fixture
def address() -> Iterator[str]:
    """The network of the demo."""
    with sample_network.running() as address:
        yield address


def test_it_is_fetched_like_a_real_network(address: str, stations: dict[str, Station]) -> None:
    client = AirQino(address, "test")
    station = stations["900000001"]

    whole = client.hourly(station, None)
    part = client.hourly(station, datetime.now(UTC) - timedelta(hours=5))
    client.close()

    assert len(whole.records) > 8_000
    assert 4 <= len(part.records) <= 6
    assert whole.header is not None
    assert station.km_from(whole.header.latitude, whole.header.longitude) > 400


def test_who_is_not_there_is_not_found(address: str) -> None:
    assert httpx.get(f"{address}/v3/getStationHourlyAvg/1").status_code == 404
