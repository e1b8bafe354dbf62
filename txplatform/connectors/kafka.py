"""Kafka: a topic made by code, durable writes, and reads of exact ranges of offsets.

No consumer group: who reads keeps the positions, together with what came of them.
"""

import time
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata
from confluent_kafka.cimpl import NewTopic

from txplatform.errors import ServerError, SettingsError
from txplatform.settings import Settings
from txplatform.settings.logins import revealed

ANSWER_SECONDS, READ_SECONDS, WRITE_SECONDS = 10.0, 120.0, 120.0
PAUSE_SECONDS = 0.2
REFUSALS = (KafkaError._AUTHENTICATION, KafkaError._SSL)  # noqa: SLF001 - named so by the library
MESSAGES_AT_ONCE, BYTES_AT_ONCE = 5_000, 16 << 20
QUEUED = 50_000
"""Messages that a producer holds before it waits for the brokers."""
RETENTION_MS = 7 * 24 * 60 * 60 * 1000
TOPIC = {"retention.ms": str(RETENTION_MS), "message.timestamp.type": "LogAppendTime"}
"""The brokers' clock stamps messages: by that of their producers, old ones would be deleted as soon
as they are written, and one set wrong would let what comes from the future in."""

Config = tuple[tuple[str, Any], ...]
"""A client's configuration, hashable: clients are kept by it for as long as the process lives."""


class Written(NamedTuple):
    """A message to be written."""

    partition: int
    key: bytes
    timestamp_ms: int
    value: bytes


class Read(NamedTuple):
    """A message that was read."""

    offset: int
    timestamp_ms: int
    value: bytes


def configuration(bootstrap: str, **options: Any) -> Config:
    """A client's configuration for brokers at an address; it writes nothing to stderr."""
    return tuple(sorted({"bootstrap.servers": bootstrap, "log_level": 0, **options}.items()))


def configuration_of(settings: Settings) -> Config | None:
    """The configuration of the settings; None where they name no broker.

    Raises:
        SettingsError: a name without a password, or the other way round.
    """
    if not settings.kafka_bootstrap:
        return None
    options: dict[str, Any] = {"security.protocol": settings.kafka_protocol}
    if settings.kafka_authority:
        options["ssl.ca.location"] = str(settings.kafka_authority)
    if settings.kafka_protocol.startswith("SASL"):
        password = revealed(settings.kafka_password)
        if not settings.kafka_username or not password:
            raise SettingsError(
                f"TXPLATFORM_KAFKA_PROTOCOL={settings.kafka_protocol} takes both "
                "TXPLATFORM_KAFKA_USERNAME and TXPLATFORM_KAFKA_PASSWORD."
            )
        options["sasl.mechanism"] = settings.kafka_mechanism
        options["sasl.username"], options["sasl.password"] = settings.kafka_username, password
    return configuration(settings.kafka_bootstrap, **options)


def is_answering(config: Config) -> bool:
    """Whether a broker answers now."""
    try:
        return bool(AdminClient(_quiet(config)).list_topics(timeout=1.0).brokers)
    except KafkaException:
        return False


def ensure_topic(config: Config, topic: str, partitions: int) -> None:
    """Make a topic unless it is there.

    Raises:
        ServerError: no broker answers, or it refuses.
    """
    causes: list[KafkaError] = []
    options: dict[str, Any] = {**_quiet(config), "error_cb": causes.append}
    client: AdminClient | None = None
    try:
        client = AdminClient(options)
        known = _known(client, causes)
        if topic not in known.topics:
            new = NewTopic(topic, partitions, min(3, len(known.brokers)), config=TOPIC)
            client.create_topics([new])[topic].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            # "Broker transport failure" says nothing; what came before says what is wrong.
            if client:
                client.poll(0)
            raise _unusable(config, KafkaException(causes[0]) if causes else error) from None


