"""Spark's configuration; apart from `spark.py` for who must not wait until PySpark is imported."""

from pathlib import Path

from txplatform.settings import Settings

PARTITIONS = "spark.sql.shuffle.partitions"
REMOTE = "spark.remote"
BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
MASTER = "spark.master"
ARROW_TABLES = {
    "spark.sql.execution.arrow.localRelationThreshold": "256k",
    BATCH_ROWS: "100000",
}
"""What is larger goes to Spark's tasks as it is, in batches. By default all below 48 MB becomes
rows in the plan, through which every rule of the optimiser walks, and Java objects for each task:
three times the work."""
OWN_JVM = {
    "spark.buffer.pageSize": "1m",
    "spark.sql.codegen.cache.maxEntries": "1000",
    "spark.sql.optimizer.inSetConversionThreshold": "0",
    "spark.sql.ui.explainMode": "simple",
}
"""For a JVM of 1 GB. Every join and every sum takes a page of it, by default 16 MB however few its
rows. The same query over other rows finds its compiled code again: there is room for all classes
of the largest (the alert rules have 130, Spark keeps 100), and lists of names stay outside of them.
And a plan is not written out twice for an interface that is off."""
JAVA_OPTIONS = "spark.driver.extraJavaOptions"
LOGGING = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}"
JVM_OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:MinHeapFreeRatio=15 -XX:MaxHeapFreeRatio=30"
)
"""The job lasts seconds: less compiling and a small collector halve a cold start. And the heap is
no larger than it must: by default it grows to the 1 GB that it may have, most of it garbage."""


def session_config(settings: Settings, warm_remote: str | None = None) -> dict[str, str]:
    """Spark's configuration for jobs of some hundred thousand groups, from the settings.

    Args:
        settings: name a master, or a Spark Connect server.
        warm_remote: address of a Spark Connect server to use where they name none.
    """
    shared = {
        "spark.app.name": "txplatform",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        PARTITIONS: "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        **ARROW_TABLES,
    }
    if remote := settings.spark_remote or warm_remote:
        return {REMOTE: remote, **shared}
    return {
        MASTER: settings.spark_master,
        **shared,
        **OWN_JVM,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1g",
        JAVA_OPTIONS: f"{JVM_OPTIONS} {LOGGING}",
    }
