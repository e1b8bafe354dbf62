"""The shop that is not there: events in the order in which they arrive, with their disorder.

Same seed, same bytes. What goes wrong on the way (late, twice, broken) is drawn here; what the
shoppers do is in `sample_shoppers.py`, what must come out of it in `sample_truth.py`.
"""

import heapq
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from math import inf
from random import Random
from typing import NamedTuple
from uuid import UUID

from txplatform.domains.clickstream.sources.event_log import (
    PARTITIONS,
    NewLine,
    partition_of,
)
from txplatform.domains.clickstream.sources.sample_shoppers import (
    HOUR_MS,
    MINUTE_MS,
    Act,
    Session,
    burst,
    sessions,
    written_time,
)

START_MS = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp() * 1000)
DISORDERED, LATE, TWICE, TWICE_LATE, BROKEN = 0.05, 0.005, 0.01, 0.1, 0.001
"""Shares: a minute or so behind, minutes behind, sent twice, of these much later, broken lines."""
FIVE_MS = 5 * MINUTE_MS
SILENT_AT, BURST_AT, MACHINE_AT = 0.5, 0.65, 0.85
"""Where in the whole span the three anomalies lie."""
BURST_SHARE = 0.4
CLOSING = "c-closing"
CLOSING_MS = 3 * HOUR_MS
BROKEN_LINES = (
    ("NOT_JSON", b"{'event_id': 'single quotes'}"),
    ("NOT_JSON", b'{"a": 1}{"a": 2}'),
    ("NOT_JSON", b'{"event_id": "cut'),
    ("MISSING_FIELD", b'{"event_id": "7b1ea1a4-55a2-4d3c-9b5c-0d8c1d9f6a11", "schema_version": 1}'),
    ("BAD_TEXT", b'{"event_id": "\xff\xfe"}'),
    ("NEWER_SCHEMA", b'{"schema_version": 2, "events": []}'),
)
BROKEN_FIELDS = (
    ("BAD_ID", {"event_id": "not-a-uuid"}),
    ("BAD_TYPE", {"type": "wish"}),
    ("BAD_AMOUNT", {"amount": "1e3"}),
    ("BAD_AMOUNT", {"amount": 12.5}),
    ("BAD_TIME", {"event_time": "0000-01-01T00:00:00.000Z"}),
    ("BAD_TEXT", {"product_id": "p\x00"}),
    ("FUTURE", {"event_time": "2099-12-31T00:00:00.000Z"}),
)


class Arrival(NamedTuple):
    """A line as it arrives; `act` is None for a broken one, whose rule is named instead."""

    arrived_ms: int
    number: int
    act: Act | None
    rule: str
    is_repeat: bool
    line: NewLine


class Anomaly(NamedTuple):
    """What was planted: the rule that must find it, its key and the start of its window."""

    rule: str
    key: str
    window_ms: int


class Plan(NamedTuple):
    """What shall be generated."""

    events: int
    seed: int = 1
    rate: float = 2.0
    start_ms: int = START_MS
    currency: str = "EUR"
    is_planted: bool = True
    lateness_ms: int = 2 * MINUTE_MS

    @property
    def span_ms(self) -> int:
        """How much event time the events take."""
        return int(self.events / self.rate * 1000)

    def window(self, share: float) -> int:
        """Start of the five-minute window at a share of the span."""
        return (self.start_ms + int(self.span_ms * share)) // FIVE_MS * FIVE_MS

    def anomalies(self) -> list[Anomaly]:
        """What is planted: nothing where the span is too short to know what is usual."""
        if not self.is_planted or self.span_ms < 5 * HOUR_MS:
            return []
        return [
            Anomaly("SILENCE", "view FR", self.window(SILENT_AT)),
            Anomaly("RATE", "view DE", self.window(BURST_AT)),
            Anomaly("VELOCITY", f"seed {self.seed}", self.window(MACHINE_AT)),
        ]


def shoppers(plan: Plan) -> Iterator[Session]:
    """All sessions of a plan in the order of their beginning, with those that were planted."""
    planted = sorted(_planted(plan), key=lambda session: session.acts[0].at_ms)
    silent = [a.window_ms for a in plan.anomalies() if a.rule == "SILENCE"]
    for one in sessions(plan.seed, plan.start_ms, plan.rate):
        while planted and planted[0].acts[0].at_ms <= one.acts[0].at_ms:
            yield planted.pop(0)
        acts = [act for act in one.acts if not _is_silenced(act, silent)]
        if acts:
            yield Session(acts, one.outcome)


