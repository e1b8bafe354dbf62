"""Splitting weeks into parts that fit into memory with the past that each of them needs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from txplatform.domains.spend import weeks
from txplatform.periods import WEEK
from txplatform.platform import Platform

DOCUMENTS_AT_ONCE = 1_000_000
"""About 200 MB as Arrow, and as much again in Spark's JVM of 1 GB."""


def batches(platform: Platform, wanted: Sequence[date], look_back: int) -> Iterator[Sequence[date]]:
    """The weeks in parts of neighbours, each small enough to be read at once with its past.

    Args:
        platform: where the documents are counted.
        wanted: Mondays, ascending, without a gap.
        look_back: calendar weeks that are read before a part's first one.
    """
    if len(wanted) == 1:
        return iter([wanted])
    first, parallel = wanted[0] - WEEK * look_back, platform.settings.mongo_parallel_reads
    measured = weeks.measure(platform.reading, first, wanted[-1], parallel)
    counts = {week: measure.document_count for week, measure in measured.items()}
    return split(counts, wanted, look_back)


def split(
    counts: Mapping[date, int],
    wanted: Sequence[date],
    look_back: int,
    at_most: int = DOCUMENTS_AT_ONCE,
) -> Iterator[Sequence[date]]:
    """Parts of which each reads `at_most` documents, or its look-back and half as many again.

    Without the second bound a year of more documents than `at_most` would be read for every
    single week.

    Args:
        counts: documents of each week, the look-back of the first one included.
        wanted: Mondays, ascending, without a gap.
        look_back: calendar weeks that are read before a part's first one.
        at_most: documents to read at once.
    """
    start = 0
    while start < len(wanted):
        past = sum(counts[wanted[start] - WEEK * back] for back in range(1, look_back + 1))
        room, end = max(at_most, past + past // 2) - past, start
        while end < len(wanted) and (end == start or counts[wanted[end]] <= room):
            room -= counts[wanted[end]]
            end += 1
        yield wanted[start:end]
        start = end
