"""The product: Spark warm, Spark started in the run, and the engine without Spark."""

from collections.abc import Callable
from datetime import date
from typing import Any

from txplatform.connectors import spark as spark_connector
from txplatform.connectors import spark_config
from txplatform.domains.spend import computation, measuring, planning, publishing
from txplatform.domains.spend.settings import SpendSettings
from txplatform.embedded.java import java_home
from txplatform.orchestration import rehearsal
from txplatform.periods import WEEK, mondays, ranges
from txplatform.platform import Platform


def session(platform: Platform) -> Any:
    """Spark as `up --ui` keeps it: started, and past its first queries."""
    opened = start(platform)
    for _ in range(rehearsal.ROUNDS):
        rehearsal.compute(opened)
    return opened


def start(platform: Platform) -> Any:
    """Spark in a JVM of this process."""
    config = spark_config.session_config(platform.settings)
    return spark_connector.session(config, lambda: java_home(platform.settings))


def run(platform: Platform, opened: Any) -> str:
    """The sums of a range of weeks, the engine, one transaction per week."""
    return _all_weeks(platform, lambda: opened)


def run_cold(platform: Platform, _: Any) -> str:
    """The same, and Spark starts within the time measured."""
    return _all_weeks(platform, lambda: start(platform))


def without_spark(platform: Platform) -> None:
    """Choose the engine of plain Python."""
    platform.settings = platform.settings.having(SpendSettings, engine="mongo")


def _all_weeks(platform: Platform, open_session: Callable[[], Any]) -> str:
    most = platform.settings.of(SpendSettings).weeks_per_run
    for first, last in ranges(planning.all_weeks(platform), WEEK, most):
        computed = computation.compute(platform, open_session, mondays(first, last))
        publishing.publish(platform.engine, computed, "benchmark")
    return "weekly_transactions"


def bare_group(platform: Platform, _: Any) -> str:
    """Not a rival: mongod's own part, the floor of every way that groups there."""
    first, last = measuring.span(platform.database) or (date.min, date.min)
    measuring.division_sums(platform.database, first, last, platform.settings.mongo_parallel_reads)
    return ""
