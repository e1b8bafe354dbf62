"""The log in a real Kafka: the same lines as in a folder, a job over it, a broker that dies."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.connectors import kafka
from txplatform.domains.clickstream.sources.event_log import NewLine, partition_of
from txplatform.domains.clickstream.sources.kafka import KafkaLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.embedded import processes
from txplatform.embedded.kafka import Kafka
from txplatform.errors import ServerError
from txplatform.settings import child_environment
from txplatform_tests.domains.clickstream.jobs import Installation, installation
from txplatform_tests.domains.clickstream.shop import compare, rows

pytestmark = pytest.mark.kafka

PROCESSED = "SELECT coalesce(sum(next_offset), 0)::integer FROM clickstream.stream_positions"
NOW_MS = int(time.time() * 1000)


@pytest.fixture
def log(broker: str, request: pytest.FixtureRequest) -> KafkaLog:
    """A topic of the test's own."""
    made = KafkaLog(kafka.configuration(broker), f"t-{abs(hash(request.node.name))}")
    made.create()
    return made


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


def test_a_topic_is_made_once(log: KafkaLog) -> None:
    log.create()

    assert log.ends() == {0: 0, 1: 0, 2: 0, 3: 0}


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
    ours: Installation, running_broker: Kafka, engine: Engine
) -> None:
    log, server = log_of(ours.settings), running_broker
    assert isinstance(log, KafkaLog)
    log.append(one.line for one in generated(Plan(3_000, seed=21)))
    child = ours.start()
    child.wait_for(lambda: rows(engine, PROCESSED)[0][0] > 0)

    process = server.running()
    assert process is not None
    process.kill()
    time.sleep(3)
    server.ensure()
    child.kill()

    assert ours.start().finish() == 0
    assert rows(engine, PROCESSED) == [(sum(log.ends().values()),)]
    assert compare(engine, log).differences == []


def test_ctrl_c_ends_a_run_with_a_sentence(ours: Installation, engine: Engine) -> None:
    log_of(ours.settings).append(one.line for one in generated(Plan(500, seed=22)))
    command = [sys.executable, "-m", "txplatform", "clickstream", "run"]
    process = subprocess.Popen(
        command, env=child_environment(**ours.variables), stderr=subprocess.PIPE, text=True
    )
    assert processes.wait_until(lambda: rows(engine, PROCESSED)[0][0] > 0, 120)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert said.splitlines()[-1] == "Stopped; nothing is lost."
    assert "Traceback" not in said
    assert processes.wait_until(lambda: not any(map(processes.is_alive, family)), 20)
    assert rows(engine, "SELECT stopped_at IS NOT NULL FROM clickstream.stream_jobs") == [(True,)]


def test_a_broker_whose_port_is_taken_takes_another(running_broker: Kafka) -> None:
    running_broker.stop()
    port = running_broker.record.port
    with socket.create_server(("127.0.0.1", port)):
        running_broker.ensure()
        assert running_broker.port() != port
        assert kafka.is_answering(kafka.configuration(running_broker.bootstrap()))
