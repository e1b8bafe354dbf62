"""The log of one topic in Kafka; brokers at an address, with whatever they ask for to let us in."""

from collections.abc import Iterable, Iterator

from txplatform.connectors import kafka
from txplatform.domains.clickstream.sources.event_log import (
    PARTITIONS,
    Line,
    NewLine,
    Offsets,
    partition_of,
    require_contiguous,
)

LAST_MS = 253_402_300_799_999
"""The end of the year 9999: where producers stamp their messages, one may name any time."""


class KafkaLog:
    """The lines of a topic; Spark's workers connect for themselves."""

    def __init__(self, config: kafka.Config, topic: str) -> None:
        self.topic = topic
        self._config = config

    def beginnings(self) -> Offsets:
        """The first offset of each partition that is still kept."""
        return {p: first for p, (first, _) in kafka.offsets(self._config, self.topic).items()}

    def ends(self) -> Offsets:
        """The offset that the next line of each partition will get."""
        return {p: end for p, (_, end) in kafka.offsets(self._config, self.topic).items()}

    def read(self, partition: int, start: int, stop: int) -> Iterator[list[Line]]:
        """The lines from `start` up to, not including, `stop`.

        Raises:
            SourceError: an offset is missing.
            ServerError: the brokers do not deliver.
        """
        for messages in kafka.read(self._config, self.topic, partition, start, stop):
            lines = [
                Line(partition, one.offset, min(max(0, one.timestamp_ms), LAST_MS), one.value)
                for one in messages
            ]
            start = require_contiguous(self.topic, partition, start, lines)
            yield lines

    def append(self, lines: Iterable[NewLine]) -> None:
        """Write lines; they are durable when this returns."""
        messages = (
            kafka.Written(partition_of(one.key), one.key.encode(), one.arrived_ms, one.value)
            for one in lines
        )
        kafka.write(self._config, self.topic, messages)

    def create(self) -> None:
        """Make the topic unless it is there."""
        kafka.ensure_topic(self._config, self.topic, PARTITIONS)
