"""The one interface of both logs: partitions of lines, each with an offset and an arrival time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol
from zlib import crc32

from txplatform.errors import SourceError

PARTITIONS = 4
LINES_AT_ONCE = 5_000
Offsets = dict[int, int]
"""By partition, the offset of the next line."""


class Line(NamedTuple):
    """One line of a log; `arrived_ms` is the broker's timestamp (milliseconds since 1970, UTC)."""

    partition: int
    offset: int
    arrived_ms: int
    value: bytes


class NewLine(NamedTuple):
    """A line that is not in a log yet; lines of one key stay in one partition, in order."""

    key: str
    arrived_ms: int
    value: bytes


class EventLog(Protocol):
    """What a log can do; a log can be pickled, since Spark's workers read it."""

    topic: str

    def beginnings(self) -> Offsets:
        """The first offset of each partition that is still kept."""

    def ends(self) -> Offsets:
        """The offset that the next line of each partition will get."""

    def read(self, partition: int, start: int, stop: int) -> Iterator[list[Line]]:
        """The lines from `start` up to, not including, `stop`; SourceError where one is missing."""

    def append(self, lines: Iterable[NewLine]) -> None:
        """Write lines; they are durable when this returns."""


def partition_of(key: str) -> int:
    """The partition of a key, the same for both logs and in every process."""
    return crc32(key.encode()) % PARTITIONS


def written(offsets: Mapping[int, int]) -> dict[str, int]:
    """Offsets as Spark keeps them: JSON knows no numbers as keys."""
    return {str(partition): offsets[partition] for partition in sorted(offsets)}


def read_back(offsets: Mapping[str, int]) -> Offsets:
    """Offsets out of Spark's form."""
    return {int(partition): int(offset) for partition, offset in offsets.items()}


def limited(start: Offsets, ends: Offsets, most: int) -> Offsets:
    """Offsets at most `most` lines after `start`, each partition advancing by its share of the lag.

    Equal shares would let a small partition run ahead in event time and the watermark wait.
    """
    lags = {p: max(0, end - start.get(p, 0)) for p, end in ends.items()}
    total = sum(lags.values())
    if total <= most:
        return {p: start.get(p, 0) + lag for p, lag in lags.items()}
    shares = {p: lag * most // total for p, lag in lags.items()}
    if not any(shares.values()):
        largest = max(lags, key=lambda p: lags[p])
        shares[largest] = min(most, lags[largest])
    return {p: start.get(p, 0) + share for p, share in shares.items()}


def require_kept(topic: str, start: Offsets, beginnings: Offsets, ends: Offsets) -> None:
    """Refuse to go on where the log forgot lines that were not processed, or was made anew.

    Raises:
        SourceError: the sentence names partition and offsets.
    """
    for partition, first in beginnings.items():
        if start.get(partition, 0) < first:
            raise SourceError(
                f"Lines {start.get(partition, 0)} to {first - 1} of partition {partition} of "
                f"{topic} were not processed and are no longer kept: restore them, or accept the "
                "loss by setting next_offset in clickstream.stream_positions and deleting the "
                "job's checkpoint, and lengthen the retention."
            )
    for partition, processed in start.items():
        if processed > (end := ends.get(partition, 0)):
            raise made_anew(
                f"Partition {partition} of {topic} ends at offset {end} and its lines up to "
                f"{processed} were processed"
            )


def made_anew(found: str) -> SourceError:
    """The error of a log that is not the one whose lines were processed."""
    return SourceError(
        f"{found}: the log was made anew or is another one; restore it, or begin with it from "
        "nothing (`txplatform clickstream replay`)."
    )


def require_contiguous(topic: str, partition: int, start: int, lines: Sequence[Line]) -> int:
    """The offset after `lines`, which must follow each other from `start` on.

    Raises:
        SourceError: an offset is missing or comes twice.
    """
    for line in lines:
        if line.offset != start:
            raise SourceError(
                f"Partition {partition} of {topic} has offset {line.offset} where {start} must "
                "come: the log is damaged; restore it, or replay from a copy."
            )
        start += 1
    return start
