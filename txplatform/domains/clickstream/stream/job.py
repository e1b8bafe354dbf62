"""A job from start to end: lock, query, progress, and an end in order."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import SparkSession
from sqlalchemy import make_url

from txplatform import embedded
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources import event, event_log
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
    waits_because: str = ""
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
        lent: SparkSession | None = None,
    ) -> Progress:
        """Process the log until it is empty, until Ctrl-C, or until something ends it.

        Args:
            is_until_empty: whether to end with the log.
            on_beat: is told about every second how the job does.
            on_batch: is told of each batch after its commit.
            lent: somebody else's Spark to run on, which stays; one of its own otherwise.

        Raises:
            PlatformError: the sentence says what ended it.
        """
        progress, terms = Progress(), self.own.terms
        query.require_same_query(self.checkpoint, terms)
        with closing(Ledger(self.address, terms)) as ledger:
            # Refused while another job has the topic, whose beat goes on.
            start = ledger.open(self.log.beginnings())
            self._require_same_log(ledger)
            with Heartbeat(self.address, terms.topic) as heartbeat:

                def note(outcome: Outcome) -> None:
                    progress.note(outcome)
                    on_batch(outcome)

                def is_done() -> bool:
                    heartbeat.beat(progress.lag, progress.rows_per_second)
                    progress.lag = self._lag(start, progress.rows)
                    reason = ledger.waits_because
                    progress.waits_because = f"PostgreSQL is away ({reason})." if reason else ""
                    on_beat(progress)
                    return is_until_empty and not progress.lag

                followers = (note, is_done, Failures(progress))
                with _spark(self.settings, lent) as session:
                    while not _is_finished(session, ledger, self._plan(start), followers):
                        on_beat(progress)
                        time.sleep(RESTART_SECONDS)
                heartbeat.beat(progress.lag, progress.rows_per_second)
        return progress

    def _plan(self, start: Offsets) -> query.Plan:
        reading = Reading(self.log, self.own.terms.currency, start, self.own.rows_per_batch)
        return query.Plan(reading, self.checkpoint, self.own.trigger_seconds)

    def _lag(self, start: Offsets, rows: int) -> int:
        ends = self.log.ends()
        return sum(end - start.get(p, 0) for p, end in ends.items()) - rows

    def _require_same_log(self, ledger: Ledger) -> None:
        """Refuse a log in which another line stands where the newest event of a partition stood."""
        beginnings, ends = self.log.beginnings(), self.log.ends()
        for known in ledger.newest():
            p, at = known.partition, known.offset
            if not beginnings.get(p, 0) <= at < ends.get(p, 0):
                continue  # no longer kept; or the log is too short, which the source tells
            for lines in self.log.read(p, at, at + 1):
                (found,) = event.columns(lines, self.own.currency).to_pylist()
                if (found["arrived_at"], str(found["event_id"]).lower()) != known[2:]:
                    raise event_log.made_anew(
                        f"Line {at} of partition {p} of {self.log.topic} is not that which was "
                        "processed"
                    )


@contextmanager
def _spark(settings: Settings, lent: SparkSession | None) -> Iterator[SparkSession]:
    session = lent or query.session(settings)
    try:
        yield session
    finally:
        if lent is None:
            session.stop()


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
        self._progress.waits_because = str(error)
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
