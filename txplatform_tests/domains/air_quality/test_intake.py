"""Fetches and imports on real servers: nothing doubled, nothing lost, stale exactly as it is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from txplatform.domains.air_quality import planning, tables
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.fetching import Intake, Report
from txplatform.domains.air_quality.sources.intake import (
    fetch_all,
    import_file,
    require_answers,
    summary,
)
from txplatform.domains.air_quality.sources.stations import Deployment, Station
from txplatform.errors import SourceError, UsageError
from txplatform.platform import Platform
from txplatform_tests.domains.air_quality.network import Network, Reply, hours, record
from txplatform_tests.domains.air_quality.reference import FOLDER

FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def label(hour: int) -> str:
    return f"{FIRST + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}"


def days_of_hours(n_days: int, **values: Any) -> list[dict[str, Any]]:
    """Hours with PM2.5 that never repeats, so that no flag is in the way."""
    return [
        record(label(n), pm25=5 + n % 7 + n / 1000, pm10=20 + n / 100, rh=60.5, **values)
        for n in range(24 * n_days)
    ]


def fetch(platform: Platform, network: Network, station: Station, *records: Any) -> Report:
    network.will_say(hours(*records))
    (report,) = fetch_all(platform, station)
    return report


def books(report: Report) -> tuple[int, ...]:
    return report.records, report.new, report.changed, report.unchanged, report.refused


def stored(platform: Platform) -> list[dict[str, Any]]:
    return list(platform.database[tables.AIR_HOURS].find(sort=[("_id", 1)]))


def history(platform: Platform) -> list[dict[str, Any]]:
    return list(platform.database[tables.AIR_HOURS_HISTORY].find(sort=[("_id", 1)]))


def stale(platform: Platform, rules: Rules) -> Sequence[date]:
    basis = basis_of(platform)._replace(rules=rules)
    return planning.stale_days(platform.engine, basis).get("283164601", [])


def test_the_same_answer_twice_changes_nothing(
    asking: Platform, network: Network, station: Station
) -> None:
    records = days_of_hours(2)

    first = fetch(asking, network, station, *records)
    before = stored(asking)
    second = fetch(asking, network, station, *records)

    assert (books(first), books(second)) == ((48, 48, 0, 0, 0), (48, 0, 0, 48, 0))
    assert stored(asking) == before
    assert before[0]["_id"] == "283164601|2026-03-01T00:00Z"
    assert before[0]["values"]["pm25"].to_decimal() == Decimal("5.0")
    assert history(asking) == []


def test_an_hour_that_is_restated_keeps_what_it_said(
    asking: Platform, network: Network, station: Station
) -> None:
    fetch(asking, network, station, record(label(0), pm25=5.5, co=-0.43))

    report = fetch(asking, network, station, record(label(0), pm25=5.5, co=0.0))

    (now,), (former,) = stored(asking), history(asking)
    assert books(report) == (1, 0, 1, 0, 0)
    assert (now["version"], str(now["values"]["co"])) == (2, "0.0")
    assert (former["version"], str(former["values"]["co"])) == (1, "-0.43")
    assert former["_id"] == "283164601|2026-03-01T00:00Z|1"


def test_a_key_that_vanished_keeps_its_value_and_is_counted(
    asking: Platform, network: Network, station: Station
) -> None:
    fetch(asking, network, station, record(label(0), pm25=5.5, co=0.5))

    report = fetch(asking, network, station, record(label(0), pm25=5.5))

    assert (books(report), report.vanished) == ((1, 0, 0, 1, 0), 1)
    assert str(stored(asking)[0]["values"]["co"]) == "0.5"


def test_a_shorter_answer_deletes_nothing(
    asking: Platform, network: Network, station: Station
) -> None:
    fetch(asking, network, station, *days_of_hours(2))

    fetch(asking, network, station, *days_of_hours(1))

    assert len(stored(asking)) == 48


def test_the_running_hour_is_partial_until_it_is_over(
    asking: Platform, network: Network, station: Station
) -> None:
    running = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    fetch(asking, network, station, record(f"{running:%Y-%m-%d %H:%M:%S}", pm25=5.5))

    assert stored(asking)[0]["is_partial"]


def test_the_books_hold_refused_records_too(
    asking: Platform, network: Network, station: Station
) -> None:
    twin = record(label(1), pm25=5.5)

    report = fetch(
        asking,
        network,
        station,
        *(record(label(0), pm25="x"), twin, twin),
        *(record(label(2), pm25=value) for value in (1, 2)),
    )

    assert books(report) == (5, 2, 0, 1, 2)
    again = "2026-03-01 02:00 (UTC): the same hour comes again with other values, which stand"
    assert report.sentence.endswith(f", 2 refused (record 1: 'x' is no number; {again}).")
    (kept,) = asking.database[tables.FETCHES].find()
    assert kept["refusals"] == {"'x' is no number": 1, again.partition(": ")[2]: 1}
    assert [each["is_duplicate"] for each in stored(asking)] == [False, True]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply("{}", 401), "login"),
        (Reply("<html>"), "html"),
        (Reply('{"data": []}'), "empty"),
        (Reply("", 503), "fault"),
    ],
)
def test_no_usable_answer_is_a_failed_fetch_and_not_no_news(
    asking: Platform, network: Network, station: Station, reply: Reply, kind: str
) -> None:
    network.will_say(reply)

    reports = fetch_all(asking, station)

    (kept,) = asking.database[tables.FETCHES].find()
    assert (kept["status"], f"SMART188: {kept['sentence']}") == ("failed", reports[0].sentence)
    assert kept["kind"] == kind
    assert kept["finished_at"] >= kept["started_at"]
    with pytest.raises(SourceError, match=r"127\.0\.0\.1|answer"):
        require_answers(reports)
    assert summary(reports)["records"] == 0


def test_it_asks_from_two_days_before_the_last_hour(
    asking: Platform, network: Network, station: Station
) -> None:
    fetch(asking, network, station, *days_of_hours(4))
    fetch(asking, network, station, *days_of_hours(4))

    asked = [each.parameters for each in network.asked]

    assert asked == [{}, {"start_date": "20260302-2300"}]


def test_once_a_week_it_asks_for_everything(
    asking: Platform, network: Network, station: Station
) -> None:
    fetch(asking, network, station, *days_of_hours(4))
    week_ago = datetime.now(UTC) - timedelta(days=7, minutes=1)
    asking.database[tables.FETCHES].update_many({}, {"$set": {"started_at": week_ago}})

    fetch(asking, network, station, *days_of_hours(4))

    assert network.asked[-1].parameters == {}


def test_a_network_is_not_asked_twice_in_ten_minutes(
    asking: Platform, network: Network, station: Station
) -> None:
    """Catches: a station left alone until a clock that was set back is where it was."""
    patient = asking.settings.having(AirQualitySettings, minutes_between_fetches=10)
    fetch(asking, network, station, *days_of_hours(1))

    with closing(Platform(patient)) as again:
        (report,) = fetch_all(again, station)
        assert (report.status, len(network.asked)) == ("skipped", 1)
        tomorrow = {"started_at": datetime.now(UTC) + timedelta(days=1)}
        asking.database[tables.FETCHES].update_many({}, {"$set": tomorrow})
        (report,) = fetch_all(again, station)

    assert (report.status, len(network.asked)) == ("finished", 2)


def test_a_failure_a_moment_ago_is_no_silence(
    asking: Platform, network: Network, station: Station
) -> None:
    """Catches: a retry within ten minutes that turns "no answer" into "nothing new"."""
    patient = asking.settings.having(AirQualitySettings, minutes_between_fetches=10)
    network.will_say(Reply("{}", 401))

    with closing(Platform(patient)) as again:
        reports = [fetch_all(again, station)[0] for _ in range(2)]

    assert [report.status for report in reports] == ["failed", "failed"]
    assert "was asked at" in reports[1].sentence
    assert "wants a login (401)" in reports[1].sentence
    assert len(network.asked) == 1


def test_two_fetches_at_once_double_nothing(
    asking: Platform, network: Network, station: Station
) -> None:
    network.will_say(hours(*days_of_hours(3)))

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: fetch_all(asking, station)[0], range(2)))

    assert sorted(report.new for report in done) == [0, 72]
    assert len(stored(asking)) == 72
    assert history(asking) == []


def test_a_place_far_from_the_declared_one_only_warns(
    asking: Platform, network: Network, station: Station
) -> None:
    wrong = {"station_name": "SMART188", "station_lat": 5.36, "station_lon": 3.9577}
    network.will_say(hours(record(label(0), pm25=1.5), header=wrong))

    fetch_all(asking, station)

    (kept,) = asking.database[tables.FETCHES].find()
    assert kept["status"] == "finished"
    assert "stations.toml counts" in kept["warning"]


def test_a_corrected_hour_makes_stale_its_day_and_the_hours_after(
    asking: Platform, network: Network, station: Station, rules: Rules
) -> None:
    """At 20 h it enters running figures of the next day, at 5 h those of its own day only."""
    fetch(asking, network, station, *days_of_hours(6))
    compute_stale(asking, basis_of(asking), "run")
    assert stale(asking, rules) == []
    late, early = days_of_hours(6), days_of_hours(6)
    late[24 * 2 + 20]["PM2.5"] = 6.001
    early[24 * 4 + 5]["PM2.5"] = 6.001

    fetch(asking, network, station, *late[24:])
    assert stale(asking, rules) == [date(2026, 3, 3), date(2026, 3, 4)]
    compute_stale(asking, basis_of(asking), "run")
    fetch(asking, network, station, late[24 * 2 + 20], *early[24 * 4 :])
    assert stale(asking, rules) == [date(2026, 3, 5)]


def test_hours_come_after_a_deployment_was_entered(
    asking: Platform, station: Station, rules: Rules
) -> None:
    since = Deployment(FIRST + timedelta(days=1), station.place, station.zone)
    moved = station._replace(deployments=(since,))
    answer = read_answer(hours(*days_of_hours(3)), moved, datetime.now(UTC))

    report = Intake(asking, moved, StaleMarker(asking, rules)).take(lambda: answer)

    assert (report.new, report.stale_days) == (72, 2)


def test_a_week_that_is_restated_reaches_the_day_after_it(
    asking: Platform, network: Network, station: Station, rules: Rules
) -> None:
    fetch(asking, network, station, *days_of_hours(12))
    compute_stale(asking, basis_of(asking), "run")
    restated = days_of_hours(12)
    for each in restated[24 * 2 : 24 * 9]:
        each["PM2.5"] += 0.5

    report = fetch(asking, network, station, *restated)

    assert books(report) == (288, 0, 168, 120, 0)
    assert stale(asking, rules) == [date(2026, 3, day) for day in range(3, 11)]
    former = {each["_id"]: each["values"]["pm25"].to_decimal() for each in history(asking)}
    assert (len(former), former["283164601|2026-03-03T00:00Z|1"]) == (168, Decimal("11.048"))


def test_an_outage_of_three_days_is_a_gap_and_then_filled(
    asking: Platform, network: Network, station: Station, rules: Rules
) -> None:
    whole = days_of_hours(6)
    fetch(asking, network, station, *whole[:24], *whole[24 * 4 :])
    compute_stale(asking, basis_of(asking), "first")

    report = fetch(asking, network, station, *whole)

    assert (report.new, report.unchanged) == (72, 72)
    assert date(2026, 3, 2) in stale(asking, rules)
    assert date(2026, 3, 1) not in stale(asking, rules)
    compute_stale(asking, basis_of(asking), "second")
    assert stale(asking, rules) == []


def test_a_saved_answer_is_taken_in_like_a_fetched_one(
    asking: Platform, station: Station, shared_data: Path
) -> None:
    packed = shared_data / FOLDER / "station1_data.json.gz"

    report = import_file(asking, station, packed, "airqino")

    assert books(report) == (8133, 8133, 0, 0, 0)
    assert report.stale_days == 365


def test_a_file_that_cannot_be_used_is_a_sentence(
    asking: Platform, station: Station, tmp_path: Path
) -> None:
    file = tmp_path / "answer.json"
    with pytest.raises(SourceError, match=r"answer\.json"):
        import_file(asking, station, file, "airqino")
    with pytest.raises(UsageError, match="known are airqino, openaq"):
        import_file(asking, station, file, "nonsense")
