"""What readers ask: the newest of stations, findings for checks, states of days, pages of rows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries import analyses, findings, status
from txplatform.domains.air_quality.queries.basis import basis_of, station_named
from txplatform.domains.air_quality.queries.now import Now, Reading, now
from txplatform.domains.air_quality.queries.rows import Wanted, page, rows
from txplatform.domains.air_quality.sources.fetching import Intake
from txplatform.domains.air_quality.sources.records import Record, gather
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import UsageError
from txplatform.freshness import PeriodState
from txplatform.platform import Platform

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
START = NOW - timedelta(hours=24 * 9)


def take(platform: Platform, station: Station, n_hours: int) -> None:
    """Hours up to the one before this; CO is below zero for all of them."""
    records = [
        Record(
            START + timedelta(hours=hour),
            {
                "pm25": Decimal(f"{20 + hour % 7}.{hour:03}"),
                "co": Decimal(f"-0.1{hour:03}"),
            },
        )
        for hour in range(n_hours)
    ]
    marker = StaleMarker(platform, basis_of(platform).rules)
    Intake(platform, station, marker).take(lambda: gather(records))


@pytest.fixture
def known(platform: Platform, station: Station) -> Platform:
    """Nine days of one station until now, computed; the other never reported."""
    take(platform, station, 24 * 9)
    compute_stale(platform, basis_of(platform), "run")
    return platform


def test_what_readers_ask(known: Platform, station: Station) -> None:
    """In one installation, for it takes seconds to make."""
    stations = basis_of(known).stations.values()
    _the_newest(known)
    _findings(known, station)
    _states(known)
    _pages(known, station)
    _analyses(known, station)

    (silent,) = findings.silent_stations(known.database, stations, timedelta(hours=6))
    assert silent == "SMART189 was last heard of never"


def _the_newest(known: Platform) -> None:
    first, second = now(known.engine, basis_of(known).stations.values())

    assert first.last_hour == NOW - timedelta(hours=1)
    assert not first.is_silent
    assert {each.parameter for each in first.readings} == {"pm25", "co"}
    assert first.worst is not None
    assert first.worst.nowcast_aqi is not None
    assert 60 < first.worst.nowcast_aqi < 90
    assert [(each.parameter, each.reason) for each in first.suspicions] == [("co", "BELOW_ZERO")]
    assert [each["horizon"] for each in first.forecasts if each["parameter"] == "pm25"] == [1, 2]
    assert (second.last_hour, second.is_silent, second.worst) == (None, True, None)


@pytest.mark.parametrize(("hours_old", "index"), [(0, 171), (2, 171), (3, 40), (72, 40)])
def test_a_sensor_that_died_says_nothing_of_now(
    station: Station, hours_old: int, index: int
) -> None:
    """Catches: the smoke of three days ago as the station's index."""
    fine = Reading("pm25", NOW - timedelta(hours=hours_old), Decimal(84), [], Decimal(84), 171)
    coarse = Reading("pm10", NOW, Decimal(40), [], Decimal(40), 40)

    found = Now(station, NOW, False, [coarse, fine], [], [], [])

    assert found.worst is not None
    assert found.worst.nowcast_aqi == index


def _findings(known: Platform, station: Station) -> None:
    first, last = START.date(), NOW.date()
    thin = findings.incomplete_days(known.engine, "pm25", first, last)
    suspect = findings.suspect_sensors(known.engine, first, last)

    # The first day begins in the middle of it, unless it is midnight.
    assert len(thin) <= 1
    assert all(station.station_id in sentence for sentence in (*thin, *suspect))
    assert suspect[-1].endswith("(BELOW_ZERO)")


def _states(known: Platform) -> None:
    basis = basis_of(known)
    states = status.day_states(known.engine, basis)

    assert {each.state for each in states} == {PeriodState.FRESH}
    assert len(states) in {9, 10}
    other = status.day_states(known.engine, basis._replace(levels=()))
    assert {each.state for each in other} == {PeriodState.STALE}
    fetched, never = status.last_fetches(known.database, basis_of(known).stations.values())
    assert (fetched.status, never.status) == ("finished", "never")
    assert fetched.last_hour == NOW - timedelta(hours=1)


def _pages(known: Platform, station: Station) -> None:
    wanted = Wanted(station.station_id, ("pm25",))
    whole = rows(known.engine, "hourly", wanted)
    parts, cursor = [], None
    while True:
        found = page(known.engine, "hourly", wanted, cursor, 100)
        parts += found.rows.to_pylist()
        cursor = found.next_cursor
        if cursor is None:
            break

    assert parts == whole.to_pylist()
    assert (found.total, len(parts)) == (216, 216)
    day = rows(known.engine, "daily", wanted._replace(first=date(2020, 1, 1), last=START.date()))
    assert day.num_rows == 1
    with pytest.raises(UsageError, match="cursor"):
        page(known.engine, "hourly", wanted, "nonsense", 10)


def _analyses(known: Platform, station: Station) -> None:
    wanted = Wanted(station.station_id, ("co",))
    found = analyses.believed_hours(known.engine, station.station_id, "UTC", wanted)

    assert found.valid.all()
    assert 0 < found.believed.sum() < len(found.hours)  # the first days say too little to alarm
    fine = analyses.believed_hours(
        known.engine, station.station_id, "UTC", wanted._replace(parameters=("pm25",))
    )
    assert fine.believed.all()
    assert analyses.headline(fine, basis_of(known).rules).n_valid >= 8
    empty = analyses.believed_hours(known.engine, "nobody", "UTC", Wanted(None, ("pm25",)))
    assert len(empty.hours) == 0
    assert analyses.comparison(fine, empty).n == 0
    levels = basis_of(known).levels
    counts = analyses.counts_above(known.engine, station.station_id, levels, Wanted())
    above = {
        (each.level.code, str(each.level.level)): each.n_above
        for each in counts
        if each.level.parameter == "pm25"
    }
    assert above["who_2021", "15"] >= 8
    assert above["who_2021_interim", "25"] == 0


def test_an_unknown_station_is_a_sentence(platform: Platform) -> None:
    with pytest.raises(UsageError, match="There is no station"):
        station_named(platform, "nobody")
