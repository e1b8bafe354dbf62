"""A log in a folder, for a machine without Kafka: one sub-folder per partition, JSON lines.

A segment is named after its first offset and the one after its last. It is written aside and
renamed into place when it is complete, so that a reader never sees half of one. The short ones that
a live shop leaves become long ones: every look at the log reads the names of all.
"""

import json
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
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
MOST_SHORT = 50
"""So many segments at the end of a partition become one, which is no longer than any."""


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
        segments = self._from(partition, start)
        while segments and start < stop:
            segment, *segments = segments
            try:
                lines = [x for x in self._lines(partition, segment) if start <= x.offset < stop]
            except FileNotFoundError:
                segments = self._from(partition, start)
                if segment in segments:  # else it became part of a long one meanwhile
                    raise SourceError(f"{segment.path} leads nowhere: restore it.") from None
                continue
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
            part = lines[at : at + SEGMENT_LINES]
            encoded = [_encoded(first + n, line) for n, line in enumerate(part, at)]
            self._write(partition, first + at, first + at + len(part), encoded)
        self._merge(partition)

    def _merge(self, partition: int) -> None:
        """Make one segment of the short ones at the end, once there are many."""
        segments = self._segments(partition)
        first = segments[-1].next - SEGMENT_LINES
        end = segments[bisect_left(segments, first, key=lambda segment: segment.first) :]
        if len(end) < MOST_SHORT:
            return
        parts = (segment.path.read_bytes() for segment in end)
        self._write(partition, end[0].first, end[-1].next, parts)
        for segment in end:
            segment.path.unlink()

    def _folder(self, partition: int) -> Path:
        return self.folder / str(partition)

    def _segments(self, partition: int) -> list[Segment]:
        """In their order, without those whose lines are in a longer one too."""
        folder, found = self._folder(partition), list[Segment]()
        try:
            with suppress(FileNotFoundError):
                found = [
                    _segment(path)
                    for path in folder.iterdir()
                    if path.suffix == SUFFIX and path.name[0] != "."
                ]
        except OSError as error:
            raise SourceError(f"{self.folder} cannot be read: {error.strerror}.") from None
        kept = list[Segment]()
        for segment in sorted(found, key=lambda one: (one.first, -one.next)):
            if not kept or segment.next > kept[-1].next:
                kept.append(segment)
        return kept

    def _from(self, partition: int, start: int) -> list[Segment]:
        """The segments from the one that holds an offset on."""
        segments = self._segments(partition)
        return segments[max(0, bisect_right(segments, start, key=lambda one: one.first) - 1) :]

    def _lines(self, partition: int, segment: Segment) -> Iterator[Line]:
        try:
            with segment.path.open("rb") as file:
                for text in file:
                    kept = json.loads(text)
                    value = kept["value"].encode("utf-8", "surrogateescape")
                    yield Line(partition, kept["offset"], kept["arrived_ms"], value)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise SourceError(
                f"{segment.path} is damaged ({error}): restore it from a copy."
            ) from None

    def _write(self, partition: int, first: int, following: int, parts: Iterable[bytes]) -> None:
        folder = self._folder(partition)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{first:020d}-{following:020d}{SUFFIX}"
        draft = folder / f".{name}.draft"
        with draft.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / name)
        _keep_names(folder)


def _segment(path: Path) -> Segment:
    return Segment(int(path.stem[:20]), int(path.stem[21:]), path)


def _keep_names(folder: Path) -> None:
    """Let a folder's names outlive a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _encoded(offset: int, line: NewLine) -> bytes:
    # Bytes that are no UTF-8 become lone surrogates, which JSON writes as escapes.
    value = line.value.decode("utf-8", "surrogateescape")
    content = {"offset": offset, "arrived_ms": line.arrived_ms, "key": line.key, "value": value}
    return json.dumps(content).encode() + b"\n"
