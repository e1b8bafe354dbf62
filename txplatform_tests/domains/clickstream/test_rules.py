"""Alert rules: what is unusual, versions by event time, and corrections of what was said."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from txplatform.domains.clickstream import decisions
from txplatform.domains.clickstream.decisions import TooLateError
from txplatform.domains.clickstream.transforms.alerts import RuleVersion, bursts, valid_at, z_score
from txplatform.embedded.processes import wait_until
from txplatform.errors import UsageError
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import NOON, HandMade, compare, process, rows

ALERTS = "SELECT rule, version, key, window_start, is_active FROM clickstream.stream_alerts"


@pytest.mark.parametrize(
    ("x", "expected", "is_alarm"), [(25, 4.743, True), (21, 3.479, False), (22, 3.795, True)]
)
def test_chance_alone_is_no_alarm(x: int, expected: float, is_alarm: bool) -> None:
    score, usual = z_score(x, [10] * 12)

    assert (round(score, 3), usual) == (expected, 10)
    assert (score > 3.5) is is_alarm


def test_a_wide_spread_makes_the_unusual_usual() -> None:
    assert z_score(25, [2, 18] * 6)[0] < 3.5


def test_the_version_valid_at_the_start_judges() -> None:
    first = RuleVersion("RATE", 1, {}, NOON)
    second = RuleVersion("RATE", 2, {}, NOON + timedelta(hours=1))

    assert valid_at([first, second], "RATE", NOON - timedelta(seconds=1)) is None
    assert valid_at([first, second], "RATE", NOON + timedelta(minutes=59)) is first
    assert valid_at([first, second], "RATE", NOON + timedelta(hours=1)) is second


def test_a_burst_is_counted_from_any_start() -> None:
    at = [NOON + timedelta(seconds=s) for s in (50, 55, 109.999, 110)]

    assert dict(bursts(at)) == {NOON: 2, NOON + timedelta(minutes=1): 3}


def busy(log: HandMade, windows: int, per_window: int, first: int = 0) -> int:
    """So many views in each five minutes, one visit each; the number of the last event."""
    number = first * per_window
    for window in range(first, first + windows):
        for n in range(per_window):
            number += 1
            log.add(0, number, window * 300 + n, session_id=f"s-{number}")
    return number


def test_more_than_usual_is_told_on_final_windows_and_taken_back_by_a_correction(
    engine: Engine,
) -> None:
    log = HandMade()
    busy(log, 12, 10)
    number = busy(log, 1, 25, first=12)
    log.add(0, 900, 13 * 300 + 119, session_id="s-900")
    process(engine, log, 50)
    assert rows(engine, ALERTS) == []

    log.add(0, 901, 13 * 300 + 120, session_id="s-901")
    process(engine, log, 50)
    at = NOON + timedelta(minutes=60)
    assert rows(engine, ALERTS) == [("RATE", 1, "view FR", at, True)]

    for n in range(12 * 15):
        log.add(0, 1_000 + n, n // 15 * 300 + 200, session_id=f"late-{n}", after=5_000)
    process(engine, log, 500)
    assert rows(engine, ALERTS) == [("RATE", 1, "view FR", at, False)]
    assert compare(engine, log).differences == []
    assert number == 325


def test_silence_is_told_though_there_is_no_window(engine: Engine) -> None:
    log = HandMade()
    busy(log, 12, 30)
    log.add(0, 999, 14 * 300, type="add", session_id="s-999")
    process(engine, log, 1_000)

    at = NOON + timedelta(minutes=60)
    assert rows(engine, ALERTS) == [("SILENCE", 1, "view FR", at, True)]
    assert compare(engine, log).differences == []


def test_another_version_judges_what_starts_after_it_and_a_replay_says_the_same(
    engine: Engine,
) -> None:
    log = HandMade()
    busy(log, 12, 10)
    process(engine, log, 1_000)
    changed_from = NOON + timedelta(minutes=60)
    decisions.change_rule(engine, "RATE", {"z": 100.0}, changed_from, "Ada")
    busy(log, 1, 25, first=12)
    log.add(0, 999, 15 * 300, session_id="s-999")
    process(engine, log, 1_000)
    assert rows(engine, ALERTS) == []

    shop.forget_results(engine)
    process(engine, log, 20)
    assert rows(engine, ALERTS) == []
    assert compare(engine, log).differences == []


def test_a_version_for_windows_that_were_judged_is_refused(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 600)
    process(engine, log, 10)

    with pytest.raises(TooLateError, match="2026-01-05 12:08:00 were judged"):
        decisions.change_rule(engine, "RATE", {"z": 4.0}, NOON + timedelta(minutes=8), "Ada")
    added = decisions.change_rule(engine, "RATE", {"z": 4.0}, NOON + timedelta(minutes=9), "Ada")
    assert (added.version, added.changed_by) == (2, "Ada")


def test_a_version_waits_for_the_batch_that_is_judging_and_sees_its_watermark(
    engine: Engine,
) -> None:
    log = HandMade()
    busy(log, 3, 10)
    with (
        closing(shop.connect(engine)) as blocking,
        blocking.cursor() as cursor,
        ThreadPoolExecutor(2) as pool,
    ):
        cursor.execute("LOCK TABLE clickstream.stream_jobs IN SHARE ROW EXCLUSIVE MODE")
        batch = pool.submit(process, engine, log, 1_000)
        assert wait_until(lambda: is_waiting(engine, "stream_jobs"), 20)
        change = pool.submit(decisions.change_rule, engine, "RATE", {"z": 9.0}, NOON, "Ada")
        assert wait_until(lambda: is_waiting(engine, "pg_advisory_xact_lock("), 20)
        assert not change.done()
        blocking.rollback()

        assert batch.result()[0].accepted == 30
        with pytest.raises(TooLateError, match="2026-01-05 12:08:09 were judged"):
            change.result()


def is_waiting(engine: Engine, part: str) -> bool:
    """Whether a statement with such a part waits for a lock."""
    statement = (
        "SELECT query FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock'"
    )
    return any(part in query for (query,) in rows(engine, statement))


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("LUCK", {"z": 1.0}),
        ("RATE", {}),
        ("RATE", {"z": 0.0}),
        ("RATE", {"z": float("nan")}),
        ("RATE", {"z": 3.0, "more": 1.0}),
        ("VELOCITY", {"most_events": 9.0}),
    ],
)
def test_what_is_no_rule_is_refused(engine: Engine, code: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        decisions.change_rule(engine, code, parameters, datetime(2030, 1, 1, tzinfo=UTC), "Ada")
    assert len(decisions.rules(engine)) == 4
