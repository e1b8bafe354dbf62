"""Waiting for the moment at which a fault strikes, while a command is under way."""

import time
from collections.abc import Callable
from contextlib import suppress
from random import Random

import psycopg2

from txplatform_tests.faults.installation import World

LOCKED = """
    SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
    WHERE mode = 'RowExclusiveLock' AND relname = ANY(%s)"""
TABLES = {"writing": ["weekly_transactions"], "alerting": ["alerts", "alert_weeks"]}
POLL_SECONDS = 0.003
DRIFT_SECONDS = 0.02
TYPICAL = {
    "ingesting": 1.5,
    "withdrawing": 1.5,
    "computing": 2.0,
    "writing": 2.0,
    "alerting": 10.0,
    "deciding": 0.8,
}
"""What an operation took last time, in seconds; a moment lies somewhere before its end."""


def wait_for(
    moment: str,
    world: World,
    random: Random,
    is_over: Callable[[], bool],
    at_most: float = float("inf"),
) -> bool:
    """Wait for a moment of an operation; False if the operation was over first.

    Args:
        moment: of which kind.
        world: whose operation.
        random: draws the moment.
        is_over: whether the operation is.
        at_most: seconds that it takes, where it is quicker than a command.
    """
    if moment in TABLES and random.random() < 0.6:
        has_come = _wait_for_writing(TABLES[moment], world, is_over)
        time.sleep(random.uniform(0, DRIFT_SECONDS))
    else:
        has_come = _sleep(random.uniform(0.02, min(TYPICAL[moment], at_most)), is_over)
    return has_come and not is_over()


def learn(moment: str, seconds: float) -> None:
    """Remember what an undisturbed operation took."""
    TYPICAL[moment] = 0.9 * seconds


def _sleep(seconds: float, is_over: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_over():
            return False
        time.sleep(POLL_SECONDS)
    return True


def _wait_for_writing(tables: list[str], world: World, is_over: Callable[[], bool]) -> bool:
    session = world.postgres()
    try:
        with suppress(psycopg2.Error), session.cursor() as cursor:
            while not is_over():
                cursor.execute(LOCKED, (tables,))
                if cursor.fetchone() != (0,):
                    return True
                time.sleep(POLL_SECONDS)
        return False
    finally:
        session.close()
