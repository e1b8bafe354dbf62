"""A job on Spark: killed at both spots of a commit, without its checkpoint, and still exact."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.sources.folder import FolderLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform_tests.domains.clickstream.jobs import Installation, installation, waiting
from txplatform_tests.domains.clickstream.shop import compare, connect, rows

PROCESSED = "SELECT coalesce(sum(next_offset), 0)::integer FROM clickstream.stream_positions"
LINES = 2_000


@pytest.fixture
def ours(tmp_path: Path, endpoints: embedded.Endpoints, engine: Engine) -> Installation:
    return installation(tmp_path, endpoints, engine)


@pytest.fixture
def log(ours: Installation) -> FolderLog:
    found = log_of(ours.settings)
    assert isinstance(found, FolderLog)
    found.append(one.line for one in generated(Plan(LINES, seed=11)))
    return found


def test_killed_at_both_spots_of_a_commit_and_robbed_of_its_checkpoint_it_is_exact(
    ours: Installation, log: FolderLog, engine: Engine
) -> None:
    assert_killed_before_the_commit(ours, engine)
    assert rows(engine, PROCESSED) == [(0,)]

    assert_killed_between_the_commits(ours, log, engine)

    finished = ours.start()
    assert finished.finish() == 0
    batches = [tuple(map(int, line.split())) for line in ours.said.read_text().splitlines()]
    assert batches[1][0] == 0, "the batch that was committed comes again, and nothing is new"
    assert sum(read for read, _ in batches) == sum(log.ends().values())
    end = sum(log.ends().values())
    assert rows(engine, PROCESSED) == [(end,)]
    assert compare(engine, log).differences == []

    shutil.rmtree(ours.checkpoint(log))
    log.append(one.line for one in generated(Plan(300, seed=12)))
    again = ours.start()
    assert again.finish() == 0
    assert rows(engine, PROCESSED) == [(sum(log.ends().values()),)]
    assert rows(engine, "SELECT stopped_at IS NOT NULL FROM clickstream.stream_jobs") == [(True,)]
    assert compare(engine, log).differences == []


def assert_killed_before_the_commit(ours: Installation, engine: Engine) -> None:
    """A lock of ours lets the batch wait in the middle of its transaction; there it is killed."""
    with closing(connect(engine)) as blocking, blocking.cursor() as cursor:
        cursor.execute("LOCK TABLE clickstream.funnel_hourly IN EXCLUSIVE MODE")
        child = ours.start()
        child.wait_for(lambda: waiting(engine))
        assert "funnel_hourly" in waiting(engine)[0]
        child.kill()
        blocking.rollback()


def assert_killed_between_the_commits(ours: Installation, log: FolderLog, engine: Engine) -> None:
    """The child holds between PostgreSQL's commit and Spark's."""
    child = ours.start("hold")
    child.wait_for(ours.said.exists)
    child.kill()
    ((done,),) = rows(engine, PROCESSED)
    assert done == int(ours.said.read_text().split()[0]) > 0
    checkpoint = ours.checkpoint(log)
    assert (checkpoint / "offsets" / "0").exists()
    assert not (checkpoint / "commits" / "0").exists()
