"""Hourly files by a declared mapping: OpenAQ's long CSV, wide CSV and Parquet."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from txplatform.domains.air_quality.sources.hourly_files import mapping_of, read_hourly_file
from txplatform.domains.air_quality.sources.records import REPLACED, Answer
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import SourceError, UsageError
from txplatform_tests.domains.air_quality.conftest import NOW

OPENAQ = """location_id,sensors_id,location,datetime,lat,lon,parameter,units,value
2178,3916,Abidjan,2023-01-01T01:00:00+00:00,5.3,-3.9,pm25,µg/m³,35.1
2178,3917,Abidjan,2023-01-01T01:00:00+00:00,5.3,-3.9,pm10,µg/m³,60.25
2178,3916,Abidjan,2023-01-01T03:00:00+01:00,5.3,-3.9,pm25,µg/m³,33.0
"""
HOURLY = """hour_start,pm25,co,rh,more
2023-01-01T00:00:00,12.300000001,0.5,,x
2023-01-01T01:00:00,,0.25,71.5,x
"""


def read(folder: Path, text: str, mapping: str, station: Station) -> Answer:
    file = folder / "hours.csv"
    file.write_text(text, encoding="utf-8")
    return read_hourly_file(file, mapping_of(mapping), station, NOW)


def test_openaqs_labels_name_the_end_of_the_hour(tmp_path: Path, station: Station) -> None:
    found = read(tmp_path, OPENAQ, "openaq", station)

    assert found.records == [
        (
            datetime(2023, 1, 1, 0, tzinfo=UTC),
            {"pm25": Decimal("35.1"), "pm10": Decimal("60.25")},
            False,
        ),
        (datetime(2023, 1, 1, 1, tzinfo=UTC), {"pm25": Decimal("33.0")}, False),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2023-01-01T05:00:00+00:00,5.3,-3.9,co,ppm,0.4", "co comes in 'ppm'"),
        ("2023-01-01T05:00:00+00:00,5.3,-3.9,bc,µg/m³,0.4", "no parameter 'bc'"),
        ("2023-01-01T05:00:00+00:00,5.3,-3.9,pm25,µg/m³,many", "'many' is no number"),
        ("2023-01-01T05:00:00+00:00,5.3,-3.9,pm25,µg/m³,1_2", "'1_2' is no number"),
        ("2023-01-01T05:00:00+00:00,5.3,-3.9,pm25,µg/m³,٣", "is no number"),
        ("2023-01-01T05:00:00+00:00,5.3,-3.9,pm25,µg/m³,NaN", "is no number"),
        ("2023-01-01T05:30:00+00:00,5.3,-3.9,pm25,µg/m³,4", "not the start of an hour"),
        ("soon,5.3,-3.9,pm25,µg/m³,4", "is no time"),
    ],
)
def test_rows_that_cannot_be_taken_are_refused_alone(
    tmp_path: Path, station: Station, line: str, reason: str
) -> None:
    found = read(tmp_path, f"{OPENAQ}2178,1,Abidjan,{line}\n", "openaq", station)

    assert len(found.records) == 2
    assert reason in next(iter(found.reasons))


def test_a_value_that_comes_twice_and_differs_marks_its_hour(
    tmp_path: Path, station: Station
) -> None:
    again = "2178,3916,Abidjan,2023-01-01T01:00:00+00:00,5.3,-3.9,pm25,μg/m³,{value}\n"

    same = read(tmp_path, OPENAQ + again.format(value="35.10"), "openaq", station)
    other = read(tmp_path, OPENAQ + again.format(value="36"), "openaq", station)

    assert [each.is_duplicate for each in same.records] == [False, False]
    assert [each.is_duplicate for each in other.records] == [True, False]
    assert other.records[0].values == {"pm25": Decimal(36), "pm10": Decimal("60.25")}
    assert (other.reasons, other.n_records) == ({REPLACED: 1}, 3)


def test_a_file_of_several_places_is_no_stations(tmp_path: Path, station: Station) -> None:
    two = OPENAQ + OPENAQ.splitlines()[1].replace("2178", "2179") + "\n"

    with pytest.raises(SourceError, match="holds 2 places: import each"):
        read(tmp_path, two, "openaq", station)


def test_a_packed_file_is_read_as_it_is(tmp_path: Path, station: Station) -> None:
    file = tmp_path / "location-2178-20230101.csv.gz"
    file.write_bytes(gzip.compress(OPENAQ.encode()))

    found = read_hourly_file(file, mapping_of("openaq"), station, NOW)

    assert len(found.records) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_marked_encoding_is_read_as_it_is(
    tmp_path: Path, station: Station, encoding: str
) -> None:
    """Catches: a spreadsheet's export, of which the first column seems to be missing."""
    file = tmp_path / "hours.csv"
    file.write_text(HOURLY, encoding=encoding)

    found = read_hourly_file(file, mapping_of("hourly"), station, NOW)

    assert len(found.records) == 2


