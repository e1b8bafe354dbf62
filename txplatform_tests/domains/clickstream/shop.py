"""A log written by hand, and what a database says when it was processed in some cutting."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pyarrow as pa
from psycopg2.extensions import connection
from sqlalchemy import Engine

from txplatform.domains.clickstream.sources import event, event_log
from txplatform.domains.clickstream.sources.event_log import Line, NewLine, Offsets
from txplatform.domains.clickstream.stream import batch, parity
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.parity import Comparison
from txplatform.domains.clickstream.transforms.lines import Terms

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TERMS = Terms()
FIELDS: dict[str, Any] = {
    "event_id": "00000000-0000-4000-8000-000000000001",
    "schema_version": 1,
    "event_time": "2026-01-05T12:00:00.000Z",
    "type": "view",
    "customer_id": "c-1",
    "session_id": "s-1",
    "product_id": "p-1",
    "quantity": 1,
    "amount": "10.00",
    "currency": "EUR",
    "country": "FR",
}


def milliseconds(moment: datetime) -> int:
    """A moment as brokers write it."""
    return round(moment.timestamp() * 1000)


def fields(number: int, seconds: float, **changes: Any) -> dict[str, Any]:
    """The fields of an event so many seconds after noon."""
    moment = NOON + timedelta(seconds=seconds)
    event_time = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    event_id = str(UUID(int=number, version=4))
    return {**FIELDS, "event_id": event_id, "event_time": event_time, **changes}


class HandMade:
    """A log in memory; not a stand-in for a log, but lines as one would hand them on."""

    def __init__(self, topic: str = TERMS.topic) -> None:
        self.topic = topic
        self.lines: dict[int, list[Line]] = {}

    def say(self, partition: int, value: bytes, arrived: datetime) -> None:
        """Append a line."""
        lines = self.lines.setdefault(partition, [])
        lines.append(Line(partition, len(lines), milliseconds(arrived), value))

    def add(self, partition: int, number: int, seconds: float, **changes: Any) -> None:
        """Append an event that arrives when it happens, or `after` seconds later."""
        after = changes.pop("after", 0.0)
        value = json.dumps(fields(number, seconds, **changes)).encode()
        self.say(partition, value, NOON + timedelta(seconds=seconds + after))

    def beginnings(self) -> Offsets:
        return dict.fromkeys(self.lines, 0)

    def ends(self) -> Offsets:
        return {p: len(lines) for p, lines in self.lines.items()}

    def read(self, partition: int, start: int, stop: int) -> Iterator[list[Line]]:
        yield self.lines[partition][start:stop]

    def append(self, lines: Iterable[NewLine]) -> None:
        for one in lines:
            arrived = datetime.fromtimestamp(one.arrived_ms / 1000, UTC)
            self.say(event_log.partition_of(one.key), one.value, arrived)


def table_of(lines: Sequence[Line]) -> pa.Table:
    """Lines as Spark hands them on."""
    return pa.Table.from_batches([event.columns(list(lines), TERMS.currency)])


def address(engine: Engine, database: str | None = None) -> str:
    """Where an engine's database is, or another one of its server."""
    url = engine.url.set(drivername="postgresql", database=database or engine.url.database)
    return url.render_as_string(hide_password=False)


def connect(engine: Engine) -> connection:
    """A connection that is ready for batches."""
    opened = psycopg2.connect(address(engine))
    batch.prepare(opened)
    return opened


@contextmanager
def shut(engine: Engine) -> Iterator[None]:
    """PostgreSQL is away, as far as this database goes: no session stays, none comes in."""
    name = engine.url.database
    engine.dispose()
    with closing(psycopg2.connect(address(engine, "postgres"))) as outside:
        outside.autocommit = True
        with outside.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
            try:
                yield
            finally:
                cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def process(engine: Engine, log: Any, rows: int, terms: Terms = TERMS) -> list[Outcome]:
    """Process a whole log in batches of so many rows."""
    outcomes, start = [], log.beginnings()
    with closing(connect(engine)) as opened:
        while (stop := event_log.limited(start, log.ends(), rows)) != start:
            lines = [x for p in stop for part in log.read(p, start[p], stop[p]) for x in part]
            outcomes.append(batch.process(opened, table_of(lines), terms))
            start = stop
    return outcomes


def compare(engine: Engine, log: Any, terms: Terms = TERMS) -> Comparison:
    """Every table against plain Python."""
    with closing(connect(engine)) as opened:
        return parity.compare(opened, log, terms)


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """What a query says."""
    with closing(connect(engine)) as opened, opened.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def processed(engine: Engine) -> int:
    """How many lines PostgreSQL has."""
    statement = "SELECT coalesce(sum(next_offset), 0)::integer FROM clickstream.stream_positions"
    return int(rows(engine, statement)[0][0])


def forget_results(engine: Engine) -> None:
    """Forget every event, but not the rules."""
    with closing(connect(engine)) as opened, opened, opened.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('clickstream.%I', tablename), ', ') FROM pg_tables "
            "WHERE schemaname = 'clickstream' AND tablename <> 'stream_rules'"
        )
        (tables,) = cursor.fetchone() or ("",)
        cursor.execute(f"TRUNCATE {tables}")


def empty(engine: Engine) -> None:
    """Forget every event, and what people changed of the rules."""
    forget_results(engine)
    with closing(connect(engine)) as opened, opened, opened.cursor() as cursor:
        cursor.execute("DELETE FROM clickstream.stream_rules WHERE version > 1")
