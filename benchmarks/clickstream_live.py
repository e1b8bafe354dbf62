"""A job and a shop in real time: how soon an event is seen, and what too many of them do.

Used by `clickstream.py`.
"""

import statistics
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import Any

import psycopg2
from clickstream_place import Place
from job_watch import Look, Looking, commits, largest_step

from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, arrivals
from txplatform.domains.clickstream.stream import replaying
from txplatform.domains.clickstream.stream.job import job_of
from txplatform.settings import Settings

RATE, WRITE_SECONDS, REFRESH_SECONDS, PHASES = 500, 0.1, 2.0, 20
PRESSURE, MOST_ROWS = 3, 2_500
START_SECONDS, WARM_SECONDS, DRAIN_SECONDS = 300.0, 5.0, 1_800.0
ARRIVED = """
    SELECT partition, "offset", extract(epoch FROM arrived_at)::float8
    FROM clickstream.events WHERE topic = %s"""


@contextmanager
def running(where: Place, topic: str, **more: str) -> Iterator[Looking]:
    """A job over a topic that is still empty, looked at until the end."""
    variables = {"TXPLATFORM_CLICKSTREAM_TOPIC": topic, **more}
    settings = where.platform.settings.having(ClickstreamSettings, topic=topic)
    log = log_of(settings)
    replaying.forget(where.platform.engine, job_of(settings, log), log)
    process = where.command("run", **variables)
    looking = Looking(address(where), topic, process.pid, where.server)
    looking.start()
    try:
        yield looking
    finally:
        looking.end()
        process.terminate()
        process.wait()


@contextmanager
def shop(where: Place, topic: str, rate: int) -> Iterator[None]:
    """A shop that writes at its rate from the first second on, in a process of its own."""
    process = get_context("spawn").Process(
        target=write, args=(where.platform.settings, topic, rate), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def write(settings: Settings, topic: str, rate: int) -> None:
    """Write lines as a clock says, whatever their events' own times; the brokers stamp them."""
    log = log_of(settings.having(ClickstreamSettings, topic=topic))
    lines = (one.line for one in arrivals(Plan(0, rate=rate, is_planted=False)))
    began, written = time.monotonic(), 0
    while True:
        due = int(rate * (time.monotonic() - began)) - written
        log.append(islice(lines, due))
        written += due
        time.sleep(WRITE_SECONDS)


def wait_for_first(looking: Looking) -> None:
    """Wait until the first lines are processed."""
    deadline = time.monotonic() + START_SECONDS
    while not looking.looks or not looking.looks[-1].lines:
        if time.monotonic() > deadline:
            raise SystemExit("The job processes nothing.")
        time.sleep(0.1)


def latency(where: Place, seconds: float) -> dict[str, Any]:
    """From the broker's timestamp to the tables, and to a page that looks every two seconds."""
    topic = "benchmark-latency"
    with running(where, topic) as looking, shop(where, topic, RATE):
        wait_for_first(looking)
        time.sleep(WARM_SECONDS)
        began = time.time()
        time.sleep(seconds)
        until = time.time() - 2 * REFRESH_SECONDS
    with psycopg2.connect(address(where)) as connection, connection.cursor() as cursor:
        cursor.execute(ARRIVED, [topic])
        events = [one for one in cursor.fetchall() if began < one[2] < until]
    committed = sorted(waits(looking.looks, events))
    seen = [wait for phase in range(PHASES) for wait in _looked(looking.looks, events, phase)]
    figures = {"committed": committed, "seen": sorted(seen)}
    return {
        "name": "latency",
        "events": len(events),
        "rate": round(len(events) / (until - began)),
        **{
            f"{name}_p{percent}_s": found[int(len(found) * percent / 100)]
            for name, found in figures.items()
            for percent in (50, 95)
        },
        "job_mb": max(one.job for one in looking.weights),
    }


def address(where: Place) -> str:
    """PostgreSQL's address for a client."""
    settings = where.platform.settings
    return job_of(settings, log_of(settings)).address


def waits(looks: Sequence[Look], events: Sequence[tuple[int, int, float]]) -> Iterator[float]:
    """Seconds until a look finds each event processed; those that none finds are left out."""
    by_partition = {
        partition: [look.positions.get(partition, 0) for look in looks]
        for partition in {one[0] for one in events}
    }
    for partition, offset, arrived in events:
        at = bisect_left(by_partition[partition], offset + 1)
        if at < len(looks):
            yield looks[at].at - arrived


def _looked(
    looks: Sequence[Look], events: Sequence[tuple[int, int, float]], phase: int
) -> Iterator[float]:
    """The same for a page that looks every two seconds, beginning at some phase of them."""
    chosen, due = list[Look](), looks[0].at + phase * REFRESH_SECONDS / PHASES
    for look in looks:
        if look.at >= due:
            chosen.append(look)
            due += REFRESH_SECONDS
    return waits(chosen, events)


def pressure(where: Place, seconds: float) -> dict[str, Any]:
    """A shop of three times what a job takes: lag, batches, memory, and how long until it is over.

    The job is held to a batch of so many lines a second: on one machine a shop that writes three
    times what it could do at its best would take the cores that it needs.
    """
    topic, limit = "benchmark-pressure", {"TXPLATFORM_CLICKSTREAM_ROWS_PER_BATCH": str(MOST_ROWS)}
    with running(where, topic, **limit) as looking:
        with shop(where, topic, PRESSURE * MOST_ROWS):
            wait_for_first(looking)
            before, began = _written(where, topic), time.monotonic()
            time.sleep(seconds)
            rate = (_written(where, topic) - before) / (time.monotonic() - began)
        written, ended = _written(where, topic), time.monotonic()
        while looking.looks[-1].lines < written:
            if time.monotonic() - ended > DRAIN_SECONDS:
                raise SystemExit("The job does not catch up.")
            time.sleep(0.5)
        drained = time.monotonic() - ended
        time.sleep(2)
    middle = [one.job for one in looking.weights[len(looking.weights) // 4 :]]
    return {
        "name": "pressure",
        "events": written,
        "rate": round(rate),
        "seconds": seconds,
        "most_rows": MOST_ROWS,
        "largest_batch": largest_step(commits(looking.looks)),
        "most_lag_events": max(one.lag for one in looking.looks),
        "last_lag_events": looking.looks[-1].lag,
        "drain_seconds": drained,
        "job_mb": max(one.job for one in looking.weights),
        "job_mb_after_a_quarter": statistics.median(middle),
        "lost": status(where.platform.engine, topic).lost,
    }


def _written(where: Place, topic: str) -> int:
    settings = where.platform.settings.having(ClickstreamSettings, topic=topic)
    return sum(log_of(settings).ends().values())