def test_another_encoding_is_named(tmp_path: Path, station: Station) -> None:
    file = tmp_path / "hours.csv"
    for encoding in ("utf-16-le", "cp1252"):
        file.write_text(OPENAQ.replace("μ", "µ"), encoding=encoding)
        with pytest.raises(SourceError, match=r"hours\.csv is no text in UTF-8: save it"):
            read_hourly_file(file, mapping_of("openaq"), station, NOW)


def test_a_row_per_hour_keeps_every_digit(tmp_path: Path, station: Station) -> None:
    found = read(tmp_path, HOURLY, "hourly", station)

    assert [record.values for record in found.records] == [
        {"pm25": Decimal("12.300000001"), "co": Decimal("0.5")},
        {"co": Decimal("0.25"), "rh": Decimal("71.5")},
    ]


def test_hours_are_read_in_the_zone_of_the_source(tmp_path: Path, station: Station) -> None:
    found = read(tmp_path, HOURLY, "hourly", station._replace(label_zone="Europe/Rome"))

    assert found.records[0].hour_start == datetime(2022, 12, 31, 23, tzinfo=UTC)


def test_parquet_gives_the_same(tmp_path: Path, station: Station) -> None:
    frame = pl.DataFrame(
        {"hour_start": [datetime(2023, 1, 1, tzinfo=UTC)], "pm25": [12.3], "co": [None]}
    )
    frame.write_parquet(tmp_path / "hours.parquet")

    found = read_hourly_file(tmp_path / "hours.parquet", mapping_of("hourly"), station, NOW)

    assert found.records == [(datetime(2023, 1, 1, tzinfo=UTC), {"pm25": Decimal("12.3")}, False)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", "has no column datetime, parameter, value, units"),
        (OPENAQ.splitlines()[0] + "\n", "holds no hour at all"),
        ("", "is empty: there is nothing to ingest"),
    ],
)
def test_a_file_of_another_kind_is_a_sentence(
    tmp_path: Path, station: Station, text: str, sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence):
        read(tmp_path, text, "openaq", station)


def test_counts_of_a_sensor_are_no_averages(tmp_path: Path, station: Station) -> None:
    with pytest.raises(SourceError, match="UNIT_SUSPECT"):
        read(tmp_path, "hour_start,co\n2023-01-01T00:00:00,420\n", "hourly", station)


OWN = """[institute]
shape = "wide"
time = "Zeit"
label = "end"
parameters = { "Feinstaub" = "pm25" }
"""


def test_a_mapping_of_ones_own(tmp_path: Path, station: Station) -> None:
    file, hours = tmp_path / "mappings.toml", tmp_path / "hours.csv"
    file.write_text(OWN, encoding="utf-8")
    hours.write_text("Zeit,Feinstaub\n2023-01-01 01:00,9.5\n", encoding="utf-8")

    found = read_hourly_file(hours, mapping_of("institute", file), station, NOW)

    assert found.records == [(datetime(2023, 1, 1, tzinfo=UTC), {"pm25": Decimal("9.5")}, False)]
    assert mapping_of("openaq", file).is_long


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"pm25"', '"pm1"', "'pm1' is none of co"),
        ("wide", "long", "needs parameter, value, unit and units"),
        ("label =", "lable =", "did you mean 'label'"),
        ("[institute]", "x = 1\n[institute]", "valid dictionary"),
        ("[institute]", "[institute", "not valid TOML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    file = tmp_path / "mappings.toml"
    file.write_text(OWN.replace(old, new), encoding="utf-8")

    with pytest.raises(UsageError, match=sentence):
        mapping_of("institute", file)
    with pytest.raises(UsageError, match="cannot be read"):
        mapping_of("institute", tmp_path / "none.toml")
