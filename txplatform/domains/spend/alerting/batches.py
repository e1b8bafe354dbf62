"""Splitting weeks into parts that fit into memory."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from txplatform.domains.spend import weeks
from txplatform.platform import Platform

DOCUMENTS_AT_ONCE = 250_000
"""About 60 MB as Arrow, some copies of it, and as much again in Spark's JVM of 1 GB."""


def batches(
    platform: Platform, wanted: Sequence[date], at_most: int = DOCUMENTS_AT_ONCE
) -> Iterator[Sequence[date]]:
    """The weeks in parts of neighbours, each small enough to be read at once.

    Args:
        platform: where the documents are counted.
        wanted: Mondays, ascending, without a gap.
        at_most: documents of a part.
    """
    counts = {week: weeks.count(platform.reading, week, week) for week in wanted}
    return split(counts, wanted, at_most)


def split(
    counts: Mapping[date, int], wanted: Sequence[date], at_most: int
) -> Iterator[Sequence[date]]:
    """Parts of neighbours of `at_most` documents, or of a single week with more.

    Args:
        counts: documents of each week.
        wanted: Mondays, ascending, without a gap.
        at_most: documents to read at once.
    """
    start = 0
    while start < len(wanted):
        room, end = at_most, start
        while end < len(wanted) and (end == start or counts[wanted[end]] <= room):
            room -= counts[wanted[end]]
            end += 1
        yield wanted[start:end]
        start = end
