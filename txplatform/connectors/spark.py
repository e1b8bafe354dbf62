"""The one place where a SparkSession is built: local, on a cluster, or over Spark Connect."""

import contextlib
import logging
import os
import re
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from txplatform.connectors.server_errors import chain
from txplatform.connectors.spark_config import BATCH_ROWS, MASTER, PARTITIONS, REMOTE
from txplatform.errors import ServerError
from txplatform.settings import exported

CONNECT_PORT = 15002
CONNECT_SECONDS = 3.0

LOSSES = frozenset({"ConnectionError", "Py4JNetworkError", "RetriesExceeded", "RpcError"})
UNAVAILABLE = re.compile(r"StatusCode\.(UNAVAILABLE|CANCELLED)|failed to connect|Socket closed")
DETAILS = re.compile('details = "([^";]+)')
"""What errors of a lost Spark are, and what those of its Connect client say."""

CLIENT_LOGGER = "pyspark.sql.connect.logging"
LONGEST_REASON = 200
RETRIES, LONGEST_PAUSE_MS = 6, 5_000
INTERPRETED_ROWS = 5_000
"""Some single week of a large company; above it compiled code is soon twice as fast."""

CORE_ROWS, PARTITION_ROWS = 25_000, 250_000
"""Rows that are worth another core, and another partition when there are no more cores: each
partition of a shuffle is as many files as there were before it."""

INTERPRETED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def session(
    config: Mapping[str, str],
    java_home: Callable[[], Path],
    begun: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda _: {},
) -> SparkSession:
    """The process's session for `config`; a JVM is started once and then reused.

    Args:
        config: as from `session_config`.
        java_home: finds Java; not called for Spark Connect, which needs none here.
        begun: variables in which PySpark finds a JVM for `config` that has been started already.

    Raises:
        ServerError: Spark Connect or the cluster does not answer, or Java cannot start.
    """
    if REMOTE in config:
        require_listening(config[REMOTE])
    logging.getLogger().addFilter(_is_not_of_a_lost_java)
    try:
        with exported(**_environment(config, java_home, begun)):
            builder = SparkSession.builder
            for key, value in config.items():
                builder = builder.config(key, value)
            made = builder.getOrCreate()
            if REMOTE in config:
                _limit_patience(made)
            return made
    except ServerError:
        raise
    except Exception as error:  # py4j, grpc and pyspark raise types of their own
        where = config.get(REMOTE) or config[MASTER]
        first_line = str(error).strip().split("\n", 1)[0]
        raise ServerError(f"Spark could not be started on {where}: {first_line}") from error


def _limit_patience(session: SparkSession) -> None:
    """Let a run wait some 15 s for a Connect server that is gone; its client would ten minutes."""
    from pyspark.sql.connect.client.retries import DefaultPolicy

    policy = DefaultPolicy(max_retries=RETRIES, max_backoff=LONGEST_PAUSE_MS)
    session.client.set_retry_policies([policy])
    # It logs every answer that does not come, beside raising it, and what it cannot give back to a
    # server that is gone; disabled by default, until somebody (Dagster) configures logging.
    logging.getLogger(CLIENT_LOGGER).setLevel(logging.CRITICAL)


def _is_not_of_a_lost_java(record: logging.LogRecord) -> bool:
    """Py4J logs the error of a lost Java beside raising it, stack trace and all."""
    return not str(record.msg).startswith("Exception while sending command")