def _is_silenced(act: Act, windows: list[int]) -> bool:
    is_of_key = act.type == "view" and act.country == "FR"
    return is_of_key and any(start <= act.at_ms < start + FIVE_MS for start in windows)


def _planted(plan: Plan) -> Iterator[Session]:
    random = Random(plan.seed + 1)
    for anomaly in plan.anomalies():
        if anomaly.rule == "RATE":
            for _ in range(int(plan.rate * 300 * BURST_SHARE / 2)):
                at = anomaly.window_ms + random.randrange(FIVE_MS - MINUTE_MS)
                yield burst(random, at, 2, 2_000, "DE")
        elif anomaly.rule == "VELOCITY":
            yield burst(random, anomaly.window_ms + 1_000, 40, 1_200, "ES")


def arrivals(plan: Plan, least: float = inf) -> Iterator[Arrival]:
    """Lines in the order of their arrival; no session begins once there are `least` of them."""
    random, waiting, numbers, made = Random(plan.seed + 2), list[Arrival](), count(), 0
    for one in shoppers(plan):
        while waiting and waiting[0].arrived_ms <= one.acts[0].at_ms:
            yield heapq.heappop(waiting)
        if made >= least:
            break
        for arrival in (sent for act in one.acts for sent in _sent(plan, random, act, numbers)):
            made += 1
            heapq.heappush(waiting, arrival)
    while waiting:
        yield heapq.heappop(waiting)


def generated(plan: Plan) -> Iterator[Arrival]:
    """The lines of a plan: as many as it says, and those that end the sessions begun by then.

    Hours after the last one, each partition gets one more, so that every cart falls due.
    """
    for arrival in arrivals(plan, plan.events - PARTITIONS):
        last_ms = arrival.arrived_ms
        yield arrival
    for partition in range(PARTITIONS):
        yield _closing(plan, partition, last_ms + CLOSING_MS + partition)


def _closing(plan: Plan, partition: int, at_ms: int) -> Arrival:
    session_id = next(s for n in count() if partition_of(s := f"closing-{n}") == partition)
    event_id = str(UUID(int=(plan.seed << 64) + partition, version=4))
    act = Act(event_id, at_ms, "view", CLOSING, session_id, "p-0000", 1, 0, "FR")
    line = NewLine(session_id, at_ms, json.dumps(_content(plan, act)).encode())
    return Arrival(at_ms, partition, act, "", False, line)


def _sent(plan: Plan, random: Random, act: Act, numbers: Iterator[int]) -> Iterator[Arrival]:
    arrived = act.at_ms + _delay_ms(random)
    value = json.dumps(_content(plan, act)).encode()
    yield Arrival(arrived, next(numbers), act, "", False, NewLine(act.session_id, arrived, value))
    if random.random() < TWICE:
        behind = 11 * MINUTE_MS if random.random() < TWICE_LATE else 0
        again = arrived + behind + random.randrange(1, MINUTE_MS)
        yield Arrival(again, next(numbers), act, "", True, NewLine(act.session_id, again, value))
    if random.random() < BROKEN:
        rule, value = _broken(plan, random, act)
        line = NewLine(act.session_id, arrived + 1, value)
        yield Arrival(arrived + 1, next(numbers), None, rule, False, line)


def _delay_ms(random: Random) -> int:
    drawn = random.random()
    if drawn < LATE:
        return random.randrange(3 * MINUTE_MS, HOUR_MS)
    if drawn < LATE + DISORDERED:
        return random.randrange(1_000, 100_000)
    return random.randrange(5, 200)


def _content(plan: Plan, act: Act) -> dict[str, object]:
    return {
        "event_id": act.event_id,
        "schema_version": 1,
        "event_time": written_time(act.at_ms),
        "type": act.type,
        "customer_id": act.customer_id,
        "session_id": act.session_id,
        "product_id": act.product_id,
        "quantity": act.quantity,
        "amount": f"{act.cents // 100}.{act.cents % 100:02d}",
        "currency": plan.currency,
        "country": act.country,
    }


def _broken(plan: Plan, random: Random, act: Act) -> tuple[str, bytes]:
    if random.random() < 0.5:
        return random.choice(BROKEN_LINES)
    rule, change = random.choice(BROKEN_FIELDS)
    return rule, json.dumps({**_content(plan, act), **change}).encode()
