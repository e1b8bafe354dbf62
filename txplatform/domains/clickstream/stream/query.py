"""The one streaming query: Spark plans, reads, parses and recovers; PostgreSQL keeps the state.

No watermark and no state of Spark's: behind its watermark it drops rows without a trace.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from txplatform.connectors import spark
from txplatform.connectors.spark_config import JAVA_OPTIONS, LOGGING, REMOTE, session_config
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.ledger import Ledger
from txplatform.domains.clickstream.stream.source import FORMAT, Reading, source_of
from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.embedded.java import java_home
from txplatform.errors import PlatformError, ServerError, SourceError, UsageError
from txplatform.settings import Settings

QUERY_VERSION = 1
"""Of what Spark's checkpoint depends on: the source's name and the form of its offsets."""
QUERY_FILE = "query.json"
LONGEST_REASON = 300
SOURCE_ERROR = "txplatform.errors.SourceError"


def session(settings: Settings) -> SparkSession:
    """A Spark of its own for a job that runs for days.

    Raises:
        UsageError: the settings name Spark Connect, which runs no code of ours per batch.
    """
    if settings.spark_remote:
        raise UsageError(
            "The stream cannot run over Spark Connect: unset SPARK_REMOTE; SPARK_MASTER names a "
            "cluster to run on."
        )
    config = session_config(settings)
    config.pop(REMOTE, None)
    # The settings of short jobs compile little; here what is compiled pays off for days.
    config[JAVA_OPTIONS] = f"-XX:+UseSerialGC {LOGGING}"
    config |= {
        "spark.driver.memory": "768m",  # a batch takes little; the whole job below 1.5 GB
        "spark.sql.streaming.minBatchesToRetain": "10",
        "spark.sql.streaming.numRecentProgressUpdates": "10",
    }
    return spark.session(config, lambda: java_home(settings))


def require_same_query(checkpoint: Path, terms: Terms) -> None:
    """Refuse a checkpoint of another query; note in a new one which it belongs to.

    Raises:
        UsageError: the sentence says that the folder may go, since PostgreSQL knows the position.
    """
    ours: dict[str, Any] = {"version": QUERY_VERSION, **asdict(terms)}
    text = json.dumps(ours, default=str, sort_keys=True)
    file = checkpoint / QUERY_FILE
    is_new = not checkpoint.is_dir() or not any(checkpoint.iterdir())
    if is_new:
        checkpoint.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        raise UsageError(
            f"The checkpoint in {checkpoint} belongs to another query or other settings: if the "
            "lateness or the currency changed, run `txplatform clickstream replay`; else delete "
            "that folder, PostgreSQL knows where to go on."
        )


@dataclass(frozen=True)
class Plan:
    """What a query reads, where Spark remembers how far it came, and how often a batch starts."""

    reading: Reading
    checkpoint: Path
    trigger_seconds: float


@dataclass
class Work:
    """A running query and what became of its batches."""

    query: StreamingQuery
    error: PlatformError | None = None

    def raise_if_failed(self) -> None:
        """Raise what ended the query, as a sentence.

        Raises:
            PlatformError: that of a batch, or Spark's own first line.
        """
        if self.query.isActive:
            return
        if self.error is not None:
            raise self.error
        failure: StreamingQueryException | None = self.query.exception()
        if failure is None:
            return
        kind = SourceError if SOURCE_ERROR in str(failure) else ServerError
        raise kind(f"Spark ended the stream: {_reason(failure)}") from None


def start(
    session: SparkSession,
    ledger: Ledger,
    plan: Plan,
    on_batch: Callable[[Outcome], None],
) -> Work:
    """Start the query; `on_batch` is told of each batch after its commit."""
    session.dataSource.register(source_of(plan.reading))
    work: Work | None = None

    def take(rows: DataFrame, _: int) -> None:
        try:
            outcome = ledger.process(rows.toArrow())
        except PlatformError as error:
            if work is not None:
                work.error = error
            raise
        on_batch(outcome)

    writer = session.readStream.format(FORMAT).load().writeStream.foreachBatch(take)
    writer = writer.option("checkpointLocation", str(plan.checkpoint)).queryName("clickstream")
    pause = f"{round(plan.trigger_seconds * 1000)} milliseconds"
    work = Work(writer.trigger(processingTime=pause).start())
    return work


def _reason(failure: StreamingQueryException) -> str:
    """What our own code said, which Spark wraps in two stack traces."""
    lines = [line.strip() for line in str(failure).splitlines()]
    ours = [line for line in lines if "txplatform.errors." in line]
    line = ours[0].partition("Error: ")[2] if ours else next(filter(None, lines), "no reason")
    return line[:LONGEST_REASON]
