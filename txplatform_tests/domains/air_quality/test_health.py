"""Gaps, events and fetches of stations, as readers ask for them."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from txplatform.domains.air_quality import alerting
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.queries import health
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.now import now
from txplatform.domains.air_quality.queries.rows import Wanted
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.platform import Platform
from txplatform_tests.domains.air_quality.test_computation import START, hours, take


def at(hour: int) -> datetime:
    """An hour counted from the first of March."""
    return START + timedelta(hours=hour)


@pytest.fixture
def holed(platform: Platform, station: Station) -> Platform:
    """Three days with three gaps, and hours in which one parameter alone is missing."""
    told = hours(72)
    for hour in (*range(5, 9), *range(20, 30), 50):
        del told[hour]
    del told[60]["pm25"]
    take(platform, station, told)
    compute_stale(platform, basis_of(platform), "run")
    return platform


def test_a_gap_is_where_nothing_came_at_all(holed: Platform, station: Station) -> None:
    found = health.gaps(holed.engine, Wanted(station.station_id))

    assert [(gap.begin, gap.end, gap.hours) for gap in found] == [
        (at(50), at(51), 1),
        (at(20), at(30), 10),
        (at(5), at(9), 4),
    ]
    assert {gap.station_id for gap in found} == {station.station_id}


def test_a_gap_over_midnight_is_one_and_is_cut_by_the_days_asked_for(
    holed: Platform, station: Station
) -> None:
    first = Wanted(station.station_id, None, None, date(2026, 3, 1))
    second = Wanted(station.station_id, ("pm25",), date(2026, 3, 2), date(2026, 3, 2))

    assert [gap.hours for gap in health.gaps(holed.engine, first)] == [4, 4]
    assert [(gap.begin, gap.hours) for gap in health.gaps(holed.engine, second)] == [(at(24), 6)]


def test_gaps_of_two_stations_do_not_touch(holed: Platform, station: Station) -> None:
    """Catches: the last hour of one station and the first of the next as one gap."""
    other = basis_of(holed).stations["283181971"]
    told = hours(72)
    for hour in range(30, 40):
        del told[hour]
    take(holed, other, told)
    compute_stale(holed, basis_of(holed), "other")

    found = health.gaps(holed.engine, Wanted())

    assert [(gap.station_id, gap.hours) for gap in found] == [
        (station.station_id, 1),
        (other.station_id, 10),
        (station.station_id, 10),
        (station.station_id, 4),
    ]
    assert health.gaps(holed.engine, Wanted("nobody")) == []


def test_events_that_last_come_first(holed: Platform, station: Station) -> None:
    basis = basis_of(holed)
    alerting.note(holed, at(71) + timedelta(hours=8), basis)
    take(holed, station, {hour: {"pm25": f"10.{hour:03}"} for hour in range(72, 96)})
    compute_stale(holed, basis, "later")
    alerting.note(holed, at(96), basis)

    found = health.events(holed.engine, station.station_id, 10)

    assert [(each["kind"], each["ended_at"] is None) for each in found][-1] == ("silent", False)
    lasting = [each["ended_at"] is None for each in found]
    assert lasting == sorted(lasting, reverse=True)
    assert len(health.events(holed.engine, None, 1)) == 1
    assert health.events(holed.engine, "283181971", 10) == []


def test_a_move_that_nobody_confirmed_is_shown_now(holed: Platform, station: Station) -> None:
    with holed.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO air_quality.air_events"
                " (station_id, kind, parameter, subject, began_at, detail, sentence, ended_at)"
                " VALUES (:id, 'moved', '', 'a', :a, '+13.95', 'Moved.', NULL),"
                " (:id, 'moved', '', 'b', :b, '-7.00', 'Moved.', :b)"
            ),
            {"id": station.station_id, "a": at(3), "b": at(9)},
        )

    (found, other) = now(holed.engine, basis_of(holed).stations.values())

    assert (found.moves, other.moves) == ([at(3)], [])


def test_fetches_come_with_their_books_the_newest_first(holed: Platform, station: Station) -> None:
    take(holed, station, hours(2))

    newest, first = health.fetches(holed.database, station.station_id, 10)

    assert (first["records"], first["new"], first["unchanged"]) == (57, 57, 0)
    assert (newest["records"], newest["new"], newest["unchanged"]) == (2, 0, 2)
    assert newest["started_at"] > first["started_at"]
    assert {newest["source"], first["source"]} == {"file"}
    assert len(health.fetches(holed.database, station.station_id, 1)) == 1
