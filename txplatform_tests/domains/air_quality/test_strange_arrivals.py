"""Hours and stations that are unlike the others: of long ago, or asked of nobody."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from txplatform.domains.air_quality import planning
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.queries import findings
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.intake import fetch_all
from txplatform.domains.air_quality.sources.stations import SHIPPED, Station
from txplatform.errors import UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.air_quality.network import Network, hours, record
from txplatform_tests.domains.air_quality.test_intake import (
    books,
    days_of_hours,
    fetch,
    stale,
    stored,
)


def test_days_before_the_first_partition_are_stored_only(
    asking: Platform, network: Network, station: Station
) -> None:
    later = asking.settings.having(AirQualitySettings, first_day=date(2026, 3, 2))
    network.will_say(hours(*days_of_hours(3)))

    with closing(Platform(later)) as platform:
        (report,) = fetch_all(platform, station)
        stale = planning.stale_days(platform.engine, basis_of(platform))

    assert (report.new, report.stale_days) == (72, 2)
    assert stale[station.station_id][0] == date(2026, 3, 2)


def test_a_clock_that_was_reset_keeps_nobody_busy(
    asking: Platform, network: Network, station: Station, rules: Rules
) -> None:
    """Catches: half a century of gaps, held in memory, for one hour of 1970."""
    reset = record("1970-01-01 00:00:00", pm25=5.5)

    report = fetch(asking, network, station, reset, *days_of_hours(2))

    assert (books(report), report.stale_days) == ((49, 49, 0, 0, 0), 2)
    compute_stale(asking, basis_of(asking), "run")
    assert stale(asking, rules) == []
    assert stored(asking)[0]["_id"][-17:] == "1970-01-01T00:00Z"


def test_a_station_that_is_filled_from_files_is_not_asked(
    asking: Platform, network: Network, tmp_path: Path
) -> None:
    declared = SHIPPED.read_text(encoding="utf-8")
    first, name, second = declared.rpartition('"airqino"')
    file = tmp_path / "stations.toml"
    file.write_text(f'{first}"files"{second}', encoding="utf-8")
    network.will_say(hours(*days_of_hours(1)))

    with closing(Platform(asking.settings.having(AirQualitySettings, stations=file))) as platform:
        reports = fetch_all(platform)

        silent = findings.silent_stations(
            platform.database, basis_of(platform).stations.values(), timedelta(hours=6)
        )

    assert name
    assert [report.station_id for report in reports] == ["283164601"]
    assert len(network.asked) == 1
    assert [sentence.split()[0] for sentence in silent] == ["SMART188"]


def test_where_nobody_can_be_asked_that_is_said(
    installation: Platform, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stations.toml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").replace('"airqino"', '"files"'))
    monkeypatch.setenv("TXPLATFORM_AIR_QUALITY_STATIONS", str(file))

    done = command("air-quality", "fetch")
    one = command("air-quality", "fetch", "--station", "SMART188")

    assert done.out == "No station has a network that could be asked: import files.\n"
    assert isinstance(one.error, UsageError)
    assert installation.database["fetches"].count_documents({}) == 0
