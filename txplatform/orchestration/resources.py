"""Resources that every domain shares: the platform's servers, and Spark."""

from typing import Any

import dagster as dg
from dagster_pyspark import LazyPySparkResource
from pyspark.sql import SparkSession

from txplatform.connectors import spark, spark_config
from txplatform.embedded import jvm
from txplatform.embedded.connect import warm_remote
from txplatform.embedded.java import java_home
from txplatform.orchestration.io_managers import LakeIOManager
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform.settings.addresses import without_credentials
from txplatform.settings.logins import Component

SPARK_POOL = "spark"
"""Runs that compute at the same time are limited by this pool (see dagster.yaml)."""


class SparkResource(LazyPySparkResource):
    """The Spark session of the settings, opened when an asset first asks for it.

    That of a JVM of our own outlives the run: it takes seconds to start and serves the process's
    next runs. One of a Spark Connect server is given back, for the server would keep it.
    """

    state_dir: str

    def _init_session(self) -> None:
        if self._spark_session is None:
            settings = load_settings(state_dir=self.state_dir)
            warm = None if spark.has_own_jvm() else warm_remote(settings)
            config = spark_config.session_config(settings, warm)
            self._spark_session = spark.session(config, lambda: java_home(settings), jvm.variables)

    def open(self) -> SparkSession:
        """The session; whoever never calls this needs no Java."""
        session: SparkSession = self.spark_session
        return session

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Give the session of a Spark Connect server back."""
        if self._spark_session is not None and not spark.has_own_jvm():
            spark.give_back(self._spark_session)
            self._spark_session = None


def shared_resources(settings: Settings) -> dict[str, Any]:
    """The resources by key, for the servers and folders that the settings name."""
    platform = Platform(settings).acting(Component.COMPUTE)
    # Dagster shows a resource's configuration, and SPARK_REMOTE may hold a token.
    shown = {
        name: without_credentials(value)
        for name, value in spark_config.session_config(settings).items()
    }
    return {
        "platform": dg.ResourceDefinition.hardcoded_resource(
            platform, "MongoDB, PostgreSQL and the lake of this installation."
        ),
        "spark": SparkResource(spark_config=shown, state_dir=str(settings.state)),
        "lake": LakeIOManager(platform.lake),
    }
