"""Publishing while others read, write or crash: a week is always a whole week of one computation.

A trigger holds the writer between its DELETE and its INSERT for as long as the test holds a lock,
so that nothing depends on who is faster.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import cycle, islice
from time import monotonic, sleep

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from txplatform.connectors import postgres
from txplatform.connectors.period_tables import Replacement
from txplatform.domains.spend import publishing
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, weekly_page
from txplatform.serving.paging import every_row
from txplatform_tests.domains.spend.weekly_tables import NO_ROWS, computed_weeks

OLD = """
    week_start | department | division | total_amount
    2026-11-16 | Parks      | Trees    | 20.00
    2026-11-16 | Roads      | Bridges  | 30.00
    """
NEW = """
    week_start | department | division | total_amount
    2026-11-16 | Parks      | Trees    | 21.00
    2026-11-16 | Roads      | Signs    | 400.00
    2026-11-16 | Roads      | Tunnels  | 5000.00
    """
OTHER_WEEK = """
    week_start | department | division | total_amount
    2026-11-23 | Parks      | Trees    | 9.00
    """
OLD_TOTAL, NEW_TOTAL = (2, Decimal("50.00")), (3, Decimal("5421.00"))
WEEK, OTHER = date(2026, 11, 16), date(2026, 11, 23)
TOTAL = text("SELECT count(*), sum(total_amount) FROM weekly_transactions")

HOLD_INSERTS = """
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NEW; END $$;
    CREATE TRIGGER held BEFORE INSERT ON weekly_transactions
        FOR EACH ROW WHEN (NEW.week_start = '2026-11-16') EXECUTE FUNCTION hold();
