"""Two refreshes at once, and a run that is killed between its two copies: real faults, small."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from threading import Barrier

import pyarrow as pa

from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.computation.engines import DuckDB, Frame
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.errors import ServerError
from txplatform.platform import Platform
from txplatform.settings import child_environment, load_settings
from txplatform_tests.cli import commands
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written

KILLED_BETWEEN = """
import os, signal
from txplatform.domains.commerce.computation import refresh
from txplatform.platform import opened

with opened() as platform:
    with refresh.engine_of(platform) as engine:
        refresh.compute(platform, engine, None, "killed")
    refresh.copy_to_mongo(platform)
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Meeting(DuckDB):
    """DuckDB that begins to read when another run does too: both know the same last version."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self._barrier = barrier

    def read(self, paths: Sequence[Path], schema: pa.Schema) -> Frame:
        """Wait for the other, then read."""
        self._barrier.wait(30)
        return super().read(paths, schema)


def ingest(platform: Platform, folder: Path) -> None:
    """Two purchases of one customer."""
    clients = written(folder / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France")
    achats = written(folder / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse",
                     "2,1,2024-02-02,5.25,Phone")  # fmt: skip
    refresh.ingest(platform, [clients, achats], "clients_achats")


def test_of_two_refreshes_at_once_the_second_is_refused_and_says_so(tmp_path: Path) -> None:
    platform = Platform(load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake"))
    ingest(platform, tmp_path)
    barrier = Barrier(2)

    def compute(run_id: str) -> str:
        engine = Meeting(barrier)
        try:
            return refresh.compute(platform, engine, None, run_id).run_id
        except ServerError as error:
            return str(error)
        finally:
            engine.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(compute, ("one", "two")))

    gold = open_lake(platform.settings).gold
    (refused,) = (text for text in told if text not in ("one", "two"))
    assert refused.startswith("Another run has written the gold layer meanwhile")
    assert len(gold.history()) == gold.current().number == 1
    assert gold.current().run_id in told
    named = {file.name for files in gold.current().tables.values() for file in files}
    written_files = {name for name in gold.store.names("gold/") if name.endswith(".parquet")}
    assert written_files == named


def test_a_run_that_is_killed_between_its_copies_is_named_and_completed(
    installation: Platform, tmp_path: Path
) -> None:
    ingest(installation, tmp_path)
    variables = commands.variables_of(installation, installation.endpoints.dagster_postgres_url)

    killed = subprocess.run(
        [sys.executable, "-c", dedent(KILLED_BETWEEN)],
        env=child_environment(**variables),
        check=False,
        capture_output=True,
        cwd=tmp_path,
    )

    lake = open_lake(installation.settings)
    rows = refresh.Published(lake, lake.gold.current())
    assert killed.returncode == -signal.SIGKILL
    assert lake.gold.current().run_id == "killed"
    [difference, *_] = copies.differences(installation.database, installation.engine, rows)
    assert "rows and 0.00 in PostgreSQL" in difference

    refresh.copy_to_postgres(installation)

    assert list(copies.differences(installation.database, installation.engine, rows)) == []