def _known(client: AdminClient, causes: list[KafkaError]) -> ClusterMetadata:
    """What the brokers have; who is refused asks only once."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            return client.list_topics(timeout=1.0)
        except KafkaException:
            client.poll(0)
            is_refused = any(cause.code() in REFUSALS for cause in causes)
            if is_refused or time.monotonic() > deadline:
                raise


def offsets(config: Config, topic: str) -> dict[int, tuple[int, int]]:
    """Per partition, the first offset that is kept and the one that comes next.

    Raises:
        ServerError: no broker answers, or there is no such topic.
    """
    consumer, deadline = _consumer(config), time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            found = consumer.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic]
            return {p: _ends(consumer, topic, p) for p in sorted(found.partitions)}
        except KafkaException as error:  # also while a new topic has no leader yet
            if time.monotonic() > deadline:
                raise _unusable(config, error) from None
            time.sleep(PAUSE_SECONDS)


def _ends(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    place = TopicPartition(topic, partition)
    low, high = consumer.get_watermark_offsets(place, timeout=ANSWER_SECONDS, cached=False)
    return low, high


def read(config: Config, topic: str, partition: int, start: int, stop: int) -> Iterator[list[Read]]:
    """The messages from `start` up to, not including, `stop`, in order.

    Raises:
        ServerError: the broker does not deliver them.
    """
    consumer, deadline = _consumer(config), time.monotonic() + READ_SECONDS
    consumer.assign([TopicPartition(topic, partition, start)])
    try:
        while start < stop:
            messages = _without_errors(config, _consumed(consumer, stop - start))
            part = [one for one in messages if one.offset < stop]
            if part:
                start, deadline = part[-1].offset + 1, time.monotonic() + READ_SECONDS
                yield part
            elif messages or time.monotonic() > deadline:
                raise ServerError(
                    f"Kafka does not deliver offsets {start} to {stop - 1} of partition "
                    f"{partition} of {topic}: check its brokers and the topic's retention."
                )
    except KafkaException as error:
        raise _unusable(config, error) from None
    finally:
        consumer.unassign()


def _consumed(consumer: Consumer, most: int) -> Iterator[Message]:
    """Messages that came by now: at most so many, and few of large ones, for the memory's sake."""
    left, room = min(most, MESSAGES_AT_ONCE), BYTES_AT_ONCE
    while left > 0 and room > 0 and (some := consumer.consume(min(left, 250), timeout=1.0)):
        yield from some
        left -= len(some)
        room -= sum(len(one) for one in some)


def _without_errors(config: Config, messages: Iterable[Message]) -> list[Read]:
    found = []
    for message in messages:
        error = message.error()
        if error is not None and error.retriable() is False and error.fatal():
            raise _unusable(config, KafkaException(error))
        if error is None:
            value, offset = message.value(), message.offset()
            found.append(Read(offset or 0, message.timestamp()[1], bytes(value or b"")))
    return found


def write(config: Config, topic: str, messages: Iterable[Written]) -> None:
    """Write messages, each once and to all replicas; they are durable when this returns.

    Raises:
        ServerError: the brokers did not take all of them.
    """
    failures: list[str] = []

    def note(error: KafkaError | None, _: Message | None = None) -> None:
        if error is not None:
            is_missing = error.code() == KafkaError._UNKNOWN_PARTITION  # noqa: SLF001 - so named
            failures.append(f"{topic} has fewer partitions" if is_missing else error.str())

    producer = _producer(config)
    try:
        for message in messages:
            while len(producer) >= QUEUED:
                producer.poll(0.1)
            producer.produce(
                topic,
                message.value,
                message.key,
                message.partition,
                on_delivery=note,
                timestamp=message.timestamp_ms,
            )
            producer.poll(0)
    except KafkaException as error:
        note(error.args[0])
    if producer.flush(WRITE_SECONDS) or failures:
        reason = failures[0] if failures else "no answer"
        raise ServerError(
            f"Kafka did not take every message ({reason}): check its brokers, then write again."
        )


@cache
def _producer(config: Config) -> Producer:
    own = {"enable.idempotence": True, "acks": "all", "linger.ms": 20}
    return Producer({**_quiet(config), **own, "queue.buffering.max.messages": QUEUED * 2})


@cache
def _consumer(config: Config) -> Consumer:
    """The process's consumer: connecting anew for each batch would take longer than reading it."""
    own = {
        "group.id": "txplatform",  # asked for by the client, and not used: nothing is committed
        "enable.auto.commit": False,
        "auto.offset.reset": "error",
        "queued.max.messages.kbytes": 65_536,
        "fetch.wait.max.ms": 50,
    }
    return Consumer({**_quiet(config), **own})


def _quiet(config: Config) -> dict[str, Any]:
    return {**dict(config), "error_cb": lambda _: None}


def _unusable(config: Config, error: KafkaException) -> ServerError:
    reason = error.args[0].str().partition(" (after ")[0] if error.args else "no answer"
    return ServerError(
        f"Kafka at {dict(config)['bootstrap.servers']} cannot be used ({reason}): check that it "
        "runs and TXPLATFORM_KAFKA_BOOTSTRAP."
    )
