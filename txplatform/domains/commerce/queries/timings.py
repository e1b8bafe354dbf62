"""How long the published lists take to be found, and the same tables to be read from the lake."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from time import perf_counter
from typing import NamedTuple

from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.queries import lists
from txplatform.domains.commerce.queries.lists import Wanted
from txplatform.domains.commerce.queries.published import LISTS, ROWS
from txplatform.platform import Platform

ROUNDS = 3
ROWS_OF_A_PAGE = 100
STORE, LAKE = "MongoDB", "lake"


class Timing(NamedTuple):
    """Milliseconds of several rounds, the first of which may find nothing warm."""

    path: str
    table: str
    place: str
    mean_ms: Decimal
    minimum_ms: Decimal
    maximum_ms: Decimal


def timings(platform: Platform, rounds: int = ROUNDS) -> list[Timing]:
    """Every published path measured now, the slowest first; then each table in the lake."""
    measured = sorted(_paths(platform, rounds), key=lambda one: (-one.mean_ms, one.path))
    return [*measured, *_tables(platform, rounds)]


def _paths(platform: Platform, rounds: int) -> Iterator[Timing]:
    database = platform.database
    for path, published in LISTS.items():
        wanted = Wanted(ROWS_OF_A_PAGE, 0, published.sort, published.only)
        yield _timed(
            (path, published.table, STORE),
            partial(lists.listing, database, published.table, wanted),
            rounds,
        )
    for path, name in ROWS.items():
        yield _timed((path, name, STORE), partial(lists.only, database, name), rounds)


def _tables(platform: Platform, rounds: int) -> Iterator[Timing]:
    lake = open_lake(platform.settings)
    current = lake.gold.current()
    for name in sorted(current.tables):
        yield _timed(("", name, LAKE), partial(lake.gold_table, name, current), rounds)


def _timed(what: tuple[str, str, str], call: Callable[[], object], rounds: int) -> Timing:
    taken = []
    for _ in range(rounds):
        begin = perf_counter()
        call()
        taken.append(round(Decimal((perf_counter() - begin) * 1_000), 2))
    return Timing(*what, round(sum(taken, Decimal(0)) / rounds, 2), min(taken), max(taken))
