"""What a batch does to the tables: positions, lateness, corrections, carts; all or nothing."""

from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine

from txplatform.domains.clickstream.sources import event
from txplatform.domains.clickstream.sources.sample import BROKEN_LINES
from txplatform.domains.clickstream.stream import batch
from txplatform.errors import ReconciliationError, SourceError
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import NOON, TERMS, HandMade, compare, process, rows

MINUTE = 60
CART = "SELECT status, abandoned_at FROM clickstream.carts WHERE session_id = 's-1'"
HISTORY = "SELECT status FROM clickstream.carts_history ORDER BY history_id"
DUE = NOON + timedelta(minutes=30)


def test_a_batch_that_comes_again_is_seen_and_skipped(engine: Engine) -> None:
    log = HandMade()
    for number in range(5):
        log.add(0, number, number)
    with closing(shop.connect(engine)) as opened:
        once = batch.process(opened, shop.table_of(log.lines[0][:3]), TERMS)
        again = batch.process(opened, shop.table_of(log.lines[0]), TERMS)

    assert (once.read, once.skipped) == (3, 0)
    assert (again.read, again.skipped) == (2, 3)
    assert compare(engine, log).differences == []


def test_a_lost_batch_is_a_gap_and_a_sentence(engine: Engine) -> None:
    log = HandMade()
    for number in range(5):
        log.add(0, number, number)
    with closing(shop.connect(engine)) as opened:
        batch.process(opened, shop.table_of(log.lines[0][:1]), TERMS)
        with pytest.raises(SourceError, match="continues at offset 3 and 1 must come"):
            batch.process(opened, shop.table_of(log.lines[0][3:]), TERMS)
        with pytest.raises(SourceError, match="1 more are missing"):
            batch.process(opened, shop.table_of([log.lines[0][1], log.lines[0][3]]), TERMS)

    assert rows(engine, "SELECT next_offset FROM clickstream.stream_positions") == [(1,)]


def test_a_batch_that_fails_leaves_nothing(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add")
    with closing(shop.connect(engine)) as opened:
        with opened, opened.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE clickstream.funnel_hourly ADD CONSTRAINT many CHECK (n_add > 100)"
            )
        with pytest.raises(psycopg2.IntegrityError):
            batch.process(opened, shop.table_of(log.lines[0]), TERMS)
        with opened, opened.cursor() as cursor:
            cursor.execute("ALTER TABLE clickstream.funnel_hourly DROP CONSTRAINT many")

    counts = (
        "SELECT (SELECT count(*) FROM clickstream.events), "
        "(SELECT count(*) FROM clickstream.stream_positions), "
        "(SELECT count(*) FROM clickstream.activity_windows)"
    )
    assert rows(engine, counts) == [(0, 0, 0)]


def test_a_batch_that_loses_a_line_fails_and_leaves_nothing(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0)
    log.add(0, 2, 1)
    with closing(shop.connect(engine)) as opened:
        with opened, opened.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION pg_temp.lose() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER lose BEFORE INSERT ON accepted "
                'FOR EACH ROW WHEN (NEW."offset" = 1) EXECUTE FUNCTION pg_temp.lose()'
            )
        with pytest.raises(ReconciliationError, match="A batch of the log"):
            batch.process(opened, shop.table_of(log.lines[0]), TERMS)

    assert rows(engine, "SELECT count(*) FROM clickstream.stream_positions") == [(0,)]


def test_every_line_is_accounted_for_and_poison_stops_nothing(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0)
    log.add(0, 1, 0)
    log.add(0, 1, 0, quantity=2)
    log.add(0, 2, 0, event_time="2099-01-01T00:00:00.000Z")
    for _, value in BROKEN_LINES:
        log.say(0, value, NOON)
    log.add(0, 3, 300)

    (outcome,) = process(engine, log, 100)

    assert (outcome.read, outcome.accepted, outcome.duplicate, outcome.conflict) == (11, 2, 1, 1)
    assert (outcome.refused, outcome.late) == (7, 0)
    assert outcome.watermark == NOON + timedelta(minutes=3)
    assert rows(engine, 'SELECT "offset", quantity FROM clickstream.event_conflicts') == [(2, 2)]
    assert compare(engine, log).differences == []


@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=30))
@examples(max_examples=10)
def test_any_text_that_is_taken_comes_back_from_postgresql(
    kept_engine: Engine, names: list[str]
) -> None:
    shop.empty(kept_engine)
    log = HandMade()
    for number, name in enumerate(names):
        log.add(0, number, number, customer_id=name)
    (outcome,) = process(kept_engine, log, 100)

    kept = rows(kept_engine, 'SELECT customer_id FROM clickstream.events ORDER BY "offset"')
    assert [name for (name,) in kept] == [n for n in names if not event.UNSTORABLE.search(n)]
    assert outcome.refused == len(names) - len(kept)


def test_late_is_behind_the_newest_at_lower_offsets_of_the_partition(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 300)
    log.add(0, 2, 180)
    log.add(0, 3, 179.999, after=200)
    log.add(1, 4, 0, after=400)

    process(engine, log, 2)

    late = 'SELECT partition, "offset", late_by_seconds FROM clickstream.events WHERE is_late'
    assert [(p, o, float(s)) for p, o, s in rows(engine, late)] == [(0, 2, 120.001)]


