"""A reader of `weekly_transactions` who never stops looking, at both isolation levels in turn."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import cycle
from typing import Any, NamedTuple

import psycopg2

from txplatform_tests.faults.installation import World

QUERY = """
    SELECT week_start, department, total_amount, transaction_count, department_amount, week_amount
    FROM weekly_transactions"""
LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
PAUSE_SECONDS = 0.06


class Seen(NamedTuple):
    """A row as the reader saw it."""

    week: Any
    department: str
    total: Decimal
    purchases: int
    of_department: Decimal
    of_week: Decimal


class Reader(threading.Thread):
    """Looks until it is stopped; what it sees of half a week is in `broken`."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self._world = world
        self._stopped, self._looking = threading.Event(), threading.Lock()
        self.looks = 0
        self.broken: list[str] = []
        self._weeks: set[object] = set()

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """The books begin again in the block: weeks may be missing afterwards that were there."""
        with self._looking:
            yield
            self._weeks = set()

    def take_broken(self) -> list[str]:
        """What was seen since the last time."""
        found, self.broken = self.broken, []
        return sorted(set(found))

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self.join(10)

    def run(self) -> None:
        """Look again and again; a server that is gone is looked for again."""
        while not self._stopped.is_set():
            try:
                self._look_until_lost()
            except Exception:  # noqa: BLE001 - a server that a fault has ended: the next look says
                time.sleep(0.1)

    def _look_until_lost(self) -> None:
        session = self._world.postgres()
        try:
            for level in cycle(LEVELS):
                if self._stopped.is_set():
                    return
                with self._looking:
                    self._look(session, level)
                time.sleep(PAUSE_SECONDS)
        finally:
            session.close()

    def _look(self, session: Any, level: str) -> None:
        with session.cursor() as cursor:
            cursor.execute(f"BEGIN ISOLATION LEVEL {level} READ ONLY")
            try:
                cursor.execute(QUERY)
                rows = [Seen(*row) for row in cursor]
            except psycopg2.errors.UndefinedTable:
                rows = []
            cursor.execute("ROLLBACK")
        self.looks += 1
        self._judge(rows)

    def _judge(self, rows: list[Seen]) -> None:
        """Note the weeks that are not whole, and those that are missing and were there."""
        by_week: dict[object, list[Seen]] = defaultdict(list)
        for row in rows:
            by_week[row.week].append(row)
        self.broken += [f"half of the week {week} was seen" for week in halves(by_week)]
        missing = self._weeks - by_week.keys()
        self.broken += [f"the week {week} was missing for a reader" for week in missing]
        self._weeks |= by_week.keys()


def halves(by_week: dict[object, list[Seen]]) -> list[object]:
    """The weeks whose rows do not add up to the totals that each of them carries."""
    found = []
    for week, rows in by_week.items():
        totals = {row.of_week for row in rows}
        departments: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            departments[row.department] += row.total
        is_whole = totals == {sum(row.total for row in rows)} and all(
            departments[row.department] == row.of_department for row in rows
        )
        if not is_whole:
            found.append(week)
    return found
