"""The job's connection to PostgreSQL: one job per topic, and patience while the server is away."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeVar

import psycopg2
import psycopg2.extensions
import pyarrow as pa

from txplatform.domains.clickstream.sources.event_log import Offsets
from txplatform.domains.clickstream.stream import batch
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.errors import ServerError, UsageError

LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)
AWAY_SECONDS, PAUSE_SECONDS = 900.0, 1.0
PREDECESSOR_SECONDS = 5.0
"""A killed job's session may outlive it for as long as its server needs to notice."""
NOTICE = "SET client_connection_check_interval = 2000"
LOCK = "SELECT pg_try_advisory_lock(hashtext('clickstream'), hashtext(%s))"
POSITIONS = "SELECT partition, next_offset FROM clickstream.stream_positions WHERE topic = %s"
OTHERS = "SELECT topic FROM clickstream.stream_positions WHERE topic <> %s LIMIT 1"
NEWEST = """
    SELECT newest.partition, newest."offset", newest.arrived_at, newest.event_id::text
    FROM clickstream.stream_positions p
    CROSS JOIN LATERAL (
        SELECT * FROM clickstream.events e
        WHERE e.topic = p.topic AND e.partition = p.partition ORDER BY e."offset" DESC LIMIT 1
    ) newest
    WHERE p.topic = %s"""
STARTED = """
    INSERT INTO clickstream.stream_jobs AS j (topic, started_at, seen_at)
    VALUES (%s, clock_timestamp(), clock_timestamp())
    ON CONFLICT (topic) DO UPDATE SET
        started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL"""
SEEN = """
    UPDATE clickstream.stream_jobs
    SET seen_at = clock_timestamp(), lag_events = %s, rows_per_second = %s WHERE topic = %s"""
STOPPED = "UPDATE clickstream.stream_jobs SET stopped_at = clock_timestamp() WHERE topic = %s"

Result = TypeVar("Result")


class Processed(NamedTuple):
    """An event that PostgreSQL has, by which its line is known again."""

    partition: int
    offset: int
    arrived_at: datetime
    event_id: str


class Ledger:
    """Processes batches; holds the topic's lock for as long as its connection lives."""

    def __init__(self, address: str, terms: Terms, away_seconds: float = AWAY_SECONDS) -> None:
        self.terms = terms
        self._address = address
        self._away_seconds = away_seconds
        self._connection: psycopg2.extensions.connection | None = None
        self._is_closed = False
        self.waits_because = ""
        """What PostgreSQL said when it was lost; empty once it is back."""
        self._beginnings: Offsets = {}

    def open(self, beginnings: Offsets | None = None) -> Offsets:
        """Take the topic's lock and say from where on lines are new.

        Args:
            beginnings: the first line of each partition that the log keeps.

        Raises:
            UsageError: another job has the topic, or the tables are another topic's.
            ServerError: PostgreSQL does not answer.
        """
        self._beginnings = beginnings or {}
        return self._beginnings | self._patiently(self._started)

    def process(self, lines: pa.Table) -> Outcome:
        """Take lines in; while PostgreSQL is away, wait and try again.

        Raises:
            ServerError: it stayed away.
            UsageError: another job took the topic meanwhile.
        """
        return self._patiently(
            lambda: batch.process(self._connected(), lines, self.terms, self._beginnings)
        )

    def newest(self) -> list[Processed]:
        """The newest event of each partition."""
        return self._patiently(lambda: self._newest(self._connected()))

    def positions(self) -> Offsets:
        """The first line of each partition that is not processed."""
        return self._patiently(lambda: self._positions(self._connected()))

    def close(self) -> None:
        """Give the lock back; a batch that is in the middle of its work is rolled back."""
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _started(self) -> Offsets:
        connection = self._connected()
        with connection, connection.cursor() as cursor:
            cursor.execute(OTHERS, [self.terms.topic])
            if other := cursor.fetchone():
                raise UsageError(
                    f"The tables hold the events of {other[0]}, to which those of "
                    f"{self.terms.topic} cannot be added: give them a database of their own, or "
                    "forget the others (`txplatform clickstream replay`)."
                )
            cursor.execute(STARTED, [self.terms.topic])
        return self._positions(connection)

    def _positions(self, connection: psycopg2.extensions.connection) -> Offsets:
        with connection, connection.cursor() as cursor:
            cursor.execute(POSITIONS, [self.terms.topic])
            return dict(cursor.fetchall())

    def _newest(self, connection: psycopg2.extensions.connection) -> list[Processed]:
        with connection, connection.cursor() as cursor:
            cursor.execute(NEWEST, [self.terms.topic])
            return [Processed(*row) for row in cursor.fetchall()]

    def _patiently(self, act: Callable[[], Result]) -> Result:
        deadline = time.monotonic() + self._away_seconds
        while True:
            try:
                result = act()
            except LOST as error:
                self._forget()
                if self._is_closed:
                    raise ServerError("The job was stopped.") from None
                self.waits_because = str(error).strip().partition("\n")[0]
                if time.monotonic() > deadline:
                    raise ServerError(
                        f"PostgreSQL stayed away ({self.waits_because}): nothing is lost; start "
                        "it and run the same command again."
                    ) from None
                time.sleep(PAUSE_SECONDS)
            else:
                self.waits_because = ""
                return result

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.closed:
            connection.close()

    def _connected(self) -> psycopg2.extensions.connection:
        if self._connection is None or self._connection.closed:
            connection = psycopg2.connect(self._address, application_name="txplatform clickstream")
            try:
                self._lock(connection)
                batch.prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _lock(self, connection: psycopg2.extensions.connection) -> None:
        deadline = time.monotonic() + PREDECESSOR_SECONDS
        with connection, connection.cursor() as cursor:
            cursor.execute(NOTICE)
            while True:
                cursor.execute(LOCK, [self.terms.topic])
                (is_ours,) = cursor.fetchone() or (False,)
                if is_ours:
                    return
                if time.monotonic() > deadline:
                    raise UsageError(
                        f"Another job processes {self.terms.topic}: stop it first, or let it do "
                        "the work; two would not be faster."
                    )
                time.sleep(PAUSE_SECONDS / 10)


class Heartbeat:
    """Says in PostgreSQL that the job lives; while the server is away it says nothing."""

    def __init__(self, address: str, topic: str) -> None:
        self._address, self._topic = address, topic
        self._connection: psycopg2.extensions.connection | None = None

    def beat(self, lag: int, rows_per_second: float) -> None:
        """The job runs and is so far behind."""
        self._say(SEEN, [lag, round(rows_per_second, 1), self._topic])

    def __enter__(self) -> "Heartbeat":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """The job ends; of one that failed nothing is said, as of one that was killed."""
        if kind is None or not issubclass(kind, Exception):  # Ctrl-C is none
            self._say(STOPPED, [self._topic])
        if self._connection is not None:
            self._connection.close()

    def _say(self, statement: str, values: list[object]) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg2.connect(self._address)
            with self._connection, self._connection.cursor() as cursor:
                cursor.execute(statement, values)
        except LOST:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