"""
WAITING = text("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
TERMINATE = text("SELECT pg_terminate_backend(:pid, 10000)")

Published = dict[date, Replacement]


def _publish(engine: Engine, weeks: str, run_id: str) -> Published:
    return publishing.publish(engine, computed_weeks(weeks), run_id)


def _total(connection: Connection) -> tuple[int, Decimal]:
    count, amount = connection.execute(TOTAL).one()
    return count, amount


def _wait_for_waiting(engine: Engine, sessions: int) -> list[int]:
    """The sessions that wait for a lock, once there are so many of them."""
    deadline = monotonic() + 30
    with engine.connect() as connection:
        while len(found := list(connection.execute(WAITING).scalars())) < sessions:
            assert monotonic() < deadline, "nobody waits"
            connection.rollback()
            sleep(0.02)
    return found


@pytest.fixture
def published(engine: Engine) -> Engine:
    """A database whose table holds `OLD`, and in which nobody waits for ever."""
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {engine.url.database} SET lock_timeout = '60s'"))
    engine.dispose()
    _publish(engine, OLD, "old")
    return engine


@contextmanager
def held_between_delete_and_insert(engine: Engine) -> Iterator[Future[Published]]:
    """While it lasts, `NEW` is being published and has deleted what it replaces."""
    with engine.begin() as connection:
        connection.execute(text(HOLD_INSERTS))
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(42)"))
            writing = pool.submit(_publish, engine, NEW, "new")
            _wait_for_waiting(engine, 1)
            yield writing
        writing.exception()


def test_readers_see_the_old_week_until_the_new_one_is_whole(published: Engine) -> None:
    """Catches: a delete that is committed before the insert."""
    with published.connect() as reader:
        with held_between_delete_and_insert(published) as writing:
            assert _total(reader) == OLD_TOTAL
            reader.rollback()
        assert writing.result()[WEEK] == Replacement(3, 2, 0)

        assert _total(reader) == NEW_TOTAL


def test_a_reader_in_a_snapshot_keeps_its_week(published: Engine) -> None:
    """Catches: TRUNCATE or a swapped table, which a snapshot does not protect from."""
    repeatable = published.execution_options(isolation_level="REPEATABLE READ")
    with repeatable.connect() as reader:
        before = _total(reader)

        _publish(published, NEW, "new")

        assert _total(reader) == before == OLD_TOTAL
        reader.rollback()
        assert _total(reader) == NEW_TOTAL


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_no_reader_ever_sees_a_part(published: Engine, isolation: str) -> None:
    """Catches: a week that is replaced in several transactions."""
    reading = published.execution_options(isolation_level=isolation)
    turns = list(islice(cycle((NEW, OLD)), 21))
    with ThreadPoolExecutor(1) as pool, reading.connect() as reader:
        seen = {_total(reader)}
        writing = pool.submit(lambda: [_publish(published, weeks, "run") for weeks in turns])
        while not writing.done():
            reader.rollback()
            seen.add(_total(reader))
        writing.result()
        reader.rollback()
        seen.add(_total(reader))

    assert seen == {OLD_TOTAL, NEW_TOTAL}


def test_a_crash_between_delete_and_insert_leaves_the_old_week(published: Engine) -> None:
    """Catches: a week that a crash leaves empty, a lock that outlives its holder."""
    with held_between_delete_and_insert(published) as writing:
        [writer] = _wait_for_waiting(published, 1)
        with published.connect() as connection:
            connection.execute(TERMINATE, {"pid": writer})
        assert isinstance(writing.exception(30), OperationalError)

    with published.begin() as connection:
        assert _total(connection) == OLD_TOTAL
        history = text("SELECT count(*) FROM weekly_transactions_history")
        assert connection.execute(history).scalar_one() == 0
        run_id = text("SELECT run_id FROM computed_weeks WHERE week_start = '2026-11-16'")
        assert connection.execute(run_id).scalar_one() == "old"
    assert _publish(published, NEW, "again")[WEEK] == Replacement(3, 2, 0)


def test_two_runs_of_one_week_wait_for_each_other(published: Engine) -> None:
    """Catches: rows of both runs side by side, a key that both insert."""
    with ThreadPoolExecutor(1) as pool:
        with held_between_delete_and_insert(published) as first:
            second = pool.submit(_publish, published, NEW, "second")
            _wait_for_waiting(published, 2)
            assert not second.done()

        assert first.result()[WEEK] == Replacement(3, 2, 0)
        assert second.result()[WEEK] == Replacement(0, 0, 3)


def test_rows_that_had_to_wait_stand_since_they_were_written(published: Engine) -> None:
    """Catches: `now()`, the start of the transaction, when the rows of the other still stood."""
    with ThreadPoolExecutor(1) as pool:
        with held_between_delete_and_insert(published):
            waiting = pool.submit(_publish, published, OLD, "second")
            _wait_for_waiting(published, 2)
            with published.connect() as connection:
                released = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        waiting.result()

    with published.connect() as connection:
        written = connection.execute(text("SELECT min(computed_at) FROM weekly_transactions"))
        assert written.scalar_one() > released
        backwards = text("SELECT * FROM weekly_transactions_history WHERE valid_from >= valid_to")
        assert connection.execute(backwards).all() == []
        assert _total(connection) == OLD_TOTAL


def test_other_weeks_do_not_wait(published: Engine) -> None:
    """Catches: one lock for the whole table."""
    with held_between_delete_and_insert(published) as writing:
        done = _publish(published, OTHER_WEEK, "other")

        assert done == {OTHER: Replacement(1, 0, 0)}
        assert not writing.done()


def test_runs_over_the_same_weeks_cannot_block_each_other(published: Engine) -> None:
    """Catches: locks taken in the order in which the weeks come, a deadlock sooner or later."""
    weeks = computed_weeks(OLD) | computed_weeks(OTHER_WEEK)
    backwards = dict(reversed(weeks.items()))

    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(publishing.publish, published, order, "run")
            for order in (weeks, backwards) * 10
        ]

    assert all(run.exception() is None for run in runs)


def test_the_lock_ends_with_its_transaction(engine: Engine) -> None:
    with engine.begin() as connection:
        postgres.lock_weeks(connection, publishing.LOCK, WEEK)

    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '1s'"))
        postgres.lock_weeks(connection, publishing.LOCK, WEEK)


def test_an_export_of_many_rows_is_of_one_moment(engine: Engine, postgres_url: str) -> None:
    """Catches: an export whose pages are of different moments, with a week half old, half new."""
    names = [f"2026-11-16 | Roads | {n:05} | " for n in range(10_001)]
    old, new = ("\n".join([NO_ROWS, *(f"{one}{amount}" for one in names)]) for amount in (1, 2))
    _publish(engine, old, "old")
    reader, seen = postgres.connect(postgres_url), list[None]()

    @event.listens_for(reader, "checkout")
    def between_two_reads(*_: object) -> None:
        seen.append(None)
        if len(seen) == 2:
            _publish(engine, new, "new")

    rows = every_row(partial(weekly_page, reader, WeeklyFilter()))

    reader.dispose()
    assert set(rows["total_amount"].to_pylist()) == {Decimal("1.00")}
    assert rows.num_rows == len(names)
