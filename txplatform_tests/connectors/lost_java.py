"""Loses its own Java by kill -9 in the middle of a query, for a test: prints what was raised.

python -m txplatform_tests.connectors.lost_java
"""

import sys
import threading
import time

import psutil
from pyspark.sql import SparkSession

from txplatform.connectors import spark, spark_config
from txplatform.embedded.java import java_home
from txplatform.errors import ServerError
from txplatform.settings import load_settings

LONG = 10**13


def query(session: SparkSession) -> None:
    """A query that takes hours."""
    with spark.sized(session, 1):
        session.range(LONG).selectExpr("sum(id % 7)").toArrow()


def kill_java_soon() -> None:
    """Kill -9 of this process's Java, when the query is under way."""
    time.sleep(2)
    for process in psutil.Process().children(recursive=True):
        if process.name() == "java":
            process.kill()


def main() -> None:
    """Lose Java in the middle of a query, and ask it again."""
    settings = load_settings()
    session = spark.session(spark_config.session_config(settings), lambda: java_home(settings))
    threading.Thread(target=kill_java_soon).start()
    for _ in range(2):
        try:
            query(session)
        except ServerError as error:
            sys.stdout.write(f"{error}\n")


if __name__ == "__main__":
    main()
