"""Stream against plain Python: every table of the database, row by row, from the same log."""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg2.extensions
from sqlalchemy import Engine, text

from txplatform.domains.clickstream.sources.event_log import EventLog, Line, Offsets
from txplatform.domains.clickstream.transforms import reference
from txplatform.domains.clickstream.transforms.alerts import RuleVersion
from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.domains.clickstream.transforms.tables import Rows
from txplatform.errors import SourceError

STORED = {
    "events": (
        2,
        """SELECT partition, "offset", event_id, event_time, type, customer_id, session_id,
                  product_id, quantity, amount, currency, country, is_late,
                  make_interval(secs => late_by_seconds::float8)
           FROM clickstream.events WHERE topic = %(topic)s""",
    ),
    "events_rejected": (
        2,
        """SELECT partition, "offset", rule
           FROM clickstream.events_rejected WHERE topic = %(topic)s""",
    ),
    "event_conflicts": (
        2,
        """SELECT partition, "offset", event_id, event_time, type, customer_id, session_id,
                  product_id, quantity, amount, currency, country
           FROM clickstream.event_conflicts WHERE topic = %(topic)s""",
    ),
    "stream_positions": (
        1,
        """SELECT partition, next_offset, max_event_time, rows_read, rows_accepted,
                  rows_duplicate, rows_conflict, rows_refused, rows_late
           FROM clickstream.stream_positions WHERE topic = %(topic)s""",
    ),
    "activity_windows": (
        4,
        """SELECT window_minutes, window_start, type, country, n_events, n_sessions, amount,
                  n_late, is_final
           FROM clickstream.activity_windows""",
    ),
    "carts": (
        1,
        """SELECT session_id, items_added, items_removed, value, last_cart_at, due_at,
                  purchased_at, status, abandoned_at
           FROM clickstream.carts""",
    ),
    "carts_hourly": (
        1,
        "SELECT hour, n_decided, n_abandoned FROM clickstream.carts_hourly WHERE n_decided > 0",
    ),
    "funnel_hourly": (
        1,
        """SELECT hour, n_view, n_add, n_checkout, n_purchase, n_out_of_order
           FROM clickstream.funnel_hourly
           WHERE n_view + n_add + n_checkout + n_purchase + n_out_of_order > 0""",
    ),
    "stream_alerts": (
        4,
        """SELECT rule, version, key, window_start, observed, usual, score
           FROM clickstream.stream_alerts WHERE is_active""",
    ),
}
"""By table, how many columns its key has and what is compared: not how it came about (revision,
history, when it was written)."""

RULES = "SELECT code, version, parameters, valid_from FROM clickstream.stream_rules"
SHOWN_DIFFERENCES = 20


@dataclass(frozen=True)
class Comparison:
    """What the check found: rows compared by table, and sentences about those that differ."""

    rows: dict[str, int]
    differences: list[str]
    n_different: int


