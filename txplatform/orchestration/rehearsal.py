"""What a first run would be the first to do, done before it: Spark's first query takes seconds."""

from pyspark.sql import SparkSession

from txplatform import domains
from txplatform.connectors import spark, spark_config
from txplatform.embedded.connect import warm_remote
from txplatform.embedded.java import java_home
from txplatform.settings import load_settings

ROUNDS = 3


def rehearse() -> None:
    """Start the warm Spark if runs shall use it, and let every domain rehearse on it."""
    settings = load_settings()
    remote = warm_remote(settings)
    if remote is None:
        return
    config = spark_config.session_config(settings, remote)
    for _ in range(ROUNDS):
        session = spark.session(config, lambda: java_home(settings))
        compute(session)
        spark.give_back(session)


def compute(session: SparkSession) -> None:
    """Let a session compute what nobody keeps, for every domain that computes with Spark."""
    for part in domains.modules("rehearsal"):
        part.rehearse(session)
