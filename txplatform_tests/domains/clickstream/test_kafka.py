"""The log in a real Kafka: the same lines as in a folder, a job over it, a broker that dies."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.cimpl import NewTopic
from pyspark.sql.streaming.datasource import ReadAllAvailable
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.connectors import kafka
from txplatform.domains.clickstream.sources import event
from txplatform.domains.clickstream.sources.event_log import NewLine, partition_of
from txplatform.domains.clickstream.sources.kafka import KafkaLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.sources.sample_truth import Truth
from txplatform.domains.clickstream.stream.source import LogReader, Reading
from txplatform.embedded import processes
from txplatform.errors import ServerError, SourceError
from txplatform.settings import child_environment
from txplatform_tests.domains.clickstream.brokers import Guarded
from txplatform_tests.domains.clickstream.jobs import (
    QUICK_JAVA,
    SECONDS,
    Installation,
    installation,
    killed_at_random,
)
from txplatform_tests.domains.clickstream.shop import compare, processed, rows
from txplatform_tests.domains.clickstream.test_parity import assert_is_truth

pytestmark = pytest.mark.kafka

MOST = str(2**63 - 1)
NOW_MS = int(time.time() * 1000)


@pytest.fixture
def log(broker: str, request: pytest.FixtureRequest) -> KafkaLog:
    """A topic of the test's own."""
    made = KafkaLog(kafka.configuration(broker), f"t-{abs(hash(request.node.name))}")
    made.create()
    return made


@pytest.fixture
def owner(broker: str) -> AdminClient:
    """Who may do with a topic whatever its owner may."""
    return AdminClient({"bootstrap.servers": broker})


def lines(count: int, key: str = "s-1") -> list[NewLine]:
    return [NewLine(key, NOW_MS + n, f"line {n}".encode()) for n in range(count)]


def test_lines_come_back_with_their_offsets_and_times(log: KafkaLog) -> None:
    log.append(lines(12_000))
    at = partition_of("s-1")

    assert log.ends()[at] == 12_000
    assert log.beginnings()[at] == 0
    found = [line for part in log.read(at, 3, 11_000) for line in part]
    assert [found[0].offset, found[-1].offset, len(found)] == [3, 10_999, 10_997]
    assert found[0].value == b"line 3"
    assert found[0].arrived_ms >= NOW_MS


def test_any_bytes_come_back_in_their_partition(log: KafkaLog) -> None:
    values = [b"\xff\x00", "é\n".encode(), b""]
    log.append(NewLine(f"k-{n}", NOW_MS, value) for n in range(40) for value in values)

    for partition, end in log.ends().items():
        found = [line.value for part in log.read(partition, 0, end) for line in part]
        keys = [n for n in range(40) if partition_of(f"k-{n}") == partition]
        assert found == values * len(keys)


@pytest.mark.parametrize("off_ms", [-400 * 24 * 3_600_000, 3_600_000])
def test_the_brokers_clock_stamps_what_arrives(log: KafkaLog, off_ms: int) -> None:
    log.append([NewLine("k", NOW_MS + off_ms, b"by another clock")])

    ((line,),) = log.read(partition_of("k"), 0, 1)
    assert abs(line.arrived_ms - time.time() * 1000) < 600_000


def test_a_producers_clock_may_say_anything(broker: str, owner: AdminClient) -> None:
    options = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": MOST}
    topic = NewTopic("by-producers", 4, 1, config=options)
    owner.create_topics([topic])[topic.topic].result(10)
    log, at = KafkaLog(kafka.configuration(broker), topic.topic), partition_of("k")
    log.append([NewLine("k", ms, b"no event") for ms in (1, int(MOST))])

    ((first, last),) = log.read(at, 0, 2)
    batch = event.columns([first, last], "EUR").to_pylist()
    assert [row["arrived_at"].year for row in batch] == [1970, 9999]


def test_a_topic_is_made_once_and_kept_for_a_week(log: KafkaLog, owner: AdminClient) -> None:
    log.create()

    assert log.ends() == {0: 0, 1: 0, 2: 0, 3: 0}
    asked = ConfigResource("topic", log.topic)
    (answer,) = owner.describe_configs([asked]).values()
    assert int(answer.result(10)["retention.ms"].value) == 7 * 24 * 3_600_000


