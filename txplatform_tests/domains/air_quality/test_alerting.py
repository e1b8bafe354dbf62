"""What officers are told: every kind of event, each once, and once when it is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import select

from txplatform.domains.air_quality import alerting, tables
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.definitions import alarm
from txplatform.domains.air_quality.queries.basis import Basis, basis_of
from txplatform.domains.air_quality.queries.conditions import conditions
from txplatform.domains.air_quality.sources.stations import Deployment, Station
from txplatform.platform import Platform
from txplatform_tests.domains.air_quality.test_computation import START, take

DAYS = 24
COLD_DAYS = 11
LAST = START + timedelta(days=DAYS - 1, hours=9)
SOON, LATER = LAST + timedelta(hours=2), LAST + timedelta(hours=20)

# Apprise's own: it looks for a module that Python is about to lose, and has a replacement.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def told_hours() -> dict[int, dict[str, str]]:
    """Days of bad air from a station that was carried out of the cold, whose CO is below zero.

    The last day ends after ten hours.
    """
    n_hours = int((LAST - START) / timedelta(hours=1)) + 1
    return {
        at: {
            "pm25": f"20.{at:03}",
            "co": f"-0.{at + 1:04}",
            "t_ext": f"{16 if at < COLD_DAYS * 24 else 29}.{at % 24:02}",
        }
        for at in range(n_hours)
    }


@pytest.fixture
def basis(platform: Platform, station: Station) -> Basis:
    """One station with its figures."""
    take(platform, station, told_hours())
    basis = basis_of(platform)._replace(stations={station.station_id: station})
    compute_stale(platform, basis, "first")
    return basis


def fail(platform: Platform, station: Station, *moments: datetime, status: str = "failed") -> None:
    """Fetches as the books hold them."""
    own = {"station_id": station.station_id, "source": station.provider, "status": status}
    platform.database[tables.FETCHES].insert_many(
        [{**own, "started_at": at, "sentence": "It wants a login (401)."} for at in moments]
    )


def kinds(platform: Platform, basis: Basis, now: datetime) -> dict[str, list[str]]:
    """What holds, by kind: parameter and subject."""
    found: dict[str, list[str]] = {}
    for each in conditions(platform, basis, now):
        found.setdefault(each.kind, []).append(f"{each.parameter} {each.subject}".strip())
    return found


def events(platform: Platform) -> list[Any]:
    with platform.engine.connect() as connection:
        return list(
            connection.execute(select(tables.air_events).order_by(tables.air_events.c.event_id))
        )


class Channel:
    """Keeps the lines that it takes."""

    def __init__(self, *, is_deaf: bool = False) -> None:
        self.lines: list[str] = []
        self._is_deaf = is_deaf

    def __call__(self, _: str, body: str) -> bool:
        """Take a message, or not."""
        self.lines += [] if self._is_deaf else body.splitlines()
        return not self._is_deaf


def test_every_kind_holds_when_it_should(
    platform: Platform, basis: Basis, station: Station
) -> None:
    fail(platform, station, *(SOON + timedelta(hours=n) for n in range(3)))

    assert kinds(platform, basis, SOON) == {
        "fetch": [""],
        "drift": ["co"],
        "exceedance": ["pm25 day 15"],
        "moved": ["2026-03-12"],
    }
    assert kinds(platform, basis, LATER) == {
        "fetch": [""],
        "silent": [""],
        "capture": ["pm25"],
        "drift": ["co"],
        "exceedance": ["pm25 day 15"],
        "moved": ["2026-03-12"],
    }


def test_since_when_is_said(platform: Platform, basis: Basis) -> None:
    """Drift needs 84 values: it holds from the fourth day on."""
    found = {each.kind: each for each in conditions(platform, basis, LATER)}

    assert found["drift"].began_at == START + timedelta(days=3)
    assert found["silent"].began_at == LAST
    assert (
        found["capture"].sentence == "SMART188 captured 41.67 % of the PM2.5 hours of 2026-03-24."
    )
    assert found["drift"].sentence == (
        "CO of SMART188 cannot be believed since 2026-03-04:"
        " most values of a week are zero or below."
    )
    assert found["moved"].detail == "+13.00"
    assert found["exceedance"].detail == "> 15 ug/m3 (WHO 2021)"


@pytest.mark.parametrize(
    ("minutes", "then", "count"),
    [([0, 60], None, 0), ([0, 20, 40], None, 0), ([0, 60, 120], None, 1), ([0, 60, 120], 130, 0)],
)
def test_a_fetch_alarms_after_three_hours_in_a_row(
    platform: Platform, station: Station, minutes: list[int], then: int | None, count: int
) -> None:
    fail(platform, station, *(START + timedelta(minutes=each) for each in minutes))
    if then:
        fail(platform, station, START + timedelta(minutes=then), status="finished")
    basis = basis_of(platform)._replace(stations={station.station_id: station})

    assert len(conditions(platform, basis, START + timedelta(hours=3))) == count


def test_each_event_is_told_once_and_once_when_it_is_over(
    platform: Platform, basis: Basis, station: Station
) -> None:
    channel = Channel()
    for now in (SOON, LATER, LATER):
        alerting.note(platform, now, basis)
        alerting.tell(platform.engine, channel)
    assert len(channel.lines) == 5
    assert not any(line.startswith("Over: ") for line in channel.lines)

    where = Deployment(START + timedelta(days=COLD_DAYS), "Abidjan", station.zone)
    confirmed = station._replace(deployments=(where,))
    basis = basis._replace(stations={station.station_id: confirmed})
    compute_stale(platform, basis, "second")
    hours = {at: {"pm25": f"9.{at:03}"} for at in range(DAYS * 24 - 14, DAYS * 24 + 24)}
    take(platform, confirmed, hours)
    compute_stale(platform, basis, "third")
    for _ in range(2):
        alerting.note(platform, START + timedelta(days=DAYS + 1, hours=3), basis)
        alerting.tell(platform.engine, channel)

    over = [line for line in channel.lines[5:] if line.startswith("Over: ")]
    assert len(channel.lines) == 5 + len(over)
    assert {row.kind for row in events(platform) if row.ended_at} == {
        *("silent", "capture", "exceedance", "moved")
    }
    assert len(over) == 4


def test_what_no_channel_took_is_told_later(platform: Platform, basis: Basis) -> None:
    alerting.note(platform, SOON, basis)

    assert alerting.tell(platform.engine, Channel(is_deaf=True)) == 0
    assert alerting.tell(platform.engine, channel := Channel()) == 3
    assert len(channel.lines) == 3


def test_what_began_and_ended_meanwhile_is_one_line(platform: Platform, basis: Basis) -> None:
    alerting.note(platform, LATER, basis)
    alerting.note(platform, SOON, basis)

    alerting.tell(platform.engine, channel := Channel())

    assert [line for line in channel.lines if "sent nothing" in line] == [
        "Over: SMART188 has sent nothing since 2026-03-24 09:00 (UTC)."
    ]
    assert alerting.tell(platform.engine, Channel()) == 0


def test_a_move_whose_day_settles_is_one_event(platform: Platform, station: Station) -> None:
    basis = basis_of(platform)._replace(stations={station.station_id: station})
    cold = told_hours()
    for n_days in (COLD_DAYS + 7, COLD_DAYS + 12):
        take(platform, station, {at: cold[at] for at in range(n_days * 24)})
        compute_stale(platform, basis, "run")
        alerting.note(platform, START + timedelta(days=n_days), basis)

    moved = [row for row in events(platform) if row.kind == "moved"]
    assert len(moved) == 1
    assert "2026-03-12: +13.00 degrees" in moved[0].sentence


def test_many_events_are_one_message_of_bounded_length(platform: Platform, basis: Basis) -> None:
    alerting.note(platform, SOON, basis)
    with platform.engine.begin() as connection:
        row = {
            "station_id": "1",
            "kind": "exceedance",
            "parameter": "pm25",
            "began_at": SOON,
            "detail": "",
            "sentence": "High.",
        }
        connection.execute(
            tables.air_events.insert(), [{**row, "subject": str(n)} for n in range(30)]
        )

    alerting.tell(platform.engine, channel := Channel())

    assert channel.lines[-1] == "And 13 more: see Station health."
    assert len(channel.lines) == alerting.MOST_TOLD + 1


def test_the_sensor_notes_and_tells(platform: Platform) -> None:
    sensor = alarm(platform.settings)
    with dg.DagsterInstance.ephemeral() as instance:
        resources: dict[str, Callable[[], Any] | Any] = {"platform": platform}
        context = dg.build_sensor_context(instance, resources=resources)
        result = sensor.evaluate_tick(context)

    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert result.skip_message == "0 events were told."


@pytest.mark.parametrize(
    ("hour", "is_thin"),
    [(0, False), (1, False), (2, True), (23, True)],
)
def test_yesterday_is_judged_two_hours_after_midnight(
    platform: Platform, basis: Basis, hour: int, is_thin: bool
) -> None:
    """Catches: each night an alarm on the day whose last hour comes with the next fetch."""
    now = START + timedelta(days=DAYS, hours=hour)

    assert ("capture" in kinds(platform, basis, now)) == is_thin


def test_a_day_that_is_not_over_exceeds_nothing(platform: Platform, station: Station) -> None:
    basis = basis_of(platform)._replace(stations={station.station_id: station})
    take(platform, station, {at: {"pm25": f"{90 if at > 23 else 9}.{at:03}"} for at in range(46)})
    compute_stale(platform, basis, "run")

    during, after = (START + timedelta(days=1, hours=hours) for hours in (23, 25))

    assert "exceedance" not in kinds(platform, basis, during)
    assert kinds(platform, basis, after)["exceedance"] == [
        *("pm25 day 15", "pm25 day 25", "pm25 day 37.5", "pm25 day 50", "pm25 day 75")
    ]


def test_levels_that_sets_share_are_one_event(platform: Platform, station: Station) -> None:
    basis = basis_of(platform)._replace(stations={station.station_id: station})
    take(platform, station, {at: {"pm25": f"30.{at:03}"} for at in range(24)})
    compute_stale(platform, basis, "run")

    found = {each.subject: each for each in conditions(platform, basis, START + timedelta(days=1))}

    shared = found["day 25"]
    assert shared.detail == "> 25 ug/m3 (EU 2030, WHO 2021, interim targets)"
    assert shared.sentence.startswith("PM2.5 of SMART188 lay above 25 ug/m3 on 2026-03-01")


def test_a_station_that_never_sent_anything_is_not_silent(
    platform: Platform, station: Station
) -> None:
    """What fails there is the fetch; before the first one there is nothing to tell."""
    basis = basis_of(platform)._replace(stations={station.station_id: station})

    assert conditions(platform, basis, LATER) == []


def test_days_begin_in_the_stations_zone(platform: Platform, station: Station) -> None:
    rome = station._replace(zone="Europe/Rome")
    basis = basis_of(platform)._replace(stations={rome.station_id: rome})
    first = 22  # 23:00 in Rome on the first of March is 22:00 UTC
    take(platform, rome, {at: {"pm25": f"20.{at:03}"} for at in range(first, first + 26)})
    compute_stale(platform, basis, "run")

    found = conditions(platform, basis, START + timedelta(days=2, hours=1))

    above = next(each for each in found if each.kind == "exceedance")
    assert above.began_at == START + timedelta(hours=23)
    assert "on 2026-03-02" in above.sentence
