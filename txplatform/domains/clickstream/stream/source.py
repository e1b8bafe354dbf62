"""The log as a source of Spark: which lines are next, and their columns, read in Spark's tasks.

PySpark's own classes are loaded here; the logs themselves know nothing of Spark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadLimit, ReadMaxRows
from pyspark.sql.types import StructType

from txplatform.domains.clickstream.sources import event
from txplatform.domains.clickstream.sources.event_log import (
    EventLog,
    Offsets,
    limited,
    read_back,
    require_kept,
    written,
)

FORMAT = "shop_events"


@dataclass
class Range(InputPartition):
    """Lines of one partition; what a task reads."""

    partition: int
    start: int
    stop: int


@dataclass(frozen=True)
class Reading:
    """What to read: the log, from where on if Spark remembers nothing, and how much at a time."""

    log: EventLog
    currency: str
    positions: Offsets
    rows: int


class LogReader(DataSourceStreamReader):
    """Plans batches by offsets; pickled into the tasks that read."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def initialOffset(self) -> dict[str, int]:  # noqa: N802 - PySpark's name
        """Where a query without a checkpoint begins: where PostgreSQL stands."""
        return written({**self.reading.log.beginnings(), **self.reading.positions})

    def getDefaultReadLimit(self) -> ReadLimit:  # noqa: N802 - PySpark's name
        """How many lines a batch takes at most."""
        return ReadMaxRows(self.reading.rows)

    def latestOffset(self, start: dict[str, int], limit: ReadLimit) -> dict[str, int]:  # noqa: N802 - PySpark's name
        """Where the next batch ends; SourceError if its lines are no longer kept."""
        begin, log = read_back(start), self.reading.log
        ends = log.ends()
        require_kept(log.topic, begin, log.beginnings(), ends)
        most = limit.max_rows if isinstance(limit, ReadMaxRows) else 1 << 60
        return written(limited(begin, ends, most))

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[Range]:
        """A task for each partition that has new lines."""
        begin, stop = read_back(start), read_back(end)
        ranges = (Range(p, begin.get(p, 0), at) for p, at in stop.items())
        return [one for one in ranges if one.start < one.stop]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The lines of a task as columns."""
        if not isinstance(partition, Range):
            raise TypeError("partitions() plans ranges only")
        reading = self.reading
        for lines in reading.log.read(partition.partition, partition.start, partition.stop):
            yield event.columns(lines, reading.currency)


def source_of(reading: Reading) -> type[DataSource]:
    """The class that Spark registers; it carries what to read, so that no option holds a secret."""

    class EventSource(DataSource):
        @classmethod
        def name(cls) -> str:
            return FORMAT

        def schema(self) -> str:
            return event.DDL

        def streamReader(self, schema: StructType) -> DataSourceStreamReader:  # noqa: ARG002, N802 - PySpark's
            return LogReader(reading)

    return EventSource