def test_what_the_broker_no_longer_keeps_is_told(log: KafkaLog, owner: AdminClient) -> None:
    log.append(lines(9))
    at = partition_of("s-1")
    (answer,) = owner.delete_records([TopicPartition(log.topic, at, 4)]).values()
    assert answer.result(10).low_watermark == 4

    reader = LogReader(Reading(log, "EUR", {}, 100))
    begin = reader.initialOffset()
    assert begin == {str(p): 4 * (p == at) for p in range(4)}
    assert reader.latestOffset(begin, ReadAllAvailable())[str(at)] == 9
    with pytest.raises(SourceError, match=f"Lines 2 to 3 of partition {at}"):
        reader.latestOffset({**begin, str(at): 2}, ReadAllAvailable())


def test_what_the_broker_does_not_take_is_a_sentence(broker: str) -> None:
    config, topic = kafka.configuration(broker), "of-one-partition"
    kafka.ensure_topic(config, topic, 1)
    untaken = {(3, 1): f"{topic} has fewer partitions", (0, 2_000_000): ".*too large"}

    for (partition, size), reason in untaken.items():
        message = kafka.Written(partition, b"k", NOW_MS, b"x" * size)
        with pytest.raises(ServerError, match=rf"did not take every message \({reason}"):
            kafka.write(config, topic, [message])


def test_a_broker_that_does_not_answer_is_a_sentence() -> None:
    config = kafka.configuration(f"127.0.0.1:{processes.free_port()}")

    assert not kafka.is_answering(config)
    with pytest.raises(ServerError, match="cannot be used"):
        kafka.ensure_topic(config, "any", 1)


@pytest.fixture
def ours(
    tmp_path: Path, endpoints: embedded.Endpoints, engine: Engine, broker: str
) -> Installation:
    return installation(tmp_path, endpoints, engine, kafka_bootstrap=broker)


def test_a_job_is_exact_though_broker_and_job_are_killed(
    ours: Installation, running_broker: Guarded, engine: Engine
) -> None:
    """Three kills of the job, one of the broker under the first; Ctrl-C ends the last."""
    log, random = log_of(ours.settings), Random(7)  # noqa: S311 - repeatable, not secret
    truth = Truth(Plan(6_000, seed=21))
    log.append(one.line for one in truth.watch(generated(truth.plan)))
    survive_the_broker(ours, running_broker, engine)
    assert all(killed_at_random(ours, log, random) for _ in range(2))

    said = interrupted(ours, lambda: processed(engine) == sum(log.ends().values()))

    assert said.splitlines()[-1] == "Stopped; nothing is lost."
    assert "Traceback" not in said
    assert rows(engine, "SELECT stopped_at IS NOT NULL FROM clickstream.stream_jobs") == [(True,)]
    assert compare(engine, log).differences == []
    assert_is_truth(engine, truth.summary())


def survive_the_broker(ours: Installation, server: Guarded, engine: Engine) -> None:
    """A job goes on when its broker is killed and comes back, and is killed itself."""
    child = ours.start(**QUICK_JAVA)
    child.wait_for(lambda: processed(engine))
    broker = server.running()
    assert broker is not None
    broker.kill()
    before = processed(engine)
    time.sleep(3)
    server.ensure()
    child.wait_for(lambda: processed(engine) > before)
    child.kill()


def interrupted(ours: Installation, is_done: Callable[[], bool]) -> str:
    """Run the command until all is done, and end it as Ctrl-C does; what it said."""
    command = [sys.executable, "-m", "txplatform", "clickstream", "run"]
    environment = child_environment(**ours.variables, **QUICK_JAVA)
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert processes.wait_until(is_done, SECONDS)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert processes.wait_until(lambda: not any(map(processes.is_alive, family)), 20)
    return said


def test_a_broker_whose_port_was_taken_has_another(running_broker: Guarded) -> None:
    assert running_broker.port() != running_broker.taken
    assert kafka.is_answering(kafka.configuration(running_broker.bootstrap()))
