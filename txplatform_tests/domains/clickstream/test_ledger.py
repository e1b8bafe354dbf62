"""The job's hold on PostgreSQL: one job per topic, patience, and an end in order."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from txplatform.domains.clickstream.stream import replaying
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.job import MOST_RESTARTS, Failures, Job, Progress
from txplatform.domains.clickstream.stream.ledger import Heartbeat, Ledger
from txplatform.domains.clickstream.stream.query import QUERY_FILE, require_same_query
from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.errors import ServerError, SourceError, UsageError
from txplatform.settings import Settings
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import (
    TERMS,
    HandMade,
    address,
    compare,
    rows,
    shut,
    table_of,
)

STATE = "SELECT lag_events, rows_per_second, stopped_at IS NULL FROM clickstream.stream_jobs"


@contextmanager
def opened(engine: Engine, away_seconds: float = 60.0) -> Iterator[Ledger]:
    ledger = Ledger(address(engine), TERMS, away_seconds)
    try:
        yield ledger
    finally:
        ledger.close()


@pytest.fixture
def log() -> HandMade:
    made = HandMade()
    for number in range(6):
        made.add(0, number, number)
    return made


def test_a_second_job_of_a_topic_is_refused_and_the_first_goes_on(
    engine: Engine, log: HandMade, settings: Settings, tmp_path: Path
) -> None:
    with opened(engine) as first:
        assert first.open() == {}
        second = Job(settings, log, address(engine), tmp_path / "checkpoint")
        with pytest.raises(UsageError, match="Another job processes shop-events"):
            second.run(is_until_empty=True)
        assert rows(engine, STATE)[0][2], "that another was refused does not stop the first"
    with opened(engine) as third:
        third.open()


def test_a_query_that_is_lost_is_started_again_unless_nothing_helps() -> None:
    progress = Progress()
    failures, lost = Failures(progress), ServerError("The broker is away.")
    for _ in range(MOST_RESTARTS):
        failures.note(lost)
    assert progress.waits_because == "The broker is away."
    progress.note(Outcome(read=1))
    for _ in range(MOST_RESTARTS):
        failures.note(lost)

    with pytest.raises(ServerError, match="The broker is away"):
        failures.note(lost)


def test_events_of_another_topic_are_not_added_to_the_tables(
    engine: Engine, log: HandMade, settings: Settings, tmp_path: Path
) -> None:
    other = HandMade("another")
    job = Job(settings, other, address(engine), tmp_path / "checkpoint")
    with opened(engine) as first, closing(Ledger(address(engine), Terms("another"))) as second:
        first.open()
        first.process(table_of(log.lines[0]))
        with pytest.raises(UsageError, match="The tables hold the events of shop-events"):
            second.open()
        with pytest.raises(UsageError, match=r"A job processes .*: stop it"):
            replaying.forget(engine, job, other)
    shop.forget_results(engine)
    with closing(Ledger(address(engine), Terms("another"))) as second:
        assert second.open() == {}


def test_an_empty_database_does_not_begin_in_the_middle_where_an_old_checkpoint_stands(
    engine: Engine, log: HandMade
) -> None:
    with opened(engine) as ledger:
        assert ledger.open({0: 1, 1: 0}) == {0: 1, 1: 0}
        with pytest.raises(SourceError, match=r"offset 3 and 1 must come .* Delete the job's"):
            ledger.process(table_of(log.lines[0][3:]))
        assert ledger.process(table_of(log.lines[0][1:])).read == 5


def test_a_log_that_was_made_anew_is_not_taken_for_the_one_that_was_processed(
    engine: Engine, log: HandMade, settings: Settings, tmp_path: Path
) -> None:
    with opened(engine) as ledger:
        ledger.open()
        ledger.process(table_of(log.lines[0]))
    other = HandMade()
    for number in range(20):
        other.add(0, number, number + 0.5)
    job = Job(settings, other, address(engine), tmp_path / "checkpoint")

    with pytest.raises(SourceError, match="Line 5 of partition 0 of shop-events is not that which"):
        job.run(is_until_empty=True)


def test_where_postgresql_is_away_the_job_waits_and_nothing_is_lost(
    engine: Engine, log: HandMade
) -> None:
    with opened(engine) as ledger:
        ledger.open()
        ledger.process(table_of(log.lines[0][:2]))
        with shut(engine):
            outcomes: list[Outcome] = []
            work = threading.Thread(
                target=lambda: outcomes.append(ledger.process(table_of(log.lines[0][2:])))
            )
            work.start()
            time.sleep(2.5)
            assert outcomes == []
            assert "not currently accepting connections" in ledger.waits_because
        work.join(60)

        assert ([one.read for one in outcomes], ledger.waits_because) == ([4], "")
        assert ledger.positions() == {0: 6}
    assert compare(engine, log).differences == []


def test_where_postgresql_stays_away_the_job_ends_with_a_sentence(
    engine: Engine, log: HandMade
) -> None:
    with opened(engine, away_seconds=1.5) as ledger:
        ledger.open()
        with shut(engine), pytest.raises(ServerError, match="PostgreSQL stayed away"):
            ledger.process(table_of(log.lines[0]))


def test_a_job_that_was_closed_processes_nothing_more(engine: Engine, log: HandMade) -> None:
    ledger = Ledger(address(engine), TERMS)
    ledger.open()
    ledger.close()

    ledger.close()
    with opened(engine) as other:
        other.open()
        other.process(table_of(log.lines[0]))
    assert rows(engine, "SELECT count(*) FROM clickstream.events") == [(6,)]


def test_a_heartbeat_says_lag_and_speed_and_the_end(engine: Engine) -> None:
    with opened(engine) as ledger:
        ledger.open()
        with Heartbeat(address(engine), TERMS.topic) as heartbeat:
            heartbeat.beat(12, 3.44)
            assert [(a, float(b), c) for a, b, c in rows(engine, STATE)] == [(12, 3.4, True)]
        assert rows(engine, STATE)[0][2] is False
        ledger.open()
        assert rows(engine, STATE)[0][2] is True


@pytest.mark.parametrize(
    ("end", "runs_on"), [(KeyboardInterrupt, False), (SystemExit, False), (ServerError, True)]
)
def test_a_job_that_failed_is_not_said_to_have_been_stopped(
    engine: Engine, end: type[BaseException], runs_on: bool
) -> None:
    with opened(engine) as ledger:
        ledger.open()
        with pytest.raises(end), Heartbeat(address(engine), TERMS.topic):
            raise end
    assert rows(engine, STATE)[0][2] is runs_on


def test_a_heartbeat_that_reaches_nobody_is_let_pass(engine: Engine) -> None:
    with Heartbeat(address(engine), TERMS.topic) as heartbeat:
        with shut(engine):
            heartbeat.beat(1, 1.0)
        heartbeat.beat(2, 1.0)


def test_a_checkpoint_of_other_settings_is_refused_with_a_sentence(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    require_same_query(checkpoint, TERMS)
    require_same_query(checkpoint, TERMS)

    with pytest.raises(UsageError, match="belongs to another query"):
        require_same_query(checkpoint, Terms(currency="USD"))
    (checkpoint / QUERY_FILE).unlink()
    (checkpoint / "offsets").mkdir()
    with pytest.raises(UsageError, match="delete that folder"):
        require_same_query(checkpoint, TERMS)


def test_progress_counts_since_the_start_and_its_speed_is_recent() -> None:
    progress = Progress()
    assert progress.rows_per_second == 0
    progress.note(Outcome(read=10, late=1, refused=2))
    time.sleep(0.05)
    progress.note(Outcome(read=30, late=1))

    assert (progress.rows, progress.batches, progress.late, progress.refused) == (40, 2, 2, 2)
    assert 0 < progress.rows_per_second < 30 / 0.05
