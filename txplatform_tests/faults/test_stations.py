"""Whether the judge of a station's faults notices what it is there for."""

from copy import copy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

import pytest

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.fetching import Intake
from txplatform.domains.air_quality.sources.stations import load_stations
from txplatform.platform import Platform
from txplatform_tests.faults import campaign, kinds, stations

NAME = "700100"


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """A file with the fault's station."""
    file = tmp_path / "stations.toml"
    file.write_text(stations.STATION.format(station=NAME), encoding="utf-8")
    return file


@pytest.fixture
def told(platform: Platform, declared: Path, tmp_path: Path) -> stations.Told:
    """What two answers said, taken in and computed."""
    files, told = stations.answers(tmp_path, Random(7))  # noqa: S311 - repeatable
    basis = basis_of(platform)._replace(stations=load_stations(declared))
    station = basis.stations[NAME]
    for file in files:
        answer = read_answer(file.read_text(encoding="utf-8"), station, max(told))
        intake = Intake(platform, station, StaleMarker(platform, basis.rules))
        intake.take(partial(copy, answer))
    compute_stale(platform, basis, "run")
    return told


def judged(platform: Platform, declared: Path, told: stations.Told) -> list[str]:
    return list(stations.wrong(platform, NAME, declared, told))


def test_what_is_whole_breaks_no_promise(
    platform: Platform, declared: Path, told: stations.Told
) -> None:
    assert judged(platform, declared, told) == []


def test_a_lost_hour_a_lost_version_and_another_value_are_noticed(
    platform: Platform, declared: Path, told: stations.Told
) -> None:
    first, last = min(told), max(told)
    hours = platform.database[tables.AIR_HOURS]
    hours.delete_one({"station_id": NAME, "hour_start": last.replace(tzinfo=None)})
    platform.database[tables.AIR_HOURS_HISTORY].delete_many({"station_id": NAME})

    found = judged(platform, declared, {**told, first: Decimal(99)})

    assert found[0] == f"promise 1: {len(told) - 1} hours of {len(told)} are stored"
    assert any("told 99" in sentence for sentence in found)
    assert any("and has 0 before it" in sentence for sentence in found)
    assert found[-1].startswith("promise 3: the table differs")


def test_stale_days_are_noticed(platform: Platform, declared: Path, told: stations.Told) -> None:
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM air_quality.computed_days")

    (found,) = judged(platform, declared, told)

    assert found.endswith("days are stale")


def test_the_second_answer_restates_and_goes_on(tmp_path: Path) -> None:
    files, told = stations.answers(tmp_path, Random(3))  # noqa: S311 - repeatable

    assert len(files) == 2
    assert max(told) - min(told) == timedelta(hours=len(told) - 1)
    assert isinstance(min(told), datetime)


def test_the_campaign_plays_it() -> None:
    kind = kinds.BY_NAME[stations.KIND]

    assert campaign.PLAYS[kind.name] is stations.station_killed
    assert kind.weight > 0
    assert kind.strike is None
