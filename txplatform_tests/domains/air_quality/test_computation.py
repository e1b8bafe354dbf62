"""Days computed and published on real servers: exact rows, history, what stays untouched."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from txplatform.domains.air_quality import planning, publishing, tables
from txplatform.domains.air_quality.computation import compute, compute_each, compute_stale
from txplatform.domains.air_quality.measuring import measure_days
from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.now import now
from txplatform.domains.air_quality.sources.fetching import Intake
from txplatform.domains.air_quality.sources.records import Record, gather
from txplatform.domains.air_quality.sources.stations import Deployment, Station
from txplatform.platform import Platform

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = date(2026, 3, 1)


def take(platform: Platform, station: Station, values: dict[int, dict[str, str]]) -> None:
    """Take in hours, counted from the first of March."""
    records = [
        Record(START + timedelta(hours=hour), {name: Decimal(v) for name, v in each.items()})
        for hour, each in values.items()
    ]
    marker = StaleMarker(platform, basis_of(platform).rules)
    Intake(platform, station, marker).take(lambda: gather(records))


def hours(n: int) -> dict[int, dict[str, str]]:
    return {
        at: {"pm25": f"{10 + at % 5}.{at:03}", "pm10": f"60.{at:03}", "co": f"0.{at + 300}"}
        for at in range(n)
    }


def rows(engine: Engine, table: Any, **where: Any) -> list[Any]:
    statement = select(table).order_by(*table.primary_key.columns)
    for name, value in where.items():
        statement = statement.where(table.c[name] == value)
    with engine.connect() as connection:
        return list(connection.execute(statement))


@pytest.fixture
def computed(platform: Platform, station: Station) -> Platform:
    """Two days of one station, taken in and computed."""
    take(platform, station, hours(48))
    compute_stale(platform, basis_of(platform), "first")
    return platform


def test_a_day_says_what_its_hours_say(computed: Platform) -> None:
    (row, _) = rows(computed.engine, tables.air_daily, parameter="pm25")

    exact = sum((Decimal(hours(24)[at]["pm25"]) for at in range(24)), Decimal(0))
    assert row.local_date == DAY
    assert row.value_sum == exact
    assert row.mean == (exact / 24).quantize(Decimal("0.0001"))
    assert (row.n_hours, row.n_expected, row.capture_pct) == (24, 24, Decimal(100))
    assert (row.minimum, row.maximum) == (Decimal("10.000000"), Decimal("14.019000"))
    assert (row.n_8h, row.aqi, row.is_suspect, row.n_flagged) == (19, 56, False, {})
    assert row.run_id == "first"


def test_an_hour_says_what_was_received(computed: Platform) -> None:
    found = rows(computed.engine, tables.air_hourly, parameter="pm25")

    assert len(found) == 48
    assert (found[7].hour_start, found[7].value) == (START + timedelta(hours=7), Decimal("12.007"))
    assert (found[7].is_valid, found[7].flags, found[7].local_date) == (True, [], DAY)
    assert [row.mean_8h is None for row in found[4:7]] == [True, False, False]
    assert found[11].nowcast_aqi == 53 + 3


def test_days_above_levels_are_listed(computed: Platform) -> None:
    found = rows(computed.engine, tables.air_exceedances)

    assert {(row.parameter, row.level_set, row.compared, row.level) for row in found} == {
        ("pm10", "eu_2008", "day", Decimal(50)),
        ("pm10", "eu_2030", "day", Decimal(45)),
        ("pm10", "who_2021", "day", Decimal(45)),
        ("pm10", "who_2021_interim", "day", Decimal(50)),
    }


def test_computing_again_touches_nothing(computed: Platform, station: Station) -> None:
    before = rows(computed.engine, tables.air_hourly)

    done = compute(computed, basis_of(computed), station, [DAY], "second")

    assert done.total == (0, 0, 8)
    assert rows(computed.engine, tables.air_hourly) == before
    assert rows(computed.engine, tables.air_hourly_history) == []


def test_a_correction_keeps_what_was_said(computed: Platform, station: Station) -> None:
    with computed.engine.connect() as connection:
        then = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    take(computed, station, {3: {"pm25": "30.5"}})

    (done,) = compute_stale(computed, basis_of(computed), "second")

    assert done.days == [DAY]
    (was,) = rows(computed.engine, tables.air_daily_history, parameter="pm25")
    now = rows(computed.engine, tables.air_daily, parameter="pm25")
    assert was.mean < now[0].mean
    assert [row.run_id for row in now] == ["second", "first"]
    with computed.engine.connect() as connection:
        as_of = text(
            "SELECT mean FROM air_quality.air_daily_as_of(:then) "
            "WHERE parameter = 'pm25' AND local_date = :day"
        )
        assert connection.execute(as_of, {"then": then, "day": DAY}).scalar_one() == was.mean


def test_an_hour_of_the_next_day_leaves_this_one_alone(
    computed: Platform, station: Station
) -> None:
    take(computed, station, {48: {"pm25": "5.5"}})

    (done,) = compute_stale(computed, basis_of(computed), "second")

    assert done.days == [date(2026, 3, 3)]
    newest = rows(computed.engine, tables.air_hourly, parameter="pm25")[-1]
    assert (newest.hour_start, newest.run_id) == (START + timedelta(hours=48), "second")


def test_gaps_are_rows_without_a_value(platform: Platform, station: Station) -> None:
    values = hours(72)
    take(platform, station, {at: values[at] for at in values if not 20 <= at < 50})

    compute_stale(platform, basis_of(platform), "run")

    found = rows(platform.engine, tables.air_hourly, parameter="pm25")
    assert len(found) == 72
    assert {(row.value, row.is_valid, *row.flags) for row in found[20:50]} == {(None, False, "GAP")}
    days = rows(platform.engine, tables.air_daily, parameter="pm25")
    assert [(row.n_hours, row.mean is None) for row in days] == [
        (20, False),
        (0, True),
        (22, False),
    ]
    assert days[1].n_flagged == {"GAP": 24}


def test_a_station_that_sends_hours_without_values_has_gaps(
    platform: Platform, station: Station
) -> None:
    take(platform, station, {hour: {} for hour in range(24)})

    (done,) = compute_stale(platform, basis_of(platform), "run")

    assert done.total.inserted == 8
    found = rows(platform.engine, tables.air_hourly)
    assert {(row.value, row.is_valid, tuple(row.flags)) for row in found} == {
        (None, False, ("GAP",))
    }
    assert rows(platform.engine, tables.air_forecasts) == []
    assert now(platform.engine, [station])[0].last_hour is None


def test_other_stations_are_left_alone(computed: Platform, station: Station) -> None:
    other = basis_of(computed).stations["283181971"]
    take(computed, other, hours(24))
    compute_stale(computed, basis_of(computed), "other")

    runs = {(row.station_id, row.run_id) for row in rows(computed.engine, tables.air_daily)}

    assert runs == {(station.station_id, "first"), (other.station_id, "other")}


def test_the_next_hours_are_published(computed: Platform) -> None:
    found = rows(computed.engine, tables.air_forecasts, parameter="pm25")

    assert [(row.horizon, row.hour_start.hour) for row in found] == [(1, 0), (2, 1)]
    assert all(row.is_persistence for row in found)  # two days are too few to learn from


def test_the_station_of_published_figures_has_its_name(
    computed: Platform, station: Station
) -> None:
    publishing.publish_stations(computed.engine, [station._replace(name="Old")])
    publishing.publish_stations(computed.engine, [])
    (old,) = rows(computed.engine, tables.air_stations)

    compute(computed, basis_of(computed), station, [DAY], "again")

    (new,) = rows(computed.engine, tables.air_stations)
    place = (station.place, station.figures_zone, station.latitude, station.longitude)
    assert tuple(old) == (station.station_id, "Old", *place)
    assert tuple(new) == (station.station_id, station.name, *place)


def test_everything_is_computed_again_when_asked(computed: Platform) -> None:
    done, _ = compute_each(computed, basis_of(computed), [DAY, date(2026, 3, 2)], "again")

    assert done.total.unchanged == 16


def test_what_judges_the_hours_makes_every_day_stale(computed: Platform, station: Station) -> None:
    """Catches: a deployment, or a level, that changes nothing until somebody asks for all days."""
    basis, days = basis_of(computed), [DAY, date(2026, 3, 2)]
    moved = station._replace(deployments=(Deployment(START, "Abidjan", station.zone),))
    others = (
        basis._replace(rules=basis.rules._replace(version="2")),
        basis._replace(levels=basis.levels[1:]),
        basis._replace(stations={**basis.stations, station.station_id: moved}),
    )

    assert planning.stale_days(computed.engine, basis) == {}
    for other in others:
        assert planning.stale_days(computed.engine, other) == {station.station_id: days}


def test_days_before_a_deployment_leave_the_figures(computed: Platform, station: Station) -> None:
    since = Deployment(START + timedelta(days=1), "Abidjan", station.zone)
    moved = station._replace(deployments=(since,))
    basis = basis_of(computed)._replace(stations={station.station_id: moved})

    compute_stale(computed, basis, "moved")

    assert {row.local_date for row in rows(computed.engine, tables.air_daily)} == {date(2026, 3, 2)}
    assert planning.stale_days(computed.engine, basis) == {}


def test_a_station_that_was_taken_out_is_never_stale(computed: Platform, station: Station) -> None:
    """Catches: days of nobody that an hourly job computes for ever."""
    take(computed, station, {3: {"pm25": "30.5"}})
    basis = basis_of(computed)
    others = {key: each for key, each in basis.stations.items() if key != station.station_id}

    assert planning.stale_days(computed.engine, basis._replace(stations=others)) == {}
    assert planning.stale_days(computed.engine, basis._replace(stations={})) == {}


def test_versions_of_days_change_with_their_figures(computed: Platform, station: Station) -> None:
    days = [DAY, date(2026, 3, 2), date(2026, 3, 3)]
    before = planning.day_versions(computed.engine, days)

    take(computed, station, {3: {"pm25": "30.5"}})

    after = planning.day_versions(computed.engine, days)
    assert [day for day in days if before.get(day) != after.get(day)] == [DAY]
    assert date(2026, 3, 3) not in after


def test_documents_are_counted_by_day(computed: Platform) -> None:
    silent = date(2026, 3, 3)

    found = measure_days(computed.database, [DAY, silent])

    assert (found[DAY]["hours"], found[DAY]["stations"]) == (24, 1)
    assert found[silent] == {"hours": 0, "stations": 0}
    assert measure_days(computed.database, []) == {}
