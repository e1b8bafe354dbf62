"""The demo of air quality: a year of two made-up stations, from the network to the tables."""

from pathlib import Path

import pytest

from txplatform.cli.demo import Stages
from txplatform.cli.session import session
from txplatform.domains.air_quality import demo
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.now import now
from txplatform.domains.air_quality.sources import sample
from txplatform.platform import Platform


def test_the_demo_fills_every_table(
    installation: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, variable in demo.VARIABLES.items():
        monkeypatch.setenv(name, variable)
    stages = Stages()

    with session() as opened:
        report = demo.demo(opened, tmp_path, stages)
        found = now(opened.platform.engine, basis_of(opened.platform).stations.values())

    gaps = sum(length for _, length in sample.GAPS)
    assert report.failure is None
    assert report.figures["records"] == 2 * (sample.HOURS - gaps)
    assert report.figures["hours"] == 2 * 8 * sample.HOURS
    assert report.figures["days above a level"] > 50
    assert list(stages.seconds) == ["fetching", "computation"]
    assert [each.station.name for each in found] == ["SAMPLE1", "SAMPLE2"]
    assert ["co" in {s.parameter for s in each.suspicions} for each in found] == [True, False]
    assert not any(each.is_silent for each in found)
    assert all(each.forecasts for each in found)
    assert installation.settings.state.exists()


def test_its_variables_name_the_made_up_stations() -> None:
    assert demo.STATIONS.is_file()
    assert {"TXPLATFORM_AIR_QUALITY_STATIONS": str(demo.STATIONS)} == demo.VARIABLES
    assert all(command.startswith("air-quality ") for command in demo.COMMANDS)