def test_a_late_event_corrects_its_final_window_and_what_was_said_is_kept(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0)
    log.add(0, 2, 600)
    process(engine, log, 10)
    log.add(0, 3, 30, session_id="s-2", after=900)
    process(engine, log, 10)

    window = (
        "SELECT n_events, n_sessions, n_late, is_final, revision FROM clickstream.{table} "
        "WHERE window_minutes = 5 AND window_start = '2026-01-05 12:00Z'"
    )
    assert rows(engine, window.format(table="activity_windows")) == [(2, 2, 1, True, 1)]
    assert rows(engine, window.format(table="activity_windows_history")) == [(1, 1, 0, True, 0)]
    assert compare(engine, log).differences == []


@pytest.mark.parametrize(
    ("bought_after", "status", "abandoned_at"),
    [
        (29 * MINUTE + 59, "purchased", None),
        (30 * MINUTE, "recovered", DUE),
        (None, "abandoned", DUE),
    ],
)
def test_half_an_hour_decides_about_a_cart(
    engine: Engine, bought_after: float | None, status: str, abandoned_at: Any
) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add")
    if bought_after is not None:
        log.add(0, 2, bought_after, type="purchase")
    log.add(0, 3, 32 * MINUTE, session_id="s-2")

    process(engine, log, 1)

    assert rows(engine, CART) == [(status, abandoned_at)]
    assert compare(engine, log).differences == []


def test_a_cart_is_open_until_the_watermark_passes(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add")
    log.add(0, 2, 32 * MINUTE - 0.001, session_id="s-2")
    process(engine, log, 10)
    assert rows(engine, CART) == [("open", None)]

    log.add(0, 3, 32 * MINUTE, session_id="s-2")
    process(engine, log, 10)
    assert rows(engine, CART) == [("abandoned", DUE)]


def test_a_purchase_in_time_that_arrives_late_takes_the_abandonment_back(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add")
    log.add(0, 2, 40 * MINUTE, session_id="s-2")
    process(engine, log, 10)
    log.add(0, 3, 10 * MINUTE, type="purchase", after=2_400)
    process(engine, log, 10)

    assert rows(engine, CART) == [("purchased", None)]
    assert rows(engine, HISTORY) == [("abandoned",)]
    assert rows(engine, "SELECT n_decided, n_abandoned FROM clickstream.carts_hourly") == [(1, 0)]
    assert compare(engine, log).differences == []


def test_a_partition_that_is_silent_does_not_hold_the_carts_back(engine: Engine) -> None:
    log = HandMade()
    log.add(1, 1, 0)
    log.add(0, 2, 0, type="add")
    log.add(0, 3, 33 * MINUTE, session_id="s-2")
    process(engine, log, 10)

    assert rows(engine, CART) == [("abandoned", DUE)]
    assert compare(engine, log).differences == []


def test_carts_fall_due_in_a_batch_without_events(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add")
    log.add(0, 2, 40 * MINUTE, session_id="s-2")
    log.add(1, 3, 38 * MINUTE, session_id="s-3", after=2 * MINUTE)
    log.add(2, 4, 1 * MINUTE, session_id="s-4", after=39 * MINUTE)
    process(engine, log, 10)
    assert rows(engine, CART) == [("open", None)]

    log.say(0, b"no event", NOON + timedelta(minutes=46))
    (outcome,) = process(engine, log, 10)[-1:]
    assert (outcome.accepted, outcome.refused) == (0, 1)
    assert rows(engine, CART) == [("abandoned", DUE)]
    assert compare(engine, log).differences == []


def test_what_is_taken_out_again_is_no_cart(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add", quantity=2, amount="20.00")
    log.add(0, 2, 10, type="remove", quantity=2, amount="20.00")
    log.add(0, 3, 40 * MINUTE, session_id="s-2")
    process(engine, log, 10)

    assert rows(engine, CART) == [("emptied", None)]
    assert rows(engine, "SELECT count(*) FROM clickstream.carts_hourly") == [(0,)]


def test_a_second_cart_of_a_visit_begins_after_the_purchase(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add", amount="10.00")
    log.add(0, 2, 60, type="purchase", amount="10.00")
    log.add(0, 3, 120, type="add", amount="7.00")
    log.add(0, 4, 60 * MINUTE, session_id="s-2")
    process(engine, log, 2)

    value = "SELECT items_added, value::text, status FROM clickstream.carts"
    assert rows(engine, value) == [(1, "7.00", "abandoned")]
    assert compare(engine, log).differences == []


def test_funnel_counts_never_rise_and_skipped_steps_are_told(engine: Engine) -> None:
    log = HandMade()
    for number, kind in enumerate(("view", "add", "checkout", "purchase")):
        log.add(0, number, number, type=kind)
    log.add(0, 10, 5, type="purchase", session_id="s-2")
    log.add(0, 11, 7, type="add", session_id="s-3")
    log.add(0, 12, 8, type="view", session_id="s-3")
    process(engine, log, 2)

    funnel = (
        "SELECT n_view, n_add, n_checkout, n_purchase, n_out_of_order "
        "FROM clickstream.funnel_hourly"
    )
    assert rows(engine, funnel) == [(2, 1, 1, 1, 2)]
    assert compare(engine, log).differences == []
