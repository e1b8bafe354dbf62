"""The warm Spark: the same rows as Spark in this process, and a server that comes and goes."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from txplatform import embedded
from txplatform.connectors import spark as connector
from txplatform.connectors import spark_config
from txplatform.domains.spend.transforms.weekly import weekly_transactions
from txplatform.embedded import processes
from txplatform.embedded.connect import TOKEN_VARIABLE, Connect, is_offered, keep_warm, warm_remote
from txplatform.embedded.idle import stop_when_idle
from txplatform.settings import Settings, child_environment, load_settings

IDLE_MINUTES = 0.02
SECONDS = 120
MONEY = pa.decimal128(18, 2)
FIRST, LAST = date(2024, 12, 30), date(2025, 1, 6)
SUMS = [
    # Monday, department, division, total, of it refunds, purchases
    (date(2024, 12, 23), "Parks", "Trees", "10.00", "0.00", 1),
    (date(2024, 12, 30), "Parks", "Trees", "0.30", "-0.01", 3),
    (date(2024, 12, 30), "Parks", "Paths", "0.60", "0.00", 1),
    (date(2024, 12, 30), "Roads", "(unknown)", "10000000000000.00", "0.00", 1),
    (date(2025, 1, 6), "Parks", "Trees", "-5.00", "-5.00", 1),
    (date(2025, 1, 6), "Roads", "Straße ☂", "0.01", "0.00", 1),
]


def table() -> pa.Table:
    """The sums as Arrow, as they come from MongoDB."""
    weeks, departments, divisions, totals, refunds, counts = zip(*SUMS, strict=True)
    return pa.table(
        {
            "week_start": pa.array(weeks),
            "department": departments,
            "division": divisions,
            "total_amount": pa.array(map(Decimal, totals), MONEY),
            "refund_amount": pa.array(map(Decimal, refunds), MONEY),
            "transaction_count": pa.array(counts, pa.int64()),
            "fingerprint": pa.array(counts, pa.int64()),
        }
    )


def rows(session: SparkSession, sums: pa.Table) -> list[dict[str, Any]]:
    """The weekly rows of some sums, with their types, in an order of their own."""
    computed = weekly_transactions(connector.frame(session, sums), FIRST, LAST).toArrow()
    keys = [("week_start", "ascending"), ("department", "ascending"), ("division", "ascending")]
    types = [{"type": str(field)} for field in computed.schema]
    return [*types, *computed.sort_by(keys).to_pylist()]


# Spark's client and Spark itself cannot live in one process: the client gets its own.
COMPUTE_OVER_CONNECT = f"""
from txplatform.connectors import spark, spark_config
from txplatform.embedded.connect import warm_remote
from txplatform.settings import load_settings
from {__name__} import rows, table
settings = load_settings(state_dir=__import__("sys").argv[1])
remote = warm_remote(settings)
session = spark.session(spark_config.session_config(settings, remote), lambda: None)
print([rows(session, sums) for sums in (table(), table()[:0])])
session.stop()
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A state folder whose runs use a warm Spark."""
    folder = tmp_path_factory.mktemp("warm")
    settings = load_settings(
        state_dir=folder, spark_idle_minutes=60, spark_remote=None, spark_master="local[*]"
    )
    keep_warm(settings)
    yield settings
    embedded.down(settings)


def client(settings: Settings, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that uses the warm Spark, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", script, str(settings.state)],
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_the_warm_spark_computes_the_same_rows(warm: Settings, spark: SparkSession) -> None:
    answer = client(warm, COMPUTE_OVER_CONNECT)

    assert answer.returncode == 0, answer.stderr
    here = [rows(spark, sums) for sums in (table(), table()[:0])]
    assert answer.stdout.strip() == str(here)
    assert len(here[0]) > len(here[1]) > 0


def server_of(settings: Settings) -> psutil.Process:
    """The process of the warm Spark, woken if it sleeps."""
    warm_remote(settings)
    process = Connect(settings).process()
    assert process is not None
    return process


def test_it_listens_on_loopback_only(warm: Settings) -> None:
    connections = server_of(warm).net_connections("tcp")
    listening = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}

    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}


def test_its_token_is_in_no_argument_and_its_file_is_private(warm: Settings) -> None:
    server = Connect(warm)
    token = server.secret_file(server.key)

    assert token.read_text(encoding="utf-8") not in " ".join(server_of(warm).cmdline())
    assert token.stat().st_mode & 0o077 == 0


def test_a_client_with_another_token_is_refused(warm: Settings) -> None:
    guess = f"from txplatform.settings import export; export({TOKEN_VARIABLE}='guessed')"

    answer = client(warm, COMPUTE_OVER_CONNECT.replace("session =", f"{guess}; session =", 1))

    assert answer.returncode != 0
    assert "UNAUTHENTICATED" in answer.stderr


def test_it_stops_when_nobody_uses_it_and_the_next_run_wakes_it(warm: Settings) -> None:
    slept = server_of(warm)

    stop_when_idle(warm.state, slept, Connect(warm).port(), IDLE_MINUTES)

    assert not processes.is_alive(slept)
    assert server_of(warm).pid != slept.pid


def test_somebody_watches_whether_it_is_used(warm: Settings) -> None:
    server = server_of(warm)
    watched = [str(warm.state), str(server.pid)]

    def watchers() -> list[str]:
        found = processes.search(lambda arguments: arguments[4:6] == watched)
        return [watcher.cmdline()[3] for watcher in found]

    assert processes.wait_until(lambda: watchers() == ["txplatform.embedded.idle"], SECONDS)


def test_after_kill_9_the_next_run_has_a_new_one(warm: Settings) -> None:
    killed = server_of(warm)
    killed.kill()
    assert processes.wait_until(lambda: not processes.is_alive(killed), SECONDS)

    assert server_of(warm).pid != killed.pid


COMPUTE_FEW_AND_MANY = """
from txplatform.connectors import spark, spark_config
from txplatform.embedded.connect import warm_remote
from txplatform.settings import load_settings
settings = load_settings(state_dir=__import__("sys").argv[1])
session = spark.session(spark_config.session_config(settings, warm_remote(settings)), lambda: None)
for rows in (spark.INTERPRETED_ROWS, spark.INTERPRETED_ROWS + 1):
    with spark.sized(session, rows):
        print(session.conf.get("spark.sql.codegen.factoryMode"))
