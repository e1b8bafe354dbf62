"""A job on Spark: killed at both spots of a commit, robbed of its checkpoint, fed with poison."""

import re
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from sqlalchemy import Engine

from txplatform import embedded, migrations
from txplatform.connectors import postgres
from txplatform.domains.clickstream.sources.event_log import NewLine
from txplatform.domains.clickstream.sources.folder import FolderLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.stream import replaying
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.job import Progress, job_of
from txplatform.settings import child_environment
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.clickstream import test_event
from txplatform_tests.domains.clickstream.jobs import (
    QUICK_JAVA,
    Installation,
    installation,
    started,
    waiting,
)
from txplatform_tests.domains.clickstream.shop import compare, connect, processed, rows, shut

LINES, AWAY_SECONDS = 1_200, 3.0


@pytest.fixture
def ours(tmp_path: Path, endpoints: embedded.Endpoints, engine: Engine) -> Installation:
    return installation(tmp_path / "ours", endpoints, engine)


@pytest.fixture
def log(ours: Installation) -> FolderLog:
    return filled(ours)


def filled(ours: Installation) -> FolderLog:
    """The log of an installation, with events in it."""
    found = log_of(ours.settings)
    assert isinstance(found, FolderLog)
    found.append(one.line for one in generated(Plan(LINES, seed=11)))
    return found


def finish(ours: Installation, log: FolderLog, spark: SparkSession) -> tuple[Progress, list[int]]:
    """Process what is left on the tests' own Spark; how it went, and the new lines by batch."""
    read: list[int] = []

    def note(outcome: Outcome) -> None:
        read.append(outcome.read)

    job = job_of(ours.settings, log)
    return job.run(is_until_empty=True, on_batch=note, lent=spark), read


@pytest.mark.long
def test_killed_at_both_spots_of_a_commit_it_is_exact(
    tmp_path: Path, endpoints: embedded.Endpoints, engine: Engine, spark: SparkSession
) -> None:
    """Two jobs of one process, each at its spot, so that one kill hits both."""
    with new_database(endpoints) as url:
        other_engine = postgres.connect(url)
        migrations.upgrade(other_engine)
        engines = {"before": engine, "between": other_engine}
        both = {name: installation(tmp_path / name, endpoints, engines[name]) for name in engines}
        logs = {name: filled(one) for name, one in both.items()}
        kill_at_both_spots(engine, both["before"], both["between"])

        done = processed(other_engine)
        assert processed(engine) == 0
        assert 0 < done == int(both["between"].said.read_text().split()[0]) < LINES
        checkpoint = both["between"].checkpoint(logs["between"])
        assert (checkpoint / "offsets" / "0").exists()
        assert not (checkpoint / "commits" / "0").exists()

        for name, again in (("before", done), ("between", 0)):
            progress, read = finish(both[name], logs[name], spark)
            assert read[0] == again, "what was committed comes again, and nothing in it is new"
            end = sum(logs[name].ends().values())
            assert (progress.lag, processed(engines[name])) == (0, end)
            assert compare(engines[name], logs[name]).differences == []
        other_engine.dispose()


def kill_at_both_spots(engine: Engine, before: Installation, between: Installation) -> None:
    """A lock of ours lets one wait in the middle of its transaction; the other holds after it."""
    with closing(connect(engine)) as blocking, blocking.cursor() as cursor:
        cursor.execute("LOCK TABLE clickstream.funnel_hourly IN EXCLUSIVE MODE")
        child = started({before: "go", between: "hold"}, **QUICK_JAVA)
        child.wait_for(lambda: waiting(engine) and between.said.exists())
        assert "funnel_hourly" in waiting(engine)[0]
        child.kill()
        blocking.rollback()


def test_robbed_of_its_checkpoint_and_poisoned_it_goes_on_where_postgresql_stands(
    ours: Installation, log: FolderLog, engine: Engine, spark: SparkSession
) -> None:
    first, _ = finish(ours, log, spark)
    shutil.rmtree(ours.checkpoint(log))
    lines = [value for value, _ in test_event.LINES]
    log.append(NewLine(f"poison {n % 9}", test_event.ARRIVED, v) for n, v in enumerate(lines))

    again, _ = finish(ours, log, spark)

    assert (first.rows + again.rows, again.rows) == (sum(log.ends().values()), len(lines))
    assert again.refused == sum(rule is not None for _, rule in test_event.LINES)
    assert rows(engine, "SELECT stopped_at IS NOT NULL FROM clickstream.stream_jobs") == [(True,)]
    assert compare(engine, log).differences == []


def test_while_postgresql_is_away_a_job_waits_and_a_replay_says_the_same(
    ours: Installation, log: FolderLog, engine: Engine, spark: SparkSession
) -> None:
    job, beats, away = job_of(ours.settings, log), list[int](), ExitStack()
    back = threading.Timer(AWAY_SECONDS, away.close)

    def close_after_the_first(outcome: Outcome) -> None:
        if back.ident is None and outcome.read:
            away.enter_context(shut(engine))
            back.start()

    def note(progress: Progress) -> None:
        beats.extend([progress.batches] if back.is_alive() else [])

    done = job.run(True, on_beat=note, on_batch=close_after_the_first, lent=spark)

    assert (len(beats) > 1, set(beats)) == (True, {1}), "nothing was processed meanwhile"
    assert done.rows == sum(log.ends().values())
    assert compare(engine, log).differences == []

    replaying.forget(engine, job, log)
    again, _ = finish(ours, log, spark)
    assert (again.rows, compare(engine, log).differences) == (done.rows, [])


def test_a_damaged_log_ends_the_job_with_a_sentence_and_nothing_of_the_batch_is_there(
    ours: Installation, log: FolderLog, engine: Engine
) -> None:
    segment = next(log.folder.rglob("*.jsonl"))
    segment.write_text(segment.read_text(encoding="utf-8")[:-5], encoding="utf-8")

    command = [sys.executable, "-m", "txplatform", "clickstream", "run", "--until-empty"]
    environment = child_environment(**ours.variables, **QUICK_JAVA)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    said = ended.stderr.splitlines()
    assert re.match("Spark ended the stream: .* is damaged", said[-1])
    assert [line for line in said if re.match(r"\s+at |Traceback|  File|Caused", line)] == []
    assert processed(engine) == 0
    assert rows(engine, "SELECT stopped_at FROM clickstream.stream_jobs") == [(None,)]
