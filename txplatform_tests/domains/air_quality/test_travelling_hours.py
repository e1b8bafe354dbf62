"""Hours on their way to a worker and back: the same to the last bit, whatever their order."""

from datetime import UTC, date, datetime

import numpy as np
from hypothesis import given

from txplatform.domains.air_quality.computation.network import packed, unpacked, worker
from txplatform.domains.air_quality.models.outcome import outcome_of
from txplatform.domains.air_quality.rules import Rules, load_levels
from txplatform.domains.air_quality.transforms.exact import ABSENT
from txplatform.domains.air_quality.transforms.hours import StationHours, as_table, from_table
from txplatform_tests.domains.air_quality.series import Values, hours_of, part_of, series

DAY = date(2026, 3, 1)


def said(hours: StationHours) -> tuple[object, ...]:
    """Everything that hours hold, comparable."""
    columns = {name: values.tolist() for name, values in hours.values.items()}
    marks = (hours.is_recorded, hours.is_partial, hours.is_duplicate)
    place = (hours.station_id, hours.zone, hours.hours.tolist())
    return *place, columns, *(mark.tolist() for mark in marks)


@given(values=series)
def test_they_come_back_as_they_were(values: Values) -> None:
    hours = hours_of(zone="Europe/Rome", pm25=values)

    assert said(from_table(as_table(hours))) == said(hours)


@given(values=series)
def test_their_order_does_not_matter(values: Values) -> None:
    """Catches: an engine that shuffles rows, which no group promises to keep in order."""
    hours = hours_of(pm25=values)
    table = as_table(hours)
    shuffled = table.take(np.random.default_rng(1).permutation(len(values)))

    assert said(from_table(shuffled)) == said(hours)


def test_what_is_absent_stays_absent() -> None:
    hours = hours_of(pm25=[None, "1.5", None])

    back = from_table(as_table(hours)).values

    assert (back["pm25"] == ABSENT).tolist() == [True, False, True]
    assert (back["co"] == ABSENT).all()


def test_a_worker_says_what_one_process_says(rules: Rules) -> None:
    hours = hours_of(pm25=[str(10 + n % 7) for n in range(48)], pm10=["30.5"] * 48)
    work = worker(rules, load_levels(), [DAY])

    sent = unpacked(packed(work(from_table(as_table(hours)))))

    here = outcome_of(hours, rules, load_levels(), [DAY])
    assert [part.equals(other) for part, other in zip(sent.rows, here.rows, strict=True)] == [
        True,
        True,
        True,
    ]
    assert sent.rows.daily.num_rows == 8


def test_only_the_newest_day_brings_what_comes_next(rules: Rules) -> None:
    hours = hours_of(pm25=[str(10 + n % 7) for n in range(48)])
    newest, older = date(2026, 3, 2), DAY

    with_newest = outcome_of(hours, rules, load_levels(), [older, newest])
    without = outcome_of(hours, rules, load_levels(), [older])

    assert without.ahead is None
    assert with_newest.ahead is not None
    ahead = with_newest.ahead["pm25"]
    assert [each.hour_start for each in ahead] == [
        datetime(2026, 3, 3, 0, tzinfo=UTC),
        datetime(2026, 3, 3, 1, tzinfo=UTC),
    ]
    assert with_newest.ahead["co"] == []
    assert with_newest.rows.daily.num_rows == 16
    assert without.rows.daily["local_date"].unique().to_pylist() == [older]


def test_no_hour_at_all_is_no_row(rules: Rules) -> None:
    hours = part_of(hours_of(pm25=["1.5"]), end=datetime(2020, 1, 1))

    outcome = outcome_of(hours, rules, load_levels(), [DAY])

    assert (outcome.rows.hourly.num_rows, outcome.rows.daily.num_rows) == (0, 0)
    assert outcome.ahead is None
