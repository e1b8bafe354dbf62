"""Windows, carts and the funnel in plain Python, by examples that one can count by hand."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from txplatform.domains.clickstream.transforms import alerts, lines, tables
from txplatform.domains.clickstream.transforms.alerts import RuleVersion
from txplatform.domains.clickstream.transforms.lines import Event, Partition, Terms
from txplatform_tests.domains.clickstream.shop import NOON, TERMS, HandMade

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PATIENCE = 30 * MINUTE


def act(minutes: float, kind: str = "view", **changes: Any) -> Event:
    """Something that a shopper did so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    event = Event(0, 0, UUID(int=1), at, kind, "c-1", "s-1", "p-1", 1, Decimal("5.00"), "EUR", "FR")
    return event._replace(**changes)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0, 0), (4.999, 0), (5, 5), (59.999, 55), (60, 60), (-0.001, -5)]
)
def test_a_window_holds_its_start_and_not_its_end(minutes: float, expected: int) -> None:
    found = tables.floor(NOON + timedelta(minutes=minutes), 5)

    assert found == NOON + timedelta(minutes=expected)


def test_a_window_counts_events_and_each_visit_once() -> None:
    events = [act(0), act(1), act(2, session_id="s-2", is_late=True), act(3, country="DE")]

    found = tables.windows(events, NOON + 5 * MINUTE)

    assert found[5, NOON, "view", "FR"] == (3, 2, Decimal("15.00"), 1, True)
    assert found[1, NOON + MINUTE, "view", "FR"] == (1, 1, Decimal("5.00"), 0, True)
    assert found[60, NOON, "view", "DE"] == (1, 1, Decimal("5.00"), 0, False)
    assert len(found) == 2 * 2 + 4


@pytest.mark.parametrize(
    ("visit", "watermark", "expected"),
    [
        ([act(0, "add")], 29.999, "open"),
        ([act(0, "add")], 30, "abandoned"),
        ([act(0, "add"), act(10, "purchase")], 5, "purchased"),
        ([act(0, "add"), act(29.999, "purchase")], 60, "purchased"),
        ([act(0, "add"), act(30, "purchase")], 29, "open"),
        ([act(0, "add"), act(30, "purchase")], 60, "recovered"),
        ([act(0, "add"), act(10, "checkout"), act(39, "purchase")], 60, "purchased"),
        ([act(0, "add"), act(1, "remove")], 60, "emptied"),
        ([act(0, "add", quantity=2), act(1, "remove")], 60, "abandoned"),
        ([act(0, "add"), act(5, "purchase"), act(6, "add")], 60, "abandoned"),
        ([act(0, "purchase"), act(5, "add"), act(6, "purchase")], 60, "purchased"),
    ],
)
def test_a_cart_is_what_became_of_its_last_touch(
    visit: list[Event], watermark: float, expected: str
) -> None:
    found = tables.cart(visit, NOON + timedelta(minutes=watermark), PATIENCE)

    assert found[-2] == expected
    assert (found[-1] is not None) == (expected in {"abandoned", "recovered"})


def test_a_visit_that_only_looks_has_no_cart() -> None:
    assert tables.carts({"s-1": [act(0), act(1, "purchase")]}, NOON, PATIENCE) == {}


@pytest.mark.parametrize(
    ("kinds", "steps", "is_out_of_order"),
    [
        (["view", "add", "checkout", "purchase"], 4, False),
        (["view"], 1, False),
        (["add", "view"], 1, True),
        (["add", "view", "add"], 2, False),
        (["view", "checkout"], 1, True),
        (["view", "add", "purchase"], 2, True),
        (["remove"], 0, False),
        (["purchase", "checkout", "add", "view"], 1, True),
    ],
)
def test_a_step_counts_at_or_after_the_one_before(
    kinds: list[str], steps: int, is_out_of_order: bool
) -> None:
    reached, is_skipped = tables.steps([act(n, kind) for n, kind in enumerate(kinds)])

    assert (len(reached), is_skipped) == (steps, is_out_of_order)


def test_steps_at_the_same_moment_are_in_order() -> None:
    assert len(tables.steps([act(0, "add"), act(0, "view")])[0]) == 2


