"""Live events: reading alone, the same SQL without Spark, and the job; events a second, exact.

    python benchmarks/clickstream.py [EVENTS]

One run, one machine, the log written before. (a) reads the lines, (b) parses them and takes them
into the same tables in one process, (c) is `txplatform clickstream run --until-empty`; of (c) the
first batch, in which Spark and its workers start, is left out. Both results are checked against
plain Python; a run that differs has no figure.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pyarrow as pa

from txplatform.domains.clickstream.sources import event, event_log
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.stream import batch, parity, replaying
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.job import Job, job_of
from txplatform.platform import Platform, opened

EVENTS, ROWS = 300_000, 25_000


def batches(log: EventLog, rows: int) -> Iterator[list[event_log.Line]]:
    """The lines of a log in batches of so many rows."""
    start = log.beginnings()
    while (stop := event_log.limited(start, log.ends(), rows)) != start:
        yield [x for p in stop for part in log.read(p, start[p], stop[p]) for x in part]
        start = stop


def read_only(log: EventLog) -> float:
    """(a) Seconds to read every line."""
    began = time.perf_counter()
    for _ in batches(log, ROWS):
        pass
    return time.perf_counter() - began


def without_spark(log: EventLog, job: Job) -> float:
    """(b) Seconds to parse every line and take it into the tables, in one process."""
    terms = job.own.terms
    with closing(psycopg2.connect(job.address)) as connection:
        batch.prepare(connection)
        began = time.perf_counter()
        for lines in batches(log, ROWS):
            parsed = event.columns(lines, terms.currency)
            batch.process(connection, pa.Table.from_batches([parsed]), terms)
        return time.perf_counter() - began


def with_spark(job: Job) -> tuple[float, int]:
    """(c) Seconds from the end of the first batch to that of the last, and the lines in between."""
    ends: list[tuple[float, int]] = []

    def note(outcome: Outcome) -> None:
        ends.append((time.perf_counter(), outcome.read))

    job.run(is_until_empty=True, on_batch=note)
    return ends[-1][0] - ends[0][0], sum(read for _, read in ends[1:])


def require_exact(log: EventLog, job: Job) -> None:
    """Refuse to give a figure of wrong tables."""
    with closing(psycopg2.connect(job.address)) as connection:
        found = parity.compare(connection, log, job.own.terms)
    if found.n_different:
        raise SystemExit("\n".join(found.differences))


@contextmanager
def installation() -> Iterator[Platform]:
    """Servers of the benchmark's own, with a log in a folder."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(
            state_dir=Path(folder), mongo_uri=None, postgres_url=None, kafka_bootstrap=None
        ) as p,
    ):
        yield p


def measured(events: int) -> dict[str, float]:
    """Events a second of the three ways, and what Spark leaves of the way without it."""
    with installation() as platform:
        log, engine = log_of(platform.settings), platform.engine
        log.append(one.line for one in generated(Plan(events)))
        job, total = job_of(platform.settings, log), sum(log.ends().values())
        reading = read_only(log)
        replaying.forget(engine, job, log)
        plain = without_spark(log, job)
        require_exact(log, job)
        replaying.forget(engine, job, log)
        seconds, lines = with_spark(job)
        require_exact(log, job)
    rates = {"a": total / reading, "b": total / plain, "c": lines / seconds}
    return {"events": total, **rates, "c_of_b": rates["c"] / rates["b"]}


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    sys.stdout.write(json.dumps(measured(asked)) + "\n")
