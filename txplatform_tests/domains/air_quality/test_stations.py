"""The declared stations: who they are, where they stand, and what cannot be used."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.domains.air_quality.sources.stations import Station, load_stations, station_of
from txplatform.errors import UsageError

ONE = """
[77]
provider = "airqino"
place = "Rome"
zone = "Europe/Rome"
latitude = "41.9"
longitude = "12.5"
"""
DEPLOYMENTS = """
[[77.deployments]]
from = 2024-05-01T00:00:00
place = "Milan"

[[77.deployments]]
from = 2023-01-01T00:00:00Z
place = "Abidjan"
zone = "Africa/Abidjan"
"""


def load(folder: Path, text: str) -> dict[str, Station]:
    file = folder / "stations.toml"
    file.write_text(text, encoding="utf-8")
    return load_stations(file)


def test_the_shipped_stations_stand_in_abidjan_without_a_deployment() -> None:
    shipped = load_stations()

    assert {key: each.name for key, each in shipped.items()} == {
        "283164601": "SMART188",
        "283181971": "SMART189",
    }
    assert all(each.zone == "Africa/Abidjan" for each in shipped.values())
    assert all(each.figures_since is None for each in shipped.values())


def test_a_station_needs_little(tmp_path: Path) -> None:
    found = load(tmp_path, ONE)["77"]

    assert (found.name, found.label_zone, found.figures_zone) == ("77", "UTC", "Europe/Rome")


def test_the_newest_deployment_counts(tmp_path: Path) -> None:
    """Its start is local where it names no zone."""
    found = load(tmp_path, ONE + DEPLOYMENTS)["77"]

    assert [each.place for each in found.deployments] == ["Abidjan", "Milan"]
    assert found.figures_since == datetime(2024, 4, 30, 22, tzinfo=UTC)
    assert found.figures_zone == "Europe/Rome"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"Europe/Rome"', '"Europe/Atlantis"', "'Europe/Atlantis' is no IANA zone"),
        ('"Europe/Rome"', '"Europe"', "'Europe' is no IANA zone"),
        ('"Europe/Rome"', "1", "valid string"),
        ('provider = "airqino"', "", "'provider' is missing"),
        ('"airqino"', '"purpleair"', "'airqino' or 'files'"),
        ('"41.9"', '"north"', "'north' is no number of degrees"),
        ('"41.9"', '"NaN"', "'NaN' is no number of degrees"),
        ('"41.9"', "419", "419 is no number of degrees"),
        ('"41.9"', "41.9x", "not valid TOML"),
        ("zone =", 'label_zon = "Europe/Rome"\nzone =', "did you mean 'label_zone'"),
        ("[77]", "first = 1\n[77]", "first"),
        ("[77]", "[78]\n[78]\n[77]", "not valid TOML"),
        (ONE, ONE + ONE.replace("77", "78") + 'name = "77"\n', "are called '77'"),
        (ONE, "# none\n", "declares no station"),
        (ONE, ONE + "[[77.deployments]]\nfrom = 2024-05-01\nplace = 'a'\n", "deployments.0.from"),
        (ONE, ONE + "[[77.deployments]]\nfrom = 2024-05-01T00:00:00\n", "'deployments.0.place'"),
    ],
)
def test_what_cannot_be_used_is_a_sentence_with_the_file(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(UsageError, match=r"stations\.toml") as caught:
        load(tmp_path, ONE.replace(old, new))

    assert sentence in str(caught.value)


def test_degrees_may_be_numbers(tmp_path: Path) -> None:
    found = load(tmp_path, ONE.replace('"41.9"', "41.9").replace('"12.5"', "-12"))["77"]

    assert (found.latitude, found.longitude) == (Decimal("41.9"), Decimal(-12))


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The file of stations .*none\.toml cannot be read"):
        load_stations(tmp_path / "none.toml")


@pytest.mark.parametrize("wanted", ["283181971", "SMART189"])
def test_a_station_is_found_by_id_and_name(wanted: str) -> None:
    assert station_of(load_stations(), wanted).name == "SMART189"


def test_an_unknown_station_names_those_that_are_known() -> None:
    with pytest.raises(UsageError, match=r"283164601 \(SMART188\)"):
        station_of(load_stations(), "SMART190")


@pytest.mark.parametrize(
    ("latitude", "longitude", "low", "high"),
    [
        (5.36, -3.98, 0, 0.001),
        (5.36, 3.9577, 870, 890),
        (5.36, 0.05, 440, 450),
        (5.37, -3.98, 1.1, 1.2),
    ],
)
def test_distances_over_the_globe(
    station: Station, latitude: float, longitude: float, low: float, high: float
) -> None:
    assert low <= station.km_from(latitude, longitude) <= high
