"""A job on a Spark cluster of two workers that read a Kafka; one is killed in the middle of it."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.embedded.java import java_home
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.domains.clickstream.jobs import QUICK_JAVA, Installation, installation
from txplatform_tests.domains.clickstream.shop import compare, processed
from txplatform_tests.end_to_end.spark_cluster import spark_cluster

pytestmark = pytest.mark.kafka

SECONDS = 180


@pytest.fixture
def ours(
    tmp_path: Path,
    endpoints: embedded.Endpoints,
    engine: Engine,
    broker: str,
    request: pytest.FixtureRequest,
) -> Installation:
    """An installation with a topic of the test's own."""
    topic = f"t-{abs(hash(request.node.name))}"
    return installation(tmp_path, endpoints, engine, topic, kafka_bootstrap=broker)


@pytest.fixture
def log(ours: Installation) -> EventLog:
    """Its topic with events in it."""
    found = log_of(ours.settings)
    found.append(one.line for one in generated(Plan(6_000, seed=31)))
    return found


def test_both_workers_read_partitions_and_the_tables_are_exact_though_one_is_killed(
    ours: Installation, log: EventLog, engine: Engine, tmp_path: Path
) -> None:
    with spark_cluster(tmp_path, java_home(ours.settings)) as cluster:
        child = ours.start(
            SPARK_MASTER=cluster.url,
            SPARK_LOCAL_IP="127.0.0.1",
            PYSPARK_PYTHON=sys.executable,
            PYTHONPATH=str(ROOT),
            **QUICK_JAVA,
        )
        child.wait_for(lambda: all(cluster.tasks()) and processed(engine))
        before = processed(engine)
        cluster.workers[0].kill()
        until(lambda: cluster.states() == ["ALIVE", "DEAD"], SECONDS, "the master's word")
        assert child.finish() == 0
        tasks = cluster.tasks()

    assert 0 < before < sum(log.ends().values()), "it was killed in the middle"
    assert all(tasks), f"tasks that each worker ran: {tasks}"
    assert processed(engine) == sum(log.ends().values())
    assert compare(engine, log, Terms(topic=log.topic)).differences == []