spark.give_back(session)
"""


def test_a_week_is_not_compiled_for(warm: Settings) -> None:
    """Catches: half a second of compiling in every run, which no other session makes use of."""
    answer = client(warm, COMPUTE_FEW_AND_MANY)

    assert answer.stdout.split() == ["NO_CODEGEN", "FALLBACK"], answer.stderr


LOSE_IT = """
import logging.config
from txplatform.connectors import spark, spark_config
from txplatform.embedded.connect import Connect, warm_remote
from txplatform.errors import ServerError
from txplatform.settings import load_settings
spark.RETRIES, spark.LONGEST_PAUSE_MS = 2, 50
settings = load_settings(state_dir=__import__("sys").argv[1])
session = spark.session(spark_config.session_config(settings, warm_remote(settings)), lambda: None)
Connect(settings).process().kill()
logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})  # as Dagster does
logging.getLogger(spark.CLIENT_LOGGER).warning("ReleaseExecute failed")
try:
    with spark.sized(session, 1):
        session.range(3).toArrow()
except ServerError as error:
    print(error)
spark.give_back(session)
"""


def test_a_warm_spark_that_is_killed_is_told_in_a_sentence_and_soon(warm: Settings) -> None:
    """Catches: a client that asks for ten minutes, warns, and says five lines of gRPC."""
    answer = client(warm, LOSE_IT)

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("Spark was lost while it computed (failed to connect to all")
    assert len(answer.stdout.splitlines()) == 1
    assert connector.RETRIES * connector.LONGEST_PAUSE_MS <= 30_000


def test_down_stops_it_for_good(warm: Settings) -> None:
    stopped = server_of(warm)

    embedded.down(warm)

    assert not processes.is_alive(stopped)
    assert warm_remote(warm) is None


def test_no_run_asks_for_it_before_it_is_wanted(tmp_path: Path) -> None:
    assert warm_remote(load_settings(state_dir=tmp_path, spark_remote=None)) is None


@pytest.mark.parametrize(
    ("spark_remote", "spark_master", "minutes", "offered"),
    [
        (None, "local[*]", 60, True),
        (None, "local[2]", 60, True),
        ("sc://spark:15002", "local[*]", 60, False),
        (None, "spark://spark:7077", 60, False),
        (None, "local[*]", 0, False),
    ],
)
def test_it_is_offered_where_no_other_spark_is_named(
    tmp_path: Path, spark_remote: str | None, spark_master: str, minutes: float, *, offered: bool
) -> None:
    settings = load_settings(
        state_dir=tmp_path,
        spark_remote=spark_remote,
        spark_master=spark_master,
        spark_idle_minutes=minutes,
    )

    keep_warm(settings)

    assert is_offered(settings) == Connect(settings).mark.exists() == offered
    assert spark_config.REMOTE not in spark_config.session_config(settings) or spark_remote
