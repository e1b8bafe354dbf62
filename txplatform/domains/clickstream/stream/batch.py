"""One batch: lines into PostgreSQL, and every table with them, in one transaction.

The SQL is in `steps/`, a file per step, set-based. Where the log was read to commits together with
what came of it: a batch that comes again is seen and skipped, one that is missing is noticed.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import psycopg2.extensions
import pyarrow as pa
import pyarrow.compute as pc
from psycopg2.extensions import AsIs

from txplatform.connectors import postgres
from txplatform.domains.clickstream.sources.event_log import Offsets
from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.errors import SourceError
from txplatform.ingestion.balance import Total, require_balanced

STEPS = (
    "windows",
    "sessions",
    "funnel",
    "carts",
    "activity_alerts",
    "cart_alerts",
    "velocity_alerts",
    "alerts",
)
"""What follows once it is known which lines are events and where the watermark stands."""

NEVER = AsIs("'-infinity'::timestamptz")
SESSION = "SET work_mem = '64MB'; SET jit = off; SET timezone = 'UTC'; SET enable_seqscan = off"
"""Every look-up in a large table has its index; without statistics, as at the beginning, the
planner would scan the table for each row all the same."""
RULES_STAY = "SELECT pg_advisory_xact_lock_shared(hashtext('clickstream.stream_rules'))"
"""Who changes a rule waits until the watermark of a batch stands, and then sees it."""
POSITIONS = """
    SELECT partition, next_offset FROM clickstream.stream_positions WHERE topic = %s FOR UPDATE"""
WATERMARK = """
    SELECT min(max_event_time) - %(lateness)s FROM clickstream.stream_positions
    WHERE topic = %(topic)s AND max_event_time IS NOT NULL AND max_arrived_at >= (
        SELECT max(max_arrived_at) FROM clickstream.stream_positions WHERE topic = %(topic)s
    ) - %(silence)s"""
FIRST_EVENT = "SELECT first_event_at FROM clickstream.stream_jobs WHERE topic = %s"
FIRST_ACCEPTED = "SELECT min(event_time) FROM accepted WHERE NOT is_late"
COUNTS = """
    SELECT (SELECT count(*) FROM incoming), (SELECT count(*) FROM accepted),
           (SELECT count(*) FROM repeated WHERE NOT is_conflict),
           (SELECT count(*) FROM repeated WHERE is_conflict),
           (SELECT count(*) FROM incoming WHERE rule IS NOT NULL),
           (SELECT count(*) FROM accepted WHERE is_late)"""
JOB = """
    INSERT INTO clickstream.stream_jobs AS j
        (topic, started_at, seen_at, batch_at, batch_rows, watermark, first_event_at)
    VALUES (%(topic)s, clock_timestamp(), clock_timestamp(), clock_timestamp(), %(rows)s,
            %(watermark)s, %(first_event_at)s)
    ON CONFLICT (topic) DO UPDATE SET
        seen_at = excluded.seen_at, batch_at = excluded.batch_at,
        batch_rows = excluded.batch_rows, watermark = excluded.watermark,
        first_event_at = excluded.first_event_at"""


@dataclass(frozen=True)
class Outcome:
    """Where the lines of a batch went; the late ones are among the accepted."""

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    refused: int = 0
    late: int = 0
    skipped: int = 0
    watermark: datetime | None = None


@cache
def step(name: str) -> str:
    """The SQL of a step."""
    return (resources.files(__package__) / "steps" / f"{name}.sql").read_text(encoding="utf-8")


def prepare(connection: psycopg2.extensions.connection) -> None:
    """Give a connection its settings and the temporary tables that batches are worked on in."""
    with connection, connection.cursor() as cursor:
        cursor.execute(SESSION)
        cursor.execute(step("workspace"))


def process(
    connection: psycopg2.extensions.connection,
    lines: pa.Table,
    terms: Terms,
    beginnings: Mapping[int, int] = MappingProxyType({}),
) -> Outcome:
    """Take the lines in, all or nothing; those that were processed before are skipped.

    Args:
        connection: one that is prepared.
        lines: of the log, as columns.
        terms: what decides how events count.
        beginnings: the line with which a partition must begin of which none was processed.

    Raises:
        SourceError: lines between those processed and these are missing.
        ReconciliationError: the lines are not fully accounted for; nothing was written.
    """
    with connection, closing(connection.cursor()) as cursor:
        cursor.execute(RULES_STAY)
        cursor.execute(POSITIONS, [terms.topic])
        new = unseen(lines, {**beginnings, **dict(cursor.fetchall())}, terms.topic)
        skipped = lines.num_rows - new.num_rows
        if not new.num_rows:
            return Outcome(skipped=skipped)
        postgres.copy_through(cursor, "incoming", new)
        return _worked_up(cursor, terms, skipped)


def unseen(lines: pa.Table, positions: Offsets, topic: str) -> pa.Table:
    """The lines from the positions on; they must follow them and each other without a gap.

    Raises:
        SourceError: the sentence names partition and offsets.
    """
    parts = []
    for partition in sorted(pc.unique(lines["partition"]).to_pylist()):
        part = lines.filter(pc.equal(lines["partition"], partition)).sort_by("offset")
        expected = positions.get(partition)
        if expected is not None:
            part = part.filter(pc.greater_equal(part["offset"], expected))
        if part.num_rows:
            _require_unbroken(part["offset"], expected, partition, topic)
            parts.append(part)
    return pa.concat_tables(parts) if parts else lines.slice(0, 0)


def _require_unbroken(
    offsets: pa.ChunkedArray, expected: int | None, partition: int, topic: str
) -> None:
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    start = first if expected is None else expected
    if first != start or last - first + 1 != len(offsets):
        raise SourceError(
            f"Partition {partition} of {topic} continues at offset {first} and {start} must come "
            f"({last - first + 1 - len(offsets)} more are missing up to {last}): what lies between "
            "was lost or the database is an older or an empty copy. Delete the job's checkpoint "
            f"(checkpoint/{topic} in TXPLATFORM_CLICKSTREAM_LOG_DIR, unset: in `clickstream` in "
            "the state folder), so that it reads again from where the database stands."
        )


def _worked_up(cursor: Any, terms: Terms, skipped: int) -> Outcome:
    values: dict[str, Any] = dict(vars(terms))
    before = _watermark(cursor, values)
    for name in ("accept", "repeat", "positions"):
        cursor.execute(step(name), values)
    outcome = _counted(cursor, skipped, _watermark(cursor, values))
    values |= _moments(cursor, terms, before, outcome.watermark)
    for name in STEPS:
        cursor.execute(step(name), values)
    cursor.execute(JOB, {**values, "rows": outcome.read})
    return outcome


def _watermark(cursor: Any, values: Mapping[str, Any]) -> datetime | None:
    cursor.execute(WATERMARK, values)
    found: datetime | None = cursor.fetchone()[0]
    return found


def _moments(
    cursor: Any, terms: Terms, before: datetime | None, watermark: datetime | None
) -> dict[str, Any]:
    """The watermarks before and after, and from where on five-minute windows are judged.

    If the log turns out to begin earlier than it seemed, other windows have enough to compare with:
    then all are judged again.
    """
    cursor.execute(FIRST_EVENT, [terms.topic])
    known = (cursor.fetchone() or [None])[0]
    cursor.execute(FIRST_ACCEPTED)
    found = cursor.fetchone()[0]
    first = min((moment for moment in (known, found) if moment), default=None)
    is_earlier = known is not None and first is not None and first < known
    moves = before is not None and watermark is not None
    lowest = min(before, watermark) if moves and before and watermark else NEVER
    return {
        "before": before or NEVER,
        "watermark": watermark or NEVER,
        "first_event_at": first,
        "judged_from": NEVER if is_earlier else lowest,
    }


def _counted(cursor: Any, skipped: int, watermark: datetime | None) -> Outcome:
    cursor.execute(COUNTS)
    read, accepted, duplicate, conflict, refused, late = cursor.fetchone()
    became = (accepted, duplicate, conflict, refused)
    require_balanced("A batch of the log", Total(read), map(Total, became))
    return Outcome(read, accepted, duplicate, conflict, refused, late, skipped, watermark)
