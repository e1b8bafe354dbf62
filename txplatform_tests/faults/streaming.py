"""Faults that meet the stream: its job killed at any moment, PostgreSQL away for a minute.

The installation's PostgreSQL, a log and a job of the play's own; afterwards every table must equal
what plain Python computes from the log.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from subprocess import TimeoutExpired
from typing import NamedTuple

import psutil
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.jobs import (
    SECONDS,
    Child,
    Installation,
    installation,
    killed_at_random,
)
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import Fault, Stage

LINES, KILLS = 6_000, 4
AWAY_SECONDS = 60.0


class Shop(NamedTuple):
    """A job's installation, its log with events, and the database with nothing of them yet."""

    job: Installation
    log: EventLog
    engine: Engine

    @property
    def processed(self) -> int:
        """How many lines PostgreSQL has."""
        return shop.processed(self.engine)


def job_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Kill -9 of driver, JVM and workers; the next start goes on, and is killed as well."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    with _opened(stage, fault) as ours:
        strikes = sum(killed_at_random(ours.job, ours.log, random) for _ in range(KILLS))
        began = time.monotonic()
        found = _broken(ours, ours.job.start())
    seconds = round(time.monotonic() - began, 1)
    return Outcome(fault.seed, fault.kind, fault.moment, seconds, found, strikes)


def postgres_away(stage: Stage, fault: Fault) -> Outcome | None:
    """PostgreSQL is killed and away for a minute; the job waits, and nothing is lost."""
    with _opened(stage, fault) as ours:
        child = ours.job.start()
        child.wait_for(lambda: ours.processed)
        psutil.Process(stage.world.pid("PostgreSQL")).kill()
        time.sleep(AWAY_SECONDS)
        is_waiting = child.process.poll() is None
        stage.world.must("up")
        began = time.monotonic()
        found = _broken(ours, child)
    seconds = round(time.monotonic() - began, 1)
    if not is_waiting:
        found = ("the job did not wait for PostgreSQL", *found)
    return Outcome(fault.seed, fault.kind, fault.moment, seconds, found)


@contextmanager
def _opened(stage: Stage, fault: Fault) -> Iterator[Shop]:
    endpoints = embedded.endpoints(stage.world.settings)
    engine = postgres.connect(endpoints.postgres_url)
    try:
        shop.empty(engine)
        folder = stage.world.folder / f"stream-{fault.seed.replace(':', '-')}-{time.time_ns()}"
        job = installation(folder, endpoints, engine)
        log = log_of(job.settings)
        seed = Random(fault.seed).randrange(99)  # noqa: S311 - as above
        log.append(one.line for one in generated(Plan(LINES, seed)))
        yield Shop(job, log, engine)
    finally:
        engine.dispose()


def _end_of(child: Child, look: Callable[[], int]) -> int | None:
    """The exit code of a job, waited for as long as it gets on; None if it does not."""
    before, now = -1, look()
    while before != now:
        with suppress(TimeoutExpired):
            return child.finish()
        before, now = now, look()
    child.kill()
    return None


def _broken(ours: Shop, last: Child) -> tuple[str, ...]:
    """What is wrong once the last job has ended."""
    code, found = _end_of(last, lambda: ours.processed), list[str]()
    if code is None:
        found.append(f"the job did nothing for {SECONDS:.0f} s")
    elif code:
        found.append(f"the job ended with {code}")
    if ours.processed != sum(ours.log.ends().values()):
        found.append(f"{ours.processed} lines of {sum(ours.log.ends().values())} were processed")
    return (*found, *shop.compare(ours.engine, ours.log).differences)