def compare(connection: psycopg2.extensions.connection, log: EventLog, terms: Terms) -> Comparison:
    """Compute every table from the log, up to where the stream stands, and compare.

    All of it is one snapshot, so that a job may go on meanwhile.

    Raises:
        SourceError: the log no longer keeps all that was processed.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        stored = {name: _rows(cursor, name, terms.topic) for name in STORED}
        cursor.execute(RULES)
        rules = [RuleVersion(*row) for row in cursor.fetchall()]
    positions = {key[0]: values[0] for key, values in stored["stream_positions"].items()}
    n_read = {key[0]: values[2] for key, values in stored["stream_positions"].items()}
    _require_whole(log, positions, n_read)
    expected = reference.computed(every_line(log, positions), rules, terms)
    sentences = [
        sentence for name in STORED for sentence in differences(name, expected[name], stored[name])
    ]
    counts = {name: len(rows) for name, rows in stored.items()}
    return Comparison(counts, sentences[:SHOWN_DIFFERENCES], len(sentences))


def _require_whole(log: EventLog, positions: Offsets, n_read: Mapping[int, int]) -> None:
    kept = log.beginnings()
    for partition, stop in positions.items():
        gone = n_read[partition] - (stop - kept.get(partition, 0))
        if gone > 0:
            raise SourceError(
                f"Partition {partition} of {log.topic} no longer keeps {gone:,} of the lines that "
                "were processed: nothing whole is left to compare with. What Dagster sealed was "
                "compared while it was there."
            )


def every_line(log: EventLog, stops: Offsets) -> Iterator[Line]:
    """All lines of a log up to some offsets."""
    for partition, stop in sorted(stops.items()):
        for lines in log.read(partition, log.beginnings().get(partition, 0), stop):
            yield from lines


def differences(name: str, expected: Rows, stored: Rows) -> Iterator[str]:
    """Sentences about the rows in which a table differs."""
    for key in sorted(expected.keys() | stored.keys(), key=str):
        right, wrong = expected.get(key), stored.get(key)
        if right is None:
            yield f"{name} {_said(key)}: must not be there, but says {_said(wrong)}"
        elif wrong is None:
            yield f"{name} {_said(key)}: is missing, must say {_said(right)}"
        elif not _is_same(right, wrong):
            yield f"{name} {_said(key)}: says {_said(wrong)}, must say {_said(right)}"


def _rows(cursor: Any, name: str, topic: str) -> Rows:
    width, statement = STORED[name]
    cursor.execute(statement, {"topic": topic})
    return {tuple(row[:width]): tuple(row[width:]) for row in cursor.fetchall()}


def _is_same(right: tuple[Any, ...], wrong: tuple[Any, ...]) -> bool:
    return len(right) == len(wrong) and all(map(_is_same_value, right, wrong))


def _is_same_value(right: Any, wrong: Any) -> bool:
    if isinstance(right, float):
        # What an alert says is kept with six decimals; its score as it was computed.
        return abs(float(wrong) - right) <= 1e-6
    if isinstance(right, timedelta) and isinstance(wrong, timedelta):
        return abs(right - wrong) < timedelta(milliseconds=1)
    return bool(str(right) == str(wrong)) if hasattr(right, "hex") else bool(right == wrong)


def _said(values: object) -> str:
    if not isinstance(values, tuple):
        return str(values)
    return "(" + ", ".join(str(value) for value in values) + ")"


TRUTH = {
    "rows": "SELECT coalesce(sum(rows_read), 0)::bigint FROM clickstream.stream_positions",
    "accepted": "SELECT count(*) FROM clickstream.events",
    "duplicates": "SELECT coalesce(sum(rows_duplicate), 0)::bigint "
    "FROM clickstream.stream_positions",
    "late": "SELECT count(*) FROM clickstream.events WHERE is_late",
    "refused": "SELECT rule, count(*) FROM clickstream.events_rejected GROUP BY 1",
    "carts": "SELECT status, count(*) FROM clickstream.carts GROUP BY 1",
    "windows": """
        SELECT window_minutes, (extract(epoch FROM window_start) * 1000)::bigint, type, country,
               n_events, n_sessions, (amount * 100)::bigint, n_late
        FROM clickstream.activity_windows
        ORDER BY window_minutes, window_start, type, country""",
    "funnel": """
        SELECT (extract(epoch FROM hour) * 1000)::bigint::text, n_view, n_add, n_checkout,
               n_purchase, n_out_of_order
        FROM clickstream.funnel_hourly""",
}
"""What a generator's truth says, as the tables say it."""


def against_truth(engine: Engine, truth: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """By name, what `truth.json` says and what the tables say; of windows, how many are right."""
    told: dict[str, tuple[Any, Any]] = {}
    with engine.connect() as connection:
        for name, statement in TRUTH.items():
            rows = connection.execute(text(statement)).all()
            if name == "windows":
                stored = [list(row) for row in rows]
                right = sum(map(operator.eq, stored, truth[name]))
                told[name] = (len(truth[name]), right if len(rows) == len(truth[name]) else -1)
            elif name in {"refused", "carts"}:
                told[name] = (truth[name], dict(map(tuple, rows)))
            elif name == "funnel":
                told[name] = (truth[name], {hour: list(steps) for hour, *steps in rows})
            else:
                told[name] = (truth[name], rows[0][0])
    return told
