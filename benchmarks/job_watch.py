"""A job looked at from outside: how far it is, and what it and PostgreSQL take of the machine."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from itertools import pairwise
from typing import NamedTuple

import psutil
import psycopg2

POSITIONS = "SELECT partition, next_offset FROM clickstream.stream_positions WHERE topic = %s"
LAG = "SELECT lag_events FROM clickstream.stream_jobs WHERE topic = %s"
LOOK_SECONDS, WEIGH_SECONDS = 0.1, 1.0


class Look(NamedTuple):
    """What PostgreSQL said at a moment (seconds since 1970)."""

    at: float
    positions: dict[int, int]
    lag: int

    @property
    def lines(self) -> int:
        """Lines processed."""
        return sum(self.positions.values())


def commits(looks: Sequence[Look]) -> list[Look]:
    """Of the looks, the first one after each commit."""
    pairs = zip([None, *looks], looks, strict=False)
    return [now for last, now in pairs if now.lines and (last is None or last.lines != now.lines)]


def speed(seen: Sequence[Look], first: float = 0.0, last: float = 1.0) -> float:
    """Lines a second between two shares of the work; the first commit aside, 0 for too few."""
    begin, end = (seen[int(share * (len(seen) - 1))] for share in (first, last))
    return (end.lines - begin.lines) / (end.at - begin.at) if end.at > begin.at else 0.0


class Weight(NamedTuple):
    """Memory in MB and CPU time of the job (driver, JVM, Python workers) and of PostgreSQL."""

    lines: int
    job: float
    server: float
    cpu_seconds: float


def course(weights: Sequence[Weight]) -> dict[str, list[float]]:
    """By tenths of the lines: CPU time of a thousand, and memory at most; the first batch aside."""
    most, parts = weights[-1].lines, list[list[Weight]]()
    for number in range(10):
        shares = (number / 10 * most, (number + 1) / 10 * most)
        parts.append([one for one in weights if one.lines and shares[0] <= one.lines <= shares[1]])
    return {
        "cpu_seconds_of_1000": [_cost(part) for part in parts],
        "memory_mb": [max((round(w.job + w.server) for w in part), default=0) for part in parts],
    }


def _cost(part: Sequence[Weight]) -> float:
    lines = part[-1].lines - part[0].lines if part else 0
    spent = part[-1].cpu_seconds - part[0].cpu_seconds if part else 0.0
    return round(1000 * spent / lines, 4) if lines else 0.0


def largest_step(seen: Sequence[Look]) -> int:
    """The most lines that one commit brought."""
    return max((now.lines - last.lines for last, now in pairwise(seen)), default=0)


class Looking(threading.Thread):
    """Looks at a job of a topic until it is told to stop."""

    def __init__(self, address: str, topic: str, job: int, server: int) -> None:
        super().__init__(daemon=True)
        self.looks: list[Look] = []
        self.weights: list[Weight] = []
        self._address, self._topic = address, topic
        self._families = {"job": psutil.Process(job), "server": psutil.Process(server)}
        self._cpu: dict[str, defaultdict[int, float]] = {
            name: defaultdict(float) for name in self._families
        }
        self._before = self._spent()
        self._is_over = threading.Event()

    def run(self) -> None:
        """Look, and weigh once a second."""
        with closing(psycopg2.connect(self._address)) as connection:
            connection.autocommit = True
            weighed = 0.0
            while not self._is_over.wait(LOOK_SECONDS):
                self._look(connection)
                if time.monotonic() - weighed > WEIGH_SECONDS:
                    weighed = time.monotonic()
                    job, server = self._weigh("job"), self._weigh("server")
                    spent = self.cpu_seconds("job") + self.cpu_seconds("server")
                    self.weights.append(Weight(self.looks[-1].lines, job, server, spent))

    def end(self) -> None:
        """Look no more."""
        self._is_over.set()
        self.join()

    def cpu_seconds(self, family: str) -> float:
        """CPU time of the job or of PostgreSQL since the start."""
        return sum(self._cpu[family].values()) - self._before[family]

    def _look(self, connection: psycopg2.extensions.connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute(POSITIONS, [self._topic])
            positions = dict(cursor.fetchall())
            cursor.execute(LAG, [self._topic])
            (lag,) = cursor.fetchone() or (0,)
        self.looks.append(Look(time.time(), positions, lag))

    def _weigh(self, name: str) -> float:
        total = 0
        for process in self._family(name):
            with suppress(psutil.Error):
                total += process.memory_full_info().pss
        self._spent(name)
        return total / (1 << 20)

    def _spent(self, *names: str) -> dict[str, float]:
        for name in names or self._families:
            for process in self._family(name):
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    self._cpu[name][process.pid] = times.user + times.system
        return {name: sum(spent.values()) for name, spent in self._cpu.items()}

    def _family(self, name: str) -> list[psutil.Process]:
        root = self._families[name]
        with suppress(psutil.Error):
            return [root, *root.children(recursive=True)]
        return []
