"""Quality flags: each rule at its edge, and the harder ones against loops."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.air_quality.rules import Rules, load_rules
from txplatform.domains.air_quality.transforms.flags import (
    INVALID,
    Flag,
    counts_per_day,
    flag_hours,
    is_valid,
    names_of,
)
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform_tests.domains.air_quality import plain
from txplatform_tests.domains.air_quality.series import Values, hours_of, tenths

RULES = load_rules()
NO_FLAG = Flag(0)


def flags_of(name: str, hours: StationHours) -> list[Flag]:
    return [Flag(int(bits)) for bits in flag_hours(hours, RULES)[name]]


def first_flag(name: str, value: str) -> Flag:
    return flags_of(name, hours_of(values={name: [value]}))[0]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("co", "50", NO_FLAG),
        ("co", "50.0000000000001", Flag.RANGE),
        ("co", "-5", Flag.NEGATIVE),
        ("co", "-5.1", Flag.RANGE | Flag.NEGATIVE),
        ("co", "-0.2", NO_FLAG),
        ("co", "-0.2000000000001", Flag.NEGATIVE),
        ("co", "0.0", Flag.CLAMPED),
        ("o3", "-10", NO_FLAG),
        ("o3", "-10.01", Flag.NEGATIVE),
        ("o3", "0", Flag.CLAMPED),
        ("no2", "1000.1", Flag.RANGE),
        ("pm25", "-2", NO_FLAG),
        ("pm25", "-2.1", Flag.NEGATIVE),
        ("pm25", "0", NO_FLAG),  # clean air is not clamped
        ("pm10", "1000", NO_FLAG),
        ("rh", "100", NO_FLAG),
        ("rh", "100.1", Flag.RANGE),
        ("t_ext", "-20.5", Flag.RANGE),
        ("t_int_raw", "0", Flag.RANGE),
        ("t_int_raw", "4095", NO_FLAG),
    ],
)
def test_ranges_and_negatives_at_their_edges(name: str, value: str, expected: Flag) -> None:
    assert first_flag(name, value) == expected


@pytest.mark.parametrize(
    ("fine", "coarse", "expected"),
    [("11", "10", NO_FLAG), ("11.0000000000001", "10", Flag.PM_ORDER), ("1", None, NO_FLAG)],
)
def test_fine_particles_are_a_part_of_all(fine: str, coarse: str | None, expected: Flag) -> None:
    hours = hours_of(pm25=[fine], pm10=[coarse])

    assert flags_of("pm25", hours)[0] == expected
    if coarse:
        assert flags_of("pm10", hours)[0] == expected


@pytest.mark.parametrize(
    ("rh", "expected"), [("85", NO_FLAG), ("85.1", Flag.HUMID), (None, NO_FLAG)]
)
def test_damp_air_makes_particles_suspect_and_gases_not(rh: str | None, expected: Flag) -> None:
    hours = hours_of(pm25=[5], co=["0.5"], rh=[rh])

    assert (flags_of("pm25", hours)[0], flags_of("co", hours)[0]) == (expected, NO_FLAG)


def test_what_is_absent_is_a_gap_and_nothing_else() -> None:
    assert flags_of("pm25", hours_of(pm25=[None], rh=[90])) == [Flag.GAP]


@pytest.mark.parametrize("length", [5, 6, 9])
def test_a_sensor_that_is_stuck_is_flat_for_the_whole_run(length: int) -> None:
    found = flags_of("t_ext", hours_of(t_ext=[20, *["21.5"] * length, 22]))

    expected = Flag.FLAT if length >= 6 else NO_FLAG
    assert found == [NO_FLAG, *[expected] * length, NO_FLAG]


def test_a_gap_ends_a_run() -> None:
    found = flags_of("t_ext", hours_of(t_ext=[*[21] * 5, None, *[21] * 5]))

    assert Flag.FLAT not in found


@given(st.lists(st.none() | st.integers(1, 3), max_size=40))
def test_runs_against_a_loop(values: list[int | None]) -> None:
    hours = hours_of(t_ext=values or [None])
    expected = plain.flat([None if v is None else Decimal(v) for v in values or [None]], 6)

    assert [bool(flag & Flag.FLAT) for flag in flags_of("t_ext", hours)] == expected


@given(
    noise=st.lists(st.none() | tenths, min_size=40, max_size=80),
    leap=st.integers(0, 400).map(lambda tenth: Decimal(tenth).scaleb(-1)),
)
def test_spikes_against_a_loop(noise: list[Decimal | None], leap: Decimal) -> None:
    values = [*noise[:-1], leap, noise[-1]]
    hours = hours_of(t_ext=[None if v is None else v / 10 for v in values])
    expected = [
        plain.spike([None if v is None else v / 10 for v in values], at)
        for at in range(len(values))
    ]

    assert [bool(flag & Flag.SPIKE) for flag in flags_of("t_ext", hours)] == expected


def sawtooth(length: int) -> list[str]:
    return [f"{10 + at % 2 / 10:.1f}" for at in range(length)]


@pytest.mark.parametrize(
    ("before", "leap", "back", "expected"),
    [
        (41, "12", "10.0", True),
        (21, "12", "10.0", False),  # too few steps to know what is usual
        (41, "10.3", "10.0", False),  # not five deviations
        (41, "12", "11.5", False),  # it does not come back
        (41, "8", "10.0", True),  # downwards too
    ],
)
def test_a_leap_and_back_is_a_spike(before: int, leap: str, back: str, expected: bool) -> None:
    hours = hours_of(pm25=[*sawtooth(before), leap, back])

    assert bool(flags_of("pm25", hours)[before] & Flag.SPIKE) == expected


def test_a_spike_is_kept() -> None:
    spike, humid, twice = (np.array([flag], np.uint16) for flag in (128, 256, 64))

    assert all(is_valid(flags)[0] for flags in (spike, humid, twice))


def test_the_running_hour_is_invalid_and_a_double_one_suspect(rules: Rules) -> None:
    hours = hours_of(pm25=[5, 6])
    marked = StationHours(
        hours.station_id,
        hours.zone,
        hours.hours,
        hours.values,
        hours.is_recorded,
        np.array([False, True]),
        np.array([True, False]),
    )

    found = flag_hours(marked, rules)["pm25"]

    assert [Flag(int(bits)) for bits in found] == [Flag.DUPLICATE, Flag.PARTIAL]
    assert list(is_valid(found)) == [True, False]


def test_values_are_never_changed() -> None:
    hours = hours_of(co=["-3", "0", "60"])
    before = hours.values["co"].copy()

    flag_hours(hours, RULES)

    assert (hours.values["co"] == before).all()


def test_flags_are_counted_by_local_day() -> None:
    values: Values = [5, *[-3] * 2, *range(10, 45)]
    hours = hours_of(pm25=values)

    counts = counts_per_day(hours, flag_hours(hours, RULES)["pm25"])

    assert {name: list(column) for name, column in counts.items()} == {"NEGATIVE": [2, 0]}


def test_codes_are_written_in_order() -> None:
    assert names_of(int(Flag.HUMID | Flag.RANGE)) == ["RANGE", "HUMID"]
    assert names_of(0) == []
    assert not INVALID & (Flag.SPIKE | Flag.HUMID | Flag.DUPLICATE)