def test_the_watermark_is_that_of_the_slowest_partition_that_speaks() -> None:
    fast = Partition(newest=NOON + 10 * MINUTE, arrived=NOON + 10 * MINUTE)
    slow = Partition(newest=NOON, arrived=NOON + 6 * MINUTE)
    silent = Partition(newest=NOON - HOUR, arrived=NOON + 4 * MINUTE)
    nothing = Partition(arrived=NOON + 10 * MINUTE)

    assert lines.watermark([fast, slow, silent, nothing], TERMS) == NOON - 2 * MINUTE
    assert lines.watermark([nothing], TERMS) is None
    assert lines.watermark([], TERMS) is None


def test_the_same_id_is_a_repetition_or_a_conflict_in_its_partition_only() -> None:
    log = HandMade()
    log.add(0, 1, 0)
    log.add(0, 1, 0)
    log.add(0, 1, 0, country="DE")
    log.add(1, 1, 0)
    found = lines.read([line for part in log.lines.values() for line in part], TERMS)

    counts = found.partitions[0].counts
    assert (counts["accepted"], counts["duplicate"], counts["conflict"]) == (1, 1, 1)
    assert found.partitions[1].counts["accepted"] == 1
    assert [event.country for event in found.conflicts] == ["DE"]


def test_a_conflict_does_not_move_the_clock() -> None:
    log = HandMade()
    log.add(0, 1, 0)
    log.add(0, 1, 250)
    log.add(0, 2, 60)

    found = lines.read(log.lines[0], Terms(lateness=timedelta(seconds=60)))

    assert [event.is_late for event in found.events] == [False, False]


def decided(hours: dict[int, tuple[int, int]]) -> dict[tuple[Any, ...], tuple[int, int]]:
    return {(NOON + hour * HOUR,): counts for hour, counts in hours.items()}


@pytest.mark.parametrize(
    ("before", "counts", "is_alarm"),
    [
        (12, (30, 14), True),
        (12, (30, 13), False),
        (12, (29, 29), False),
        (11, (30, 30), False),
    ],
)
def test_many_carts_left_are_an_alarm_against_the_day_before(
    before: int, counts: tuple[int, int], is_alarm: bool
) -> None:
    hours = decided({-n: (10, 3) for n in range(1, before + 1)} | {0: counts})
    parameters = {"factor": 1.5, "least_carts": 30}
    rule = RuleVersion("ABANDON", 1, parameters, NOON - 100 * HOUR)

    found = alerts.abandoned(hours, NOON + HOUR, [rule])

    assert (("ABANDON", 1, "shop", NOON) in found) is is_alarm
    assert alerts.abandoned(hours, NOON + HOUR - MINUTE, [rule]) == {}


@pytest.mark.parametrize(("events", "is_alarm"), [(30, False), (31, True)])
def test_faster_than_a_person_is_more_than_thirty_events_in_a_minute(
    events: int, is_alarm: bool
) -> None:
    visit = [act(0.5 + n * 59.9 / 60 / events) for n in range(events)]
    rule = RuleVersion("VELOCITY", 1, {"most_events": 30}, NOON - HOUR)

    found = alerts.velocity({"s-1": visit}, NOON + HOUR, [rule])

    assert bool(found) is is_alarm


def test_four_weeks_before_count_more_than_the_last_two_hours() -> None:
    week = timedelta(days=7)
    counts = {NOON - n * week: 40 for n in (1, 2, 3)} | {NOON: 40}
    counts |= {NOON - n * 5 * MINUTE: 5 for n in range(1, 25)}
    windows: tables.Rows = {(5, at, "view", "FR"): (n, n, 0, 0, True) for at, n in counts.items()}
    rule = RuleVersion("RATE", 1, {"z": 3.5}, NOON - 5 * week)

    def found(first: int) -> bool:
        judged = alerts.activity(windows, NOON - first * week, NOON + HOUR, [rule])
        return ("RATE", 1, "view FR", NOON) in judged

    assert not found(3)
    assert found(2), "with two weeks only, the windows before decide"
