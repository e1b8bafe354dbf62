"""A job from start to end: lock, query, progress, and an end in order."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import SparkSession
from sqlalchemy import make_url

from txplatform import embedded
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.event_log import EventLog, Offsets
from txplatform.domains.clickstream.stream import query
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.ledger import Heartbeat, Ledger
from txplatform.domains.clickstream.stream.source import Reading
from txplatform.errors import ServerError
from txplatform.settings import Settings
from txplatform.settings.logins import Component

BEAT_SECONDS = 1.0
RECENT_BATCHES = 10
MOST_RESTARTS, RESTART_SECONDS = 10, 3.0
"""A query that a broker's absence ended is started again; exactly once holds all the same."""


@dataclass
class Progress:
    """How the job is doing, since its start."""

    rows: int = 0
    late: int = 0
    refused: int = 0
    batches: int = 0
    lag: int = 0
    _recent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=RECENT_BATCHES))

    def note(self, outcome: Outcome) -> None:
        """Count a batch that was committed."""
        self.rows += outcome.read
        self.late += outcome.late
        self.refused += outcome.refused
        self.batches += 1
        self._recent.append((time.monotonic(), outcome.read))

    @property
    def rows_per_second(self) -> float:
        """Lines a second from the end of the oldest of the recent batches until now."""
        if len(self._recent) < 2:
            return 0.0
        seconds = time.monotonic() - self._recent[0][0]
        return sum(rows for _, rows in list(self._recent)[1:]) / max(seconds, 0.001)


@dataclass(frozen=True)
class Job:
    """What a run needs: the log, PostgreSQL's address, where Spark keeps its checkpoint."""

    settings: Settings
    log: EventLog
    address: str
    checkpoint: Path

    @property
    def own(self) -> ClickstreamSettings:
        """The domain's settings."""
        return self.settings.of(ClickstreamSettings)

    def run(
        self,
        is_until_empty: bool = False,
        on_beat: Callable[[Progress], None] = lambda _: None,
        on_batch: Callable[[Outcome], None] = lambda _: None,
    ) -> Progress:
        """Process the log until it is empty, until Ctrl-C, or until something ends it.

        Raises:
            PlatformError: the sentence says what ended it.
        """
        progress, terms = Progress(), self.own.terms
        query.require_same_query(self.checkpoint, terms)
        ledger, heartbeat = Ledger(self.address, terms), Heartbeat(self.address, terms.topic)

        def note(outcome: Outcome) -> None:
            progress.note(outcome)
            on_batch(outcome)

        def is_done() -> bool:
            progress.lag = self._lag(reading.positions, progress.rows)
            heartbeat.beat(progress.lag, progress.rows_per_second)
            on_beat(progress)
            return is_until_empty and not progress.lag

        try:
            reading = Reading(self.log, terms.currency, ledger.open(), self.own.rows_per_batch)
            plan = query.Plan(reading, self.checkpoint, self.own.trigger_seconds)
            session = query.session(self.settings)
            try:
                failures = Failures(progress)
                while not _is_finished(session, ledger, plan, (note, is_done, failures)):
                    time.sleep(RESTART_SECONDS)
            finally:
                session.stop()
        finally:
            heartbeat.stop()
            ledger.close()
        return progress

    def _lag(self, start: Offsets, rows: int) -> int:
        ends, beginnings = self.log.ends(), self.log.beginnings()
        first = {p: start.get(p, beginnings.get(p, 0)) for p in ends}
        return sum(ends.values()) - sum(first.values()) - rows


class Failures:
    """How often the query was lost since it last did something: a broker comes back, a bug not."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._known = (0, 0)

    def note(self, error: ServerError) -> None:
        """Let a failure pass, or raise it if there were too many of them."""
        batches, count = self._known
        count = count + 1 if batches == self._progress.batches else 1
        self._known = (self._progress.batches, count)
        if count > MOST_RESTARTS:
            raise error


Followers = tuple[Callable[[Outcome], None], Callable[[], bool], Failures]


def _is_finished(
    session: SparkSession, ledger: Ledger, plan: query.Plan, followers: Followers
) -> bool:
    """Run the query until the work is done; False if Spark, its workers or the log were lost.

    Raises:
        PlatformError: what another start would not change.
    """
    note, is_done, failures = followers
    work = query.start(session, ledger, plan, note)
    try:
        while not is_done():
            work.raise_if_failed()
            time.sleep(BEAT_SECONDS)
    except ServerError as error:
        if error is work.error:
            raise
        failures.note(error)
        return False
    finally:
        if work.query.isActive:
            work.query.stop()
    return True


def job_of(settings: Settings, log: EventLog) -> Job:
    """The job of an installation."""
    url = make_url(embedded.postgres_url(settings, Component.COMPUTE))
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    folder = settings.of(ClickstreamSettings).folder(settings)
    return Job(settings, log, address, folder / "checkpoint" / log.topic)
