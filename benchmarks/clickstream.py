"""Live events: reading alone, the same SQL without Spark, and the job; then how soon all is seen.

    python benchmarks/clickstream.py [--events 300000] [--log kafka|folder] [--seconds 30]
                                     [--pressure SECONDS]

One run, one machine, the log written before: (a) reads the lines, (b) parses them and takes them
into the same tables in one process, (c) is `txplatform clickstream run --until-empty`; of (c) the
first batch, in which Spark and its workers start, is left out. (b) and (c) count only if windows,
carts and counts are those that the generator counted. Above a million events there is (c) alone,
which counts if no event is lost, with CPU time and memory by tenths of the events. Then a shop of
500 events a second: seconds from the broker's timestamp until a page that looks every two seconds
shows an event. With --pressure a shop of three times what a job takes writes for so many seconds:
lag, batches and memory.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import clickstream_live
import psycopg2
import pyarrow as pa
from clickstream_place import Place, place
from job_watch import Looking, commits, course, speed
from measuring import keep, tell

from txplatform.domains.clickstream.commands.generating import write
from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources import event, event_log
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.stream import batch, parity, replaying
from txplatform.domains.clickstream.stream.job import Job, job_of

EVENTS, ROWS, COUNTED = 300_000, 25_000, 1_000_000
LEAST = 2 * ROWS
TOLD_SECONDS, TOLD_LINES = 30.0, 1_000_000


def batches(log: EventLog, rows: int) -> Iterator[list[event_log.Line]]:
    """The lines of a log in batches of so many rows."""
    start = log.beginnings()
    while (stop := event_log.limited(start, log.ends(), rows)) != start:
        yield [x for p in stop for part in log.read(p, start[p], stop[p]) for x in part]
        start = stop


def read_only(log: EventLog) -> float:
    """(a) Lines a second, read and nothing else."""
    began, lines = time.perf_counter(), sum(map(len, batches(log, ROWS)))
    return lines / (time.perf_counter() - began)


def without_spark(log: EventLog, job: Job) -> float:
    """(b) Lines a second, parsed and taken into the tables in one process; first batch aside."""
    terms, ends = job.own.terms, list[tuple[float, int]]()
    with closing(psycopg2.connect(job.address)) as connection:
        batch.prepare(connection)
        for lines in batches(log, ROWS):
            parsed = event.columns(lines, terms.currency)
            batch.process(connection, pa.Table.from_batches([parsed]), terms)
            ends.append((time.perf_counter(), len(lines)))
    return sum(n for _, n in ends[1:]) / (ends[-1][0] - ends[0][0])


def with_spark(where: Place, job: Job, total: int) -> dict[str, Any]:
    """(c) The job as a process of its own: lines a second, memory, CPU; first batch aside."""
    process = where.command("run", "--until-empty")
    looking = Looking(job.address, job.log.topic, process.pid, where.server)
    looking.start()
    follow(process, looking, total)
    looking.end()
    seen, spent = commits(looking.looks), looking.cpu_seconds("server")
    return {
        "events_per_second": speed(seen),
        "first_tenth": speed(seen, 0.0, 0.1),
        "last_tenth": speed(seen, 0.9, 1.0),
        "job_mb": max(one.job for one in looking.weights),
        "postgres_mb": max(one.server for one in looking.weights),
        "job_cpu_seconds": looking.cpu_seconds("job"),
        "postgres_cpu_seconds": spent,
        "events_per_postgres_cpu_second": total / spent,
        **(course(looking.weights) if total >= COUNTED else {}),
    }


def follow(process: subprocess.Popen[bytes], looking: Looking, total: int) -> None:
    """Wait for the job's end, and say now and then how far it is."""
    while True:
        try:
            code = process.wait(TOLD_SECONDS)
        except subprocess.TimeoutExpired:
            lines = looking.looks[-1].lines if looking.looks else 0
            tell(f"{lines:,} of {total:,} lines, {looking.weights[-1].job:,.0f} MB.")
        else:
            break
    if code:
        raise SystemExit("The job failed.")


def require_exact(where: Place, own: ClickstreamSettings) -> None:
    """Refuse to give a figure of wrong tables."""
    truth = own.folder(where.platform.settings) / "truth.json"
    if truth.exists():
        told = parity.against_truth(where.platform.engine, json.loads(truth.read_bytes()))
        if wrong := [name for name, (right, stored) in told.items() if right != stored]:
            raise SystemExit(f"These are not what the generator counted: {', '.join(wrong)}.")
    if lost := status(where.platform.engine, own.topic).lost:
        raise SystemExit(f"{lost} events are lost.")


def throughput(where: Place, events: int) -> list[dict[str, Any]]:
    """The three ways, one after the other on the same lines."""
    settings = where.platform.settings
    own, log = settings.of(ClickstreamSettings), log_of(settings)
    plan, job = Plan(events, currency=own.currency), job_of(settings, log)
    if events <= COUNTED:
        write(log, plan, own.folder(settings))
    else:
        append(log, plan)
    total = sum(log.ends().values())
    tell(f"{total:,} lines are written.")
    found = list[dict[str, Any]]()
    if events <= COUNTED:
        found.append({"name": "a", "events_per_second": read_only(log)})
        found.append({"name": "b", "events_per_second": without_spark(log, job)})
        require_exact(where, own)
        replaying.forget(where.platform.engine, job, log)
    found.append({"name": "c", **with_spark(where, job, total)})
    require_exact(where, own)
    kind = "Kafka" if settings.kafka_bootstrap else "folder"
    return [{"log": kind, "events": total, **one} for one in found]


def append(log: EventLog, plan: Plan) -> None:
    """Write a plan's lines without counting what must come out."""
    rest, written = generated(plan), 0
    while part := [one.line for one in islice(rest, ROWS)]:
        log.append(part)
        written += len(part)
        if written % TOLD_LINES < len(part):
            tell(f"{written:,} lines so far.")


def main() -> None:
    """Measure, and keep what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--log", choices=("kafka", "folder"), default="kafka")
    parser.add_argument("--seconds", type=int, default=30, help="of a shop of 500 events a second")
    parser.add_argument("--pressure", type=int, default=0, help="seconds of a shop too large")
    arguments = parser.parse_args()
    if arguments.events < LEAST:
        parser.error(f"say {LEAST:,} events or more: the first batch of each way is left out")
    with place(arguments.log == "kafka") as where:
        found = throughput(where, arguments.events)
        if arguments.seconds:
            found.append(clickstream_live.latency(where, arguments.seconds))
        if arguments.pressure:
            found.append(clickstream_live.pressure(where, arguments.pressure))
    keep("clickstream", found)


if __name__ == "__main__":
    main()
