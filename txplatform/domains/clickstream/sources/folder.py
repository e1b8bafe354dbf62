"""A log in a folder, for a machine without Kafka: one sub-folder per partition, JSON lines.

A segment is named after its first offset and the one after its last. It is written aside and
renamed into place when it is complete, so that a reader never sees half of one.
"""

import json
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from txplatform.domains.clickstream.sources.event_log import (
    LINES_AT_ONCE,
    PARTITIONS,
    Line,
    NewLine,
    Offsets,
    partition_of,
    require_contiguous,
)
from txplatform.embedded.processes import locked
from txplatform.errors import SourceError

SUFFIX = ".jsonl"
SEGMENT_LINES = 20_000


class Segment(NamedTuple):
    """A complete file of a partition: the lines from `first` up to, not including, `next`."""

    first: int
    next: int
    path: Path


class FolderLog:
    """The log of one topic below a folder; several processes may read and write it."""

    def __init__(self, folder: Path, topic: str) -> None:
        self.topic = topic
        self.folder = folder.expanduser().resolve() / topic

    def beginnings(self) -> Offsets:
        """The first offset of each partition that is still kept."""
        return {p: kept[0].first if (kept := self._segments(p)) else 0 for p in range(PARTITIONS)}

    def ends(self) -> Offsets:
        """The offset that the next line of each partition will get."""
        return {p: kept[-1].next if (kept := self._segments(p)) else 0 for p in range(PARTITIONS)}

    def read(self, partition: int, start: int, stop: int) -> Iterator[list[Line]]:
        """The lines from `start` up to, not including, `stop`.

        Raises:
            SourceError: a segment is missing, damaged, or not to be read.
        """
        segments = self._segments(partition)
        position = max(0, bisect_right(segments, start, key=lambda segment: segment.first) - 1)
        for segment in segments[position:]:
            if start >= stop:
                return
            lines = [
                line for line in self._lines(partition, segment) if start <= line.offset < stop
            ]
            start = require_contiguous(self.topic, partition, start, lines)
            for at in range(0, len(lines), LINES_AT_ONCE):
                yield lines[at : at + LINES_AT_ONCE]
        if start < stop:
            raise SourceError(
                f"Partition {partition} of {self.topic} in {self.folder} ends at offset {start} "
                f"and {stop} was announced: restore its missing segments."
            )

    def append(self, lines: Iterable[NewLine]) -> None:
        """Write lines as new segments; they are durable when this returns.

        Raises:
            SourceError: the folder cannot be written to.
        """
        by_partition = sorted(
            ((partition_of(line.key), line) for line in lines), key=lambda pair: pair[0]
        )
        # Two shops that write at once would give the same offsets twice.
        try:
            with locked(self.folder / ".lock"):
                ends = self.ends()
                for partition, pairs in groupby(by_partition, key=lambda pair: pair[0]):
                    self._append(partition, ends[partition], [line for _, line in pairs])
        except OSError as error:
            raise SourceError(f"{self.folder} cannot be written: {error.strerror}.") from None

    def _append(self, partition: int, first: int, lines: list[NewLine]) -> None:
        for at in range(0, len(lines), SEGMENT_LINES):
            self._write(partition, first + at, lines[at : at + SEGMENT_LINES])

    def _folder(self, partition: int) -> Path:
        return self.folder / str(partition)

    def _segments(self, partition: int) -> list[Segment]:
        try:
            paths = sorted(self._folder(partition).glob(f"*{SUFFIX}"))
        except OSError as error:
            raise SourceError(f"{self.folder} cannot be read: {error.strerror}.") from None
        return [Segment(int(path.stem[:20]), int(path.stem[21:]), path) for path in paths]

    def _lines(self, partition: int, segment: Segment) -> Iterator[Line]:
        try:
            with segment.path.open("rb") as file:
                for text in file:
                    kept = json.loads(text)
                    value = kept["value"].encode("utf-8", "surrogateescape")
                    yield Line(partition, kept["offset"], kept["arrived_ms"], value)
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise SourceError(
                f"{segment.path} is damaged ({error}): restore it from a copy."
            ) from None

    def _write(self, partition: int, first: int, lines: list[NewLine]) -> None:
        folder = self._folder(partition)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{first:020d}-{first + len(lines):020d}{SUFFIX}"
        draft = folder / f".{name}.draft"
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(_encoded(first + n, line) for n, line in enumerate(lines))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / name)


def _encoded(offset: int, line: NewLine) -> str:
    # Bytes that are no UTF-8 become lone surrogates, which JSON writes as escapes.
    value = line.value.decode("utf-8", "surrogateescape")
    content = {"offset": offset, "arrived_ms": line.arrived_ms, "key": line.key, "value": value}
    return json.dumps(content) + "\n"