def _environment(
    config: Mapping[str, str],
    java_home: Callable[[], Path],
    begun: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> dict[str, str | None]:
    """What Spark's launcher reads; not for longer, or the next one would take it for the user's."""
    if REMOTE in config:
        return {}
    # PySpark takes an empty SPARK_REMOTE for an address beside that of the master.
    variables: dict[str, str | None] = {"SPARK_REMOTE": None, **begun(config)}
    if len(variables) == 1:
        variables["JAVA_HOME"] = str(java_home())
    if config[MASTER].startswith("local"):
        # Otherwise Spark looks the host's name up, which a bare machine may not resolve.
        variables["SPARK_LOCAL_IP"] = "127.0.0.1"
        # Otherwise Spark's Python workers are whatever `python3` is on the path.
        variables["PYSPARK_PYTHON"] = sys.executable
    return variables


def frame(session: SparkSession, table: pa.Table) -> DataFrame:
    """A DataFrame of an Arrow table: the same over Spark Connect as in a JVM of our own."""
    # One chunk: PySpark 4.3 stops reading at an empty one, such as a silent year, and says
    # nothing. And with its types: over Connect a table without rows is refused otherwise.
    return session.createDataFrame(table.combine_chunks(), from_arrow_schema(table.schema))


def give_back(session: SparkSession) -> None:
    """End a session of a Spark Connect server, which would keep it; a lost server is let alone."""
    session.client.set_retry_policies([])
    session.stop()


@contextlib.contextmanager
def sized(session: SparkSession, rows: int) -> Iterator[None]:
    """Let queries over so many rows run with what suits them: few are not worth compiling for.

    Compiling takes a second of a new JVM's first query, and half a second of a Connect session's,
    however warm its server: what one session compiled, the next one does not find.

    Raises:
        ServerError: Spark was lost during the block, which uses nothing but Spark.
    """
    with told_in_a_sentence(), _suited(session, rows):
        yield


@contextlib.contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Turn the loss of Java, of its connection or of a Spark Connect server into a ServerError."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]")
            yield
    except Exception as error:
        if not _is_of_a_loss(error):
            raise
        details = DETAILS.search(str(error))
        reason = details[1] if details else str(error).strip().split("\n", 1)[0]
        raise ServerError(
            f"Spark was lost while it computed ({reason.rstrip('.')[:LONGEST_REASON]}): the same "
            "command finishes the work; if it is lost again, free memory or name another Spark "
            "(SPARK_REMOTE, SPARK_MASTER)."
        ) from None


def _is_of_a_loss(error: Exception) -> bool:
    kinds = {kind.__name__ for one in chain(error) for kind in type(one).__mro__}
    return not kinds.isdisjoint(LOSSES) or UNAVAILABLE.search(str(error)) is not None


@contextlib.contextmanager
def _suited(session: SparkSession, rows: int) -> Iterator[None]:
    options: dict[str, str] = {}
    if rows > CORE_ROWS:
        partitions = _partitions(session, rows)
        options = {PARTITIONS: str(partitions), BATCH_ROWS: str(ceil(rows / partitions))}
    elif rows <= INTERPRETED_ROWS:
        options = INTERPRETED
    before: dict[str, str | None] = {key: session.conf.get(key, None) for key in options}
    for key, value in options.items():
        session.conf.set(key, value)
    is_lost = False
    try:
        yield
    except Exception as error:
        is_lost = _is_of_a_loss(error)
        raise
    finally:
        # A server that is gone would be asked for as long again as its query was.
        for key, old in before.items() if not is_lost else ():
            session.conf.unset(key) if old is None else session.conf.set(key, old)


def _partitions(session: SparkSession, rows: int) -> int:
    cores = session.sparkContext.defaultParallelism if has_own_jvm() else os.cpu_count() or 1
    return min(ceil(rows / CORE_ROWS), max(cores, ceil(rows / PARTITION_ROWS)))


def has_own_jvm() -> bool:
    """Whether this process started Spark itself: its client cannot use a remote one then."""
    return SparkContext._active_spark_context is not None  # noqa: SLF001 - there is no other way


def require_listening(remote: str) -> None:
    """Check that a Spark Connect server listens: its client would retry for minutes.

    Raises:
        ServerError: nothing listens at the address of `remote` (sc://host:port).
    """
    address = urlsplit(remote)
    host, port = address.hostname or "localhost", address.port or CONNECT_PORT
    try:
        with contextlib.closing(socket.create_connection((host, port), CONNECT_SECONDS)):
            return
    except OSError as error:
        raise ServerError(
            f"No Spark Connect server answers at {host}:{port} ({error.strerror or error}): "
            "start it, or unset SPARK_REMOTE to compute on this machine."
        ) from None
