"""Records of an answer: each hour once, what is refused and why."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from txplatform.domains.air_quality.sources.answers import read_answer
from txplatform.domains.air_quality.sources.records import MOST_REASONS, REPLACED, Answer
from txplatform.domains.air_quality.sources.stations import Station
from txplatform_tests.domains.air_quality.conftest import NOW
from txplatform_tests.domains.air_quality.network import hours, record


def read(station: Station, *records: Any) -> Answer:
    return read_answer(hours(*records), station, NOW)


def test_a_bare_list_of_hours_is_an_answer_too(station: Station) -> None:
    answer = read_answer(json.dumps([record("2023-12-06 16:00:00", pm25=1.5)]), station, NOW)

    assert (len(answer.records), answer.header) == (1, None)


def test_what_is_null_or_not_there_is_absent(station: Station) -> None:
    answer = read(station, record("2023-12-06 16:00:00", pm25=None, co=0.5))

    assert answer.records[0].values == {"co": Decimal("0.5")}


def test_equal_twins_are_one(station: Station) -> None:
    twin = record("2023-12-06 16:00:00", pm25=1.5)

    answer = read(station, twin, twin)

    assert (len(answer.records), answer.repeated, answer.n_records) == (1, 1, 2)
    assert not answer.records[0].is_duplicate


def test_of_different_twins_the_last_stands_and_is_marked(station: Station) -> None:
    answer = read(
        station,
        record("2023-12-06 16:00:00", pm25=1.5),
        record("2023-12-06 16:00:00", pm25=2.5),
        record("2023-12-06 16:00:00", pm25=2.5),
    )

    (found,) = answer.records
    assert (found.values["pm25"], found.is_duplicate) == (Decimal("2.5"), True)
    assert (answer.n_records, answer.repeated, answer.reasons) == (3, 1, {REPLACED: 1})


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "no object"),
        ({"CO": 1.5}, "None is no time"),
        (record("2023-13-06 16:00:00"), "is no time"),
        (record("2023-12-06 16:30:00"), "not the start of an hour"),
        (record("2023-12-06 18:00:00"), "lies in the future"),
        (record("2023-12-06 16:00:00", co="0.5"), "'0.5' is no number"),
        (record("2023-12-06 16:00:00", co=True), "True is no number"),
        (record("2023-12-06 16:00:00", co=1e9), "larger than any sensor's value"),
        (record("2023-12-06 16:00:00", co=-1e300), "larger than any sensor's value"),
    ],
)
def test_a_record_that_cannot_be_taken_is_refused_alone(
    station: Station, entry: Any, reason: str
) -> None:
    answer = read(station, entry, record("2023-12-06 15:00:00", pm25=1.5))

    assert len(answer.records) == 1
    assert reason in next(iter(answer.reasons))
    assert answer.n_records == 2


@pytest.mark.parametrize("written", ["0." + "1" * 35, "1e-9999999", "0e9999999"])
def test_a_number_that_no_store_can_hold_is_refused(station: Station, written: str) -> None:
    """Catches: one value of a year's answer that ends the whole fetch."""
    text = hours(record("2023-12-06 16:00:00", co=1), record("2023-12-06 15:00:00", pm25=1.5))

    answer = read_answer(text.replace('"CO": 1', f'"CO": {written}'), station, NOW)

    assert len(answer.records) == 1
    assert "more digits than can be kept" in next(iter(answer.reasons))


def test_the_beginning_of_time_has_no_hour_before_it(station: Station) -> None:
    east = station._replace(label_zone="Europe/Rome")
    answer = read_answer(hours(record("0001-01-01 00:00:00", pm25=1.5)), east, NOW)

    assert answer.reasons == {"'0001-01-01 00:00:00' is no time": 1}


def test_of_many_reasons_the_most_frequent_are_kept(station: Station) -> None:
    answer = read(station, *({"timestamp": f"hour {n // 2}"} for n in range(99)))

    found = answer.reasons

    assert len(answer.refusals) == 99
    assert (len(found), found["'hour 0' is no time"]) == (MOST_REASONS, 2)


def test_the_running_hour_is_no_future(station: Station) -> None:
    answer = read(station, record("2023-12-06 17:00:00", pm25=1.5))

    assert answer.records[0].hour_start == datetime(2023, 12, 6, 17, tzinfo=UTC)


def test_the_header_is_read_and_needs_not_be_there(station: Station) -> None:
    there = read(station, record("2023-12-06 16:00:00", pm25=1.5)).header

    assert there == ("SMART188", 5.36, -3.98)
    for latitude in ("north", "Infinity", "nan", None):
        header = {"station_name": "SMART188", "station_lat": latitude, "station_lon": 0}
        text = hours(record("2023-12-06 16:00:00", pm25=1.5), header=header)
        assert read_answer(text, station, NOW).header is None


def test_where_clocks_go_back_the_second_label_is_the_later_hour(station: Station) -> None:
    """Catches: a source that writes local time, and loses an hour of each autumn."""
    labels = ("2023-10-29 01:00:00", "2023-10-29 02:00:00", "2023-10-29 02:00:00")
    rome = station._replace(label_zone="Europe/Rome")

    answer = read(rome, *(record(label, pm25=1.5 + n) for n, label in enumerate(labels)))

    assert [(each.hour_start, each.values["pm25"]) for each in answer.records] == [
        (datetime(2023, 10, 28, 23, tzinfo=UTC), Decimal("1.5")),
        (datetime(2023, 10, 29, 0, tzinfo=UTC), Decimal("2.5")),
        (datetime(2023, 10, 29, 1, tzinfo=UTC), Decimal("3.5")),
    ]
    assert (answer.repeated, any(each.is_duplicate for each in answer.records)) == (0, False)
